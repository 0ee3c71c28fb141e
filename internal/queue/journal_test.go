package queue

import (
	"testing"

	"belay/internal/db"
	"belay/internal/journal"
	"belay/internal/seal"
)

func newJournal(t testing.TB, d *db.DB, keys *seal.Keys) *journal.Journal {
	return journal.New(d, keys, journal.Options{})
}
