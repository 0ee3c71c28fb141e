package main

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"belay/internal/db"
	"belay/internal/mail"
)

// row is one row of a table that is copied.
type row []any

// multiply copies every author, and what lies around them, as often as it takes.
// It writes rows as package history lays them out.
func (w *world) multiply(ctx context.Context) error {
	if w.copies == 1 {
		return nil
	}
	profiles, err := w.rows(ctx, `SELECT author, rev, oldest, data FROM learned_profile ORDER BY author`, 4)
	if err != nil {
		return err
	}
	var copied []row
	put := func(table string, columns int, last bool) error {
		if len(copied) == 0 || !last && len(copied) < 2000 {
			return nil
		}
		err := w.write(ctx, table, columns, copied)
		copied = copied[:0]
		return err
	}
	for _, p := range profiles {
		n, there := slices.BinarySearch(w.names, p[0].(string))
		if !there || n%w.copies != 0 {
			continue
		}
		for k := 1; k < w.copies; k++ {
			author := w.name(n + k)
			copied = append(copied, row{home(author), author, p[1], p[2], p[3]})
			if err := put("learned_profile (bucket, author, rev, oldest, data)", 5, false); err != nil {
				return err
			}
		}
	}
	if err := put("learned_profile (bucket, author, rev, oldest, data)", 5, true); err != nil {
		return err
	}
	return w.around(ctx, put, &copied)
}

// around copies addresses, what finds them, and threads, ten times at most.
func (w *world) around(ctx context.Context, put func(table string, columns int, last bool) error, copied *[]row) error {
	copies := min(w.copies, 10)
	known, err := w.rows(ctx, `SELECT kind, name, oldest, data FROM learned_known ORDER BY kind, name`, 4)
	if err != nil {
		return err
	}
	const knownTable, nearTable, mailTable = "learned_known (bucket, kind, name, oldest, data)", "learned_near (bucket, hash, item)",
		"learned_mail (bucket, mark, writer, root, subject, at, data)"
	for k := 1; k < copies; k++ {
		for _, r := range known {
			n := fmt.Sprint("c", k, ".", r[1])
			*copied = append(*copied, row{home(n), r[0], n, r[2], r[3]})
			if err := put(knownTable, 5, false); err != nil {
				return err
			}
		}
	}
	if err := put(knownTable, 5, true); err != nil {
		return err
	}
	near, err := w.rows(ctx, `SELECT bucket, hash, item FROM learned_near`, 3)
	if err != nil {
		return err
	}
	for k := 1; k < copies; k++ {
		other := w.r.Int64()
		slices.SortFunc(near, func(a, b row) int { return cmp.Compare(a[1].(int64)^other, b[1].(int64)^other) }) // as the table lies
		for _, r := range near {
			*copied = append(*copied, row{r[0], r[1].(int64) ^ other, r[2]})
			if err := put(nearTable, 3, false); err != nil {
				return err
			}
		}
	}
	if err := put(nearTable, 3, true); err != nil {
		return err
	}
	mails, err := w.rows(ctx, `SELECT bucket, mark, writer, root, subject, at, data FROM learned_mail`, 7)
	if err != nil {
		return err
	}
	for k := 1; k < copies; k++ {
		other := w.r.Int64()
		for _, r := range mails {
			*copied = append(*copied, row{r[0], r[1].(int64) ^ other, r[2], r[3].(int64) ^ other, r[4].(int64) ^ other, r[5], r[6]})
			if err := put(mailTable, 7, false); err != nil {
				return err
			}
		}
	}
	return put(mailTable, 7, true)
}

// home is where package history has a record.
func home(key string) int { return mail.BucketOf(key) &^ 15 }

func (w *world) rows(ctx context.Context, query string, columns int) (all []row, err error) {
	err = w.db.Read(ctx, func(tx db.Tx) error {
		rows, err := tx.Query(ctx, query)
		if err != nil {
			return err
		}
		defer rows.Close()
		all, err = scan(rows, columns)
		return err
	})
	return all, err
}

func scan(rows *sql.Rows, columns int) (all []row, err error) {
	for rows.Next() {
		r, at := make(row, columns), make([]any, columns)
		for i := range r {
			at[i] = &r[i]
		}
		if err := rows.Scan(at...); err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	return all, rows.Err()
}

// write adds rows in one transaction.
func (w *world) write(ctx context.Context, table string, columns int, rows []row) error {
	return w.db.Write(ctx, 0, func(tx db.Tx) error {
		for some := range slices.Chunk(rows, 100) {
			values := strings.TrimSuffix(strings.Repeat("("+strings.TrimSuffix(strings.Repeat("?, ", columns), ", ")+"), ", len(some)), ", ")
			if _, err := tx.Exec(ctx, "INSERT INTO "+table+" VALUES "+values+" ON CONFLICT DO NOTHING", slices.Concat(some...)...); err != nil {
				return err
			}
		}
		return nil
	})
}
