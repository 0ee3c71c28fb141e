package budget

import (
	"context"
	"time"

	"belay/internal/db"
)

// bucket holds all rows: there is one for each node.
const bucket = 0

const (
	sqlCounts = `SELECT node, began, counts FROM question_strength WHERE bucket = $1`
	sqlPut    = `INSERT INTO question_strength (bucket, node, began, counts) VALUES ($1, $2, $3, $4)
		ON CONFLICT (bucket, node) DO UPDATE SET counts = excluded.counts`
)

func put(ctx context.Context, d *db.DB, node string, began time.Time, c *counts) error {
	return write(ctx, d, node, began, c.encode())
}

func write(ctx context.Context, d *db.DB, node string, began time.Time, counted []byte) error {
	return d.Write(ctx, bucket, func(tx db.Tx) error {
		_, err := tx.Exec(ctx, sqlPut, bucket, node, began.UnixMicro(), counted)
		return err
	})
}

func (b *Budget) save(ctx context.Context) error {
	b.mu.Lock()
	counted, began := b.mine.encode(), b.began
	b.mu.Unlock()
	return write(ctx, b.o.DB, b.o.Node, began, counted)
}

// load reads what others counted and past mail showed, and at the start what
// this node had counted itself.
func (b *Budget) load(ctx context.Context, start bool) error {
	rows := map[string]row{}
	if b.o.DB != nil {
		var err error
		if rows, err = all(ctx, b.o.DB); err != nil {
			return err
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.others = histogram{}
	for node, r := range rows {
		if r.began.Before(b.first) && node != learned {
			b.first = r.began
		}
		switch {
		case node == b.o.Node && start:
			b.mine, b.began = r.counts, r.began
		case node == b.o.Node:
		default:
			b.others.merge(&r.counts.now)
			b.others.merge(&r.counts.before)
			b.fitted = b.fitted || node == learned && r.counts.pool().total() > 0
		}
	}
	b.find()
	return nil
}

type row struct {
	began  time.Time
	counts counts
}

func all(ctx context.Context, d *db.DB) (map[string]row, error) {
	found := map[string]row{}
	err := d.Read(ctx, func(tx db.Tx) error {
		rows, err := tx.Query(ctx, sqlCounts, bucket)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var node string
			var began int64
			var raw []byte
			if err := rows.Scan(&node, &began, &raw); err != nil {
				return err
			}
			r := row{began: db.Time(began)}
			if err := r.counts.decode(raw); err != nil {
				return err
			}
			found[node] = r
		}
		return rows.Err()
	})
	return found, err
}
