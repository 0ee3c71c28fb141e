package queue

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"belay/internal/body"
	"belay/internal/db"
)

// Claim takes due messages to be sent, at most limit (≤ 256), those that have
// waited longest first, and gives none where none is due. Their due deliveries
// are "sending" on stable storage before Claim returns; from then on a stop
// answers too-late (P2). Every job must come back through Finish.
//
// A claim that fails, or whose ctx ends, leaves nothing behind: what it may
// have marked is made ready again by Run within seconds.
func (q *Queue) Claim(ctx context.Context, limit int) ([]*Job, error) {
	q.claiming.Lock() // two claims at once would fight over the same rows
	defer q.claiming.Unlock()
	id := q.node.ID()
	if err := q.node.Fence(id); err != nil {
		return nil, fmt.Errorf("claim due deliveries: %w", err)
	}
	limit = min(limit, claimLimit)
	wall, now := q.time.now()
	d, err := q.dueMessages(ctx, now, limit)
	if err != nil {
		return nil, fmt.Errorf("claim due deliveries: %w", err)
	}
	jobs, err := q.claimAll(ctx, d.messages, claim{node: id, wall: wall, now: now})
	if err != nil {
		return nil, fmt.Errorf("claim due deliveries: %w", err)
	}
	for _, job := range jobs {
		job.ahead = d.ahead[job.Message.ID]
	}
	q.claimed(d.all)
	return jobs, nil
}

// claim is who claims, and when.
type claim struct {
	node string
	wall time.Time
	now  int64 // queue time
}

// duty is what a claim may take.
type duty struct {
	messages []*Message
	ahead    map[ID]*body.Ahead // the bodies of small ones
	all      bool               // that is all that is due
}

// dueMessages reads what a claim may take.
func (q *Queue) dueMessages(ctx context.Context, now int64, limit int) (d duty, err error) {
	err = q.db.Read(ctx, func(tx db.Tx) (err error) {
		d, err = q.readDue(context.WithoutCancel(ctx), tx, now, limit) // it is bounded, and cheaper unwatched
		return err
	})
	return d, err
}

func (q *Queue) readDue(ctx context.Context, tx db.Tx, now int64, limit int) (d duty, err error) {
	query := sqlDue + sqlMine(q.node.Buckets()) + " ORDER BY due LIMIT $2"
	found, err := refs(tx.Query(ctx, query, now, limit))
	if err != nil {
		return d, err
	}
	d = duty{ahead: map[ID]*body.Ahead{}, all: len(found) < limit}
	rows, octets := 0, int64(0)
	for _, r := range unique(found) { // several rows of one message
		if rows >= claimRows {
			d.all = false
			break
		}
		m, err := q.load(ctx, tx, r)
		if errors.Is(err, ErrNotFound) {
			continue
		}
		if err != nil {
			return d, err
		}
		d.messages = append(d.messages, m)
		rows += len(m.Deliveries)
		if m.Size <= aheadSize && octets+m.Size <= aheadTotal {
			octets += m.Size
			if d.ahead[m.ID], err = q.bodies.Peek(ctx, tx, m.ID); err != nil {
				return d, err
			}
		}
	}
	return d, nil
}

// claimAll claims message by message, each partition in a transaction of its
// own, several at a time. Jobs of one partition are returned even where another
// failed: they are committed.
func (q *Queue) claimAll(ctx context.Context, messages []*Message, c claim) ([]*Job, error) {
	parts := map[int][]*Message{}
	for _, m := range messages {
		p := partition(q.db.Dialect(), m.ID.Bucket())
		parts[p] = append(parts[p], m)
	}
	var (
		mu   sync.Mutex
		jobs []*Job
		errs []error
		wg   sync.WaitGroup
	)
	slots := make(chan struct{}, 8)
	for p, some := range parts {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			taken, err := q.claimSome(ctx, p, some, c)
			mu.Lock()
			defer mu.Unlock()
			jobs = append(jobs, taken...)
			if err != nil {
				errs = append(errs, err)
			}
		})
	}
	wg.Wait()
	if len(jobs) == 0 {
		return nil, errors.Join(errs...)
	}
	for _, err := range errs {
		q.log.Warn("some due deliveries could not be claimed", "error", err)
	}
	return jobs, nil
}

func (q *Queue) claimSome(ctx context.Context, part int, messages []*Message, c claim) ([]*Job, error) {
	for _, m := range messages {
		q.flying.begin(m.ID)
	}
	var jobs []*Job
	err := q.db.Write(ctx, part, func(tx db.Tx) error {
		jobs = make([]*Job, 0, len(messages))
		for _, m := range messages {
			job, err := claimOne(ctx, tx, m, c)
			if err != nil {
				return err
			}
			if len(job.Deliveries) > 0 {
				jobs = append(jobs, job)
			}
		}
		return nil
	})
	if err != nil {
		jobs = nil
	}
	for _, job := range jobs {
		q.flying.begin(job.Message.ID) // once more, for the job
	}
	for _, m := range messages {
		q.flying.end(m.ID)
	}
	return jobs, err
}

func claimOne(ctx context.Context, tx db.Tx, m *Message, c claim) (*Job, error) {
	rows, err := tx.Query(ctx, sqlClaim(tx.Dialect()), c.node, c.wall.UnixMicro(), m.ID.Bucket(), m.ID[:], c.now)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	job := &Job{Message: m, Started: c.wall, node: c.node, queue: c.now}
	for rows.Next() {
		var n, tries int
		if err := rows.Scan(&n, &tries); err != nil {
			return nil, err
		}
		d := m.Deliveries[n]
		d.State, d.Due, d.Tries = Sending, c.wall, tries
		job.Deliveries = append(job.Deliveries, d)
	}
	slices.SortFunc(job.Deliveries, func(a, b Delivery) int { return a.N - b.N })
	return job, rows.Err()
}

// Fence gives an error once this node's lease ran out: others may then believe
// that it is gone. The relay asks right before DATA and right before the final
// dot, and breaks the attempt off. The job still goes to Finish.
func (q *Queue) Fence(job *Job) error {
	if err := q.node.Fence(job.node); err != nil {
		return fmt.Errorf("send message %s: %w", job.Message.ID, err)
	}
	return nil
}

// Deadline is when the lease runs out (wall clock), zero where it never does: a
// connection that writes no later than that needs no fence between two bytes.
func (q *Queue) Deadline() time.Time { return q.node.Deadline() }

// flights are the messages that this process is claiming or sending, by how
// many jobs.
type flights struct {
	mu   sync.Mutex
	jobs map[ID]int
}

func (f *flights) begin(id ID) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.jobs[id]++
}

func (f *flights) end(id ID) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.jobs[id]--; f.jobs[id] <= 0 {
		delete(f.jobs, id)
	}
}

func (f *flights) has(id ID) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.jobs[id] > 0
}
