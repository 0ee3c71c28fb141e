package history

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"belay/internal/db"
	"belay/internal/mail"
)

const columns = "id, author, size, facts"

func insert(ctx context.Context, tx db.Tx, id mail.ID, author string, size int64, facts []byte) error {
	_, err := tx.Exec(ctx, `INSERT INTO observed (bucket, id, author, size, facts) VALUES ($1, $2, $3, $4, $5)`,
		id.Bucket(), id[:], author, size, string(facts))
	return err
}

func get(ctx context.Context, tx db.Tx, id mail.ID) (Observation, error) {
	seen, err := scan(tx.QueryRow(ctx, `SELECT `+columns+` FROM observed WHERE bucket = $1 AND id = $2`, id.Bucket(), id[:]))
	if errors.Is(err, sql.ErrNoRows) {
		return seen, fmt.Errorf("%s: %w", id, ErrNotFound)
	}
	return seen, err
}

func page(ctx context.Context, tx db.Tx, after mail.ID, limit int) ([]Observation, error) {
	rows, err := tx.Query(ctx, `SELECT `+columns+` FROM observed WHERE id > $1 ORDER BY id LIMIT $2`, after[:], limit)
	if err != nil {
		return nil, fmt.Errorf("list observed mail: %w", err)
	}
	defer rows.Close()
	var list []Observation
	for rows.Next() {
		seen, err := scan(rows)
		if err != nil {
			return nil, fmt.Errorf("list observed mail: %w", err)
		}
		list = append(list, seen)
	}
	return list, rows.Err()
}

func scan(row interface{ Scan(...any) error }) (seen Observation, err error) {
	var id []byte
	var facts string
	var author string
	var size int64
	if err := row.Scan(&id, &author, &size, &facts); err != nil {
		return seen, err
	}
	if err := json.Unmarshal([]byte(facts), &seen); err != nil {
		return seen, fmt.Errorf("read an observed mail: %w", err)
	}
	copy(seen.ID[:], id)
	seen.Author, seen.Size = author, size
	return seen, nil
}

// olderThan finds mails by their ids, which begin with the time.
func olderThan(ctx context.Context, tx db.Tx, before time.Time, limit int) ([]mail.ID, error) {
	first := firstID(before)
	rows, err := tx.Query(ctx, `SELECT id FROM observed WHERE id < $1 ORDER BY id LIMIT $2`, first[:], limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var ids []mail.ID
	for rows.Next() {
		var b []byte
		if err := rows.Scan(&b); err != nil {
			return nil, err
		}
		var id mail.ID
		copy(id[:], b)
		ids = append(ids, id)
	}
	return ids, rows.Err()
}

// firstID is not greater than any id made at or after t.
func firstID(t time.Time) mail.ID {
	id := mail.NewID(t.Truncate(time.Millisecond), 0)
	clear(id[6:])
	return id
}

func remove(ctx context.Context, tx db.Tx, id mail.ID) error {
	_, err := tx.Exec(ctx, `DELETE FROM observed WHERE bucket = $1 AND id = $2`, id.Bucket(), id[:])
	return err
}
