package journal

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"belay/internal/db"
)

const (
	sealEvery = 500 * time.Millisecond
	// blockEntries is how many entries one block binds at most.
	blockEntries = 4096
	// gapTime is how long a missing number is looked for. On PostgreSQL a
	// number is drawn before the commit, so a later one may show first; a
	// transaction that lives longer than this does not exist (the server ends
	// idle ones after a minute).
	gapTime = 10 * time.Minute
	gapStep = 200    // numbers in one statement
	maxGap  = 100000 // numbers that are looked for behind one another
)

// sealer is what is known of the end of the chain.
type sealer struct {
	mu     sync.Mutex
	loaded bool
	head   block               // the newest block, without its entries
	gaps   map[int64]time.Time // numbers below head's end that no block has, since when
	end    int64               // the greatest number in any block
}

// Run seals new entries until ctx ends, and once more then.
func (j *Journal) Run(ctx context.Context) {
	tick := time.NewTicker(sealEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 3*time.Second)
			defer cancel()
			j.tick(last)
			return
		case <-tick.C:
			j.tick(ctx)
		}
	}
}

func (j *Journal) tick(ctx context.Context) {
	if !j.options.Leader() {
		return
	}
	if err := j.Seal(ctx); err != nil && !db.IsUnavailable(err) && ctx.Err() == nil {
		j.options.Logger.Warn("the journal could not be sealed; it is tried again", "error", err)
	}
}

// Seal binds all entries that are in no block yet.
func (j *Journal) Seal(ctx context.Context) error {
	s := &j.sealer
	s.mu.Lock()
	defer s.mu.Unlock()
	for again := true; ; {
		n, err := j.sealBlock(ctx)
		if err != nil {
			// Another node may have sealed, or the outcome may be unknown: look
			// at the chain anew.
			s.loaded = false
			if again && ctx.Err() == nil {
				again = false
				continue
			}
			return fmt.Errorf("seal the journal: %w", err)
		}
		if n < blockEntries {
			return nil
		}
	}
}

// sealBlock makes one block, if there is something to bind, and gives the
// number of its entries.
func (j *Journal) sealBlock(ctx context.Context) (int, error) {
	s := &j.sealer
	if !s.loaded {
		if err := j.loadChain(ctx); err != nil {
			return 0, err
		}
	}
	rows, err := j.unsealed(ctx)
	if err != nil || len(rows) == 0 {
		return 0, err
	}
	now := j.options.Now()
	gaps, end := maps.Clone(s.gaps), s.end
	b := block{number: s.head.number + 1, at: db.Micros(now), previous: s.head.hash}
	b.entries = make([]byte, 0, len(rows)*entrySize)
	for i := range rows {
		seq := rows[i].seq
		delete(gaps, seq)
		for missing := max(end+1, seq-maxGap); missing < seq; missing++ {
			gaps[missing] = now
		}
		end = max(end, seq)
		b.add(&rows[i])
	}
	b.low = end + 1
	for seq, since := range gaps {
		if now.Sub(since) > gapTime {
			delete(gaps, seq)
		} else {
			b.low = min(b.low, seq)
		}
	}
	if b.previous == nil {
		b.previous = []byte{}
	}
	b.hash = b.sum()
	if b.signature, err = j.keys.Sign(b.hash); err != nil {
		return 0, err
	}
	err = j.db.Write(ctx, 0, func(tx db.Tx) error {
		// The number is the table's key: of two who seal at once, one fails.
		_, err := tx.Exec(ctx, sqlAddBlock, b.number, b.at, b.low, b.first, b.last, b.entries, b.previous, b.hash, b.signature)
		return err
	})
	if err != nil {
		return 0, err
	}
	b.entries = nil
	s.head, s.gaps, s.end = b, gaps, end
	return len(rows), j.noteHead(&b)
}

// loadChain reads the end of the chain from the database.
func (j *Journal) loadChain(ctx context.Context) error {
	s := &j.sealer
	last, err := j.lastBlock(ctx)
	if err != nil {
		return err
	}
	s.head, s.gaps, s.end = block{}, map[int64]time.Time{}, 0
	if last == nil {
		s.loaded = true
		return nil
	}
	sealed := map[int64]bool{}
	err = j.db.Read(ctx, func(q db.Tx) error {
		rows, err := q.Query(ctx, sqlOpenBlocks, last.low)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var entries []byte
			if err := rows.Scan(&entries); err != nil {
				return err
			}
			if err := seqs(entries, func(seq int64, _ []byte) { sealed[seq] = true }); err != nil {
				return err
			}
		}
		return rows.Err()
	})
	if err != nil {
		return fmt.Errorf("read the open blocks: %w", err)
	}
	s.end = last.low - 1
	for seq := range sealed {
		s.end = max(s.end, seq)
	}
	now := j.options.Now()
	for seq := max(last.low, s.end-maxGap); seq < s.end; seq++ {
		if !sealed[seq] {
			s.gaps[seq] = now
		}
	}
	s.head = *last
	s.head.entries = nil
	s.loaded = true
	return nil
}

// unsealed reads the entries that are in no block, up to blockEntries.
func (j *Journal) unsealed(ctx context.Context) ([]stored, error) {
	s := &j.sealer
	var found []stored
	err := j.db.Read(ctx, func(q db.Tx) error {
		found = found[:0]
		take := func(s *stored) error { found = append(found, *s); return nil }
		for gaps := range slices.Chunk(slices.Sorted(maps.Keys(s.gaps)), gapStep) {
			query, args := inList(gaps)
			rows, err := q.Query(ctx, query, args...)
			if err != nil {
				return err
			}
			if err := each(rows, take); err != nil {
				return err
			}
		}
		if len(found) >= blockEntries {
			return nil
		}
		rows, err := q.Query(ctx, sqlAfter, s.end, blockEntries-len(found))
		if err != nil {
			return err
		}
		return each(rows, take)
	})
	if err != nil {
		return nil, fmt.Errorf("read new journal entries: %w", err)
	}
	return found, nil
}

// inList is the statement for entries by their numbers.
func inList(numbers []int64) (string, []any) {
	var b strings.Builder
	b.WriteString("SELECT " + columns + " FROM journal WHERE seq IN (")
	args := make([]any, len(numbers))
	for i, n := range numbers {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, "$%d", i+1)
		args[i] = n
	}
	b.WriteString(") ORDER BY seq")
	return b.String(), args
}
