package history

import (
	"context"
	"fmt"

	"belay/internal/db"
)

// Size is how much is known.
type Size struct {
	Mails  int // of ours that were learned, those that the retention forgot too
	People int // of ours whose correspondence is known
}

const sqlPeople = `SELECT count(*) FROM learned_profile`

// Size counts what is known.
func (s *Store) Size(ctx context.Context) (Size, error) { return SizeOf(ctx, s.o.DB) }

// SizeOf counts what is known in a database that no Store is opened on.
func SizeOf(ctx context.Context, d *db.DB) (size Size, err error) {
	err = d.Read(ctx, func(tx db.Tx) error {
		if err := tx.QueryRow(ctx, sqlTotal).Scan(&size.Mails); err != nil {
			return err
		}
		return tx.QueryRow(ctx, sqlPeople).Scan(&size.People)
	})
	if err != nil {
		return Size{}, fmt.Errorf("count what was learned: %w", err)
	}
	return size, nil
}
