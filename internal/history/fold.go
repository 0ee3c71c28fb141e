package history

import (
	"context"
	"fmt"
	"math"
	"time"

	"belay/internal/db"
	"belay/internal/mail"
	"belay/internal/node"
)

// batch is mails that wait in the database to be folded in.
type batch struct {
	id    mail.ID
	deeds []*deed
}

const versionDeeds = 1

// encodeDeeds writes the mails of a batch.
func encodeDeeds(deeds []*deed) []byte {
	p := pen{b: []byte{versionDeeds}}
	p.number(len(deeds))
	for _, d := range deeds {
		p.text(string(d.encode()))
	}
	return p.b
}

func decodeDeeds(b []byte) ([]*deed, error) {
	e := eye{b: b}
	e.version(versionDeeds)
	var deeds []*deed
	for range e.length(1) {
		d, err := decodeDeed([]byte(e.text()))
		if err != nil {
			return nil, err
		}
		deeds = append(deeds, d)
	}
	return deeds, e.err()
}

const (
	foldPause  = time.Second
	sweepPause = time.Hour
	foldAtOnce = 64 // batches; most are of one mail

	foldAtOncePostgres = 500 // why it is more: see learnAtOnce
)

// Run folds in what was sent, and forgets what is too old, until ctx ends.
func (s *Store) Run(ctx context.Context) {
	tick := time.NewTicker(foldPause)
	defer tick.Stop()
	var swept time.Time
	for {
		if _, err := s.Fold(ctx); err != nil && ctx.Err() == nil && !db.IsUnavailable(err) {
			s.log.Warn("what was sent cannot be learned yet", "error", err)
		}
		if now := s.o.Now(); now.Sub(swept) >= sweepPause {
			swept = now
			if _, err := s.Sweep(ctx); err != nil && ctx.Err() == nil {
				s.log.Warn("what was learned long ago cannot be forgotten yet", "error", err)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Fold learns from everything that waits in this node's buckets, and says how
// many mails it were. Run calls it; it is here for tests and tools.
func (s *Store) Fold(ctx context.Context) (learned int, err error) {
	return s.fold(ctx, s.o.Buckets())
}

// foldAll is Fold for what waits in the buckets of other nodes as well.
func (s *Store) foldAll(ctx context.Context) error {
	_, err := s.fold(ctx, node.Range{From: 0, To: mail.Buckets})
	return err
}

func (s *Store) fold(ctx context.Context, of node.Range) (learned int, err error) {
	for {
		batches, err := s.waiting(ctx, of)
		if err != nil {
			return learned, fmt.Errorf("find what waits to be learned: %w", err)
		}
		if len(batches) == 0 {
			return learned, nil
		}
		if err := s.foldSome(ctx, batches); err != nil {
			return learned, fmt.Errorf("learn from what was sent: %w", err)
		}
		for _, b := range batches {
			learned += len(b.deeds)
		}
		s.changed()
	}
}

func (s *Store) waiting(ctx context.Context, of node.Range) (batches []batch, err error) {
	atOnce := foldAtOnce
	if s.db.Dialect() == db.Postgres {
		atOnce = foldAtOncePostgres
	}
	err = s.db.Read(ctx, func(tx db.Tx) error {
		batches = nil
		rows, err := tx.Query(ctx, sqlWaiting, of.From, of.To, atOnce)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var bucket int
			var id, deeds []byte
			if err := rows.Scan(&bucket, &id, &deeds); err != nil {
				return err
			}
			var b batch
			copy(b.id[:], id)
			if b.deeds, err = decodeDeeds(deeds); err != nil {
				// It would stand in the way of all behind it; nothing can be made of it.
				s.log.Error("something that was to be learned cannot be read; it is dropped", "error", err)
				b.deeds = nil
			}
			batches = append(batches, b)
		}
		return rows.Err()
	})
	return batches, err
}

func (s *Store) foldSome(ctx context.Context, batches []batch) error {
	if s.db.Dialect() != db.SQLite {
		return s.spread(ctx, batches)
	}
	return s.db.Write(ctx, 0, func(tx db.Tx) error {
		var deeds []*deed
		for _, b := range batches {
			n, err := tx.Exec(ctx, sqlDropWaiting, b.id.Bucket(), b.id[:])
			if err != nil {
				return err
			}
			if n > 0 {
				deeds = append(deeds, b.deeds...)
			}
		}
		_, err := s.learnIn(ctx, tx, deeds, math.MaxInt)
		return err
	})
}
