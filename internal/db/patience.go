package db

import "time"

const (
	// longestWait bounds how long a batch waits for company.
	longestWait = 2 * time.Millisecond
	// crowdMemory is for how many batches a crowd is remembered, at least.
	crowdMemory = 16
)

// patience says how many operations a batch should have before it is worth a
// commit: as many as the largest of the latest. A commit costs the same however
// many share it, and a crowd loses nothing by a wait, since the others work
// meanwhile. Who is alone never waits.
type patience struct {
	now, before int // the largest batch of this stretch of batches, and of the one before
	n           int // batches in this stretch
}

// want is how many operations the next batch waits for.
func (p *patience) want() int { return max(p.now, p.before) }

// learn takes in the size of a batch.
func (p *patience) learn(size int) {
	p.now = max(p.now, size)
	if p.n++; p.n == crowdMemory {
		p.now, p.before, p.n = 0, p.now, 0
	}
}
