package db

import "sync/atomic"

type counter = atomic.Int64

// Stats counts what the database did since it was opened.
type Stats struct {
	Commits     int64 // transactions committed
	Operations  int64 // operations in them
	Retries     int64 // transactions that were rolled back and run again
	Checkpoints int64 // SQLite: passes that moved the write-ahead log into the file
}

// Stats gives the counters; Operations/Commits is the group commit's gain.
func (d *DB) Stats() Stats {
	return Stats{
		Commits:     d.stats.commits.Load(),
		Operations:  d.stats.operations.Load(),
		Retries:     d.stats.retries.Load(),
		Checkpoints: d.stats.checkpoints.Load(),
	}
}

type stats struct {
	commits, operations, retries, checkpoints counter
}
