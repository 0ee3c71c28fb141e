package history

import (
	"context"
	"database/sql"

	"belay/internal/db"
	"belay/internal/mail"
)

const (
	sqlRemember = `INSERT INTO rightful (bucket, author, recipient, code, actor, since) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT DO NOTHING`
	sqlSaidOne = `SELECT recipient, code FROM rightful WHERE bucket = $1 AND author = $2 AND recipient = $3`
	sqlSaidAll = `SELECT recipient, code FROM rightful WHERE bucket = $1 AND author = $2`
	sqlRights  = `SELECT recipient, code, actor, since FROM rightful WHERE bucket = $1 AND author = $2
		AND (recipient, code) > ($3, $4) ORDER BY recipient, code LIMIT $5`
	sqlForget = `DELETE FROM rightful WHERE bucket = $1 AND author = $2
		AND ($3 = '' OR recipient = $3) AND ($4 = '' OR code = $4)`
)

// saidOf gives the codes that are right, by recipient.
func saidOf(ctx context.Context, tx db.Tx, author string, keys []string) (map[string][]string, error) {
	said := map[string][]string{}
	bucket := mail.BucketOf(author)
	if len(keys) > few {
		return said, scanSaid(said)(tx.Query(ctx, sqlSaidAll, bucket, author))
	}
	for _, key := range keys {
		if said[key] != nil {
			continue // named twice
		}
		if err := scanSaid(said)(tx.Query(ctx, sqlSaidOne, bucket, author, key)); err != nil {
			return nil, err
		}
	}
	return said, nil
}

func scanSaid(said map[string][]string) func(*sql.Rows, error) error {
	return func(rows *sql.Rows, err error) error {
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var recipient, code string
			if err := rows.Scan(&recipient, &code); err != nil {
				return err
			}
			said[recipient] = append(said[recipient], code)
		}
		return rows.Err()
	}
}

func rightfulOf(ctx context.Context, tx db.Tx, author string, after Rightful, limit int) ([]Rightful, error) {
	rows, err := tx.Query(ctx, sqlRights, mail.BucketOf(author), author, after.Recipient, after.Code, limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []Rightful
	for rows.Next() {
		said := Rightful{Author: author}
		var since int64
		if err := rows.Scan(&said.Recipient, &said.Code, &said.By, &since); err != nil {
			return nil, err
		}
		said.Since = db.Time(since)
		list = append(list, said)
	}
	return list, rows.Err()
}
