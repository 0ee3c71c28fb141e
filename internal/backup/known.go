package backup

import (
	"context"
	"fmt"
	"strings"

	"belay/internal/db"
	"belay/internal/mail"
)

// knownStep is how many messages one statement asks for.
const knownStep = 200

// findKnown marks the archive's messages that the database has already.
func (r *restorer) findKnown(ctx context.Context) error {
	ids := make([]mail.ID, 0, len(r.messages))
	for id := range r.messages {
		ids = append(ids, id)
	}
	return r.db.Read(ctx, func(q db.Tx) error {
		tables, err := r.owners(ctx, q)
		if err != nil {
			return err
		}
		for _, table := range tables {
			for rest := ids; len(rest) > 0; {
				n := min(knownStep, len(rest))
				if err := r.findSome(ctx, q, table, rest[:n]); err != nil {
					return fmt.Errorf("look for messages that are here already: %w", err)
				}
				rest = rest[n:]
			}
		}
		return nil
	})
}

// owners are the tables whose rows others belong to.
func (r *restorer) owners(ctx context.Context, q db.Tx) ([]string, error) {
	tables, err := tablesOf(ctx, q)
	if err != nil {
		return nil, err
	}
	var found []string
	for _, table := range tables {
		columns, err := columnsOf(ctx, q, table)
		if err != nil {
			return nil, err
		}
		names := make([]string, len(columns))
		for i, c := range columns {
			names[i] = c.name
		}
		if owns(tableRecord{table, names}) {
			found = append(found, table)
		}
	}
	return found, nil
}

func (r *restorer) findSome(ctx context.Context, q db.Tx, table string, ids []mail.ID) error {
	var list []string
	var args []any
	key := "id"
	for i, id := range ids {
		if q.Dialect() == db.Postgres {
			key = "(bucket, id)"
			list = append(list, fmt.Sprintf("($%d, $%d)", 2*i+1, 2*i+2))
			args = append(args, id.Bucket(), id[:])
		} else {
			list = append(list, fmt.Sprintf("$%d", i+1))
			args = append(args, id[:])
		}
	}
	rows, err := q.Query(ctx, "SELECT id FROM "+quote(table)+" WHERE "+key+" IN ("+strings.Join(list, ", ")+")", args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var b []byte
		if err := rows.Scan(&b); err != nil {
			return err
		}
		if id, ok := idOf(b); ok && r.messages[id] {
			r.messages[id] = false
			r.result.Known++
		}
	}
	return rows.Err()
}
