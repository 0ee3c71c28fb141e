package queue

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"belay/internal/db"
	"belay/internal/history"
	"belay/internal/journal"
)

// Finish records what became of a job, together with the notices that follow
// from it (P3). There must be one result for every claimed delivery.
//
// While the database is not available Finish waits and tries again, until ctx
// ends: an outcome that nobody records would have to be called unknown, and the
// mail sent once more. It may be called again for the same job.
//
// ErrLost means that the deliveries are no longer this node's: another one took
// it for gone and took them over. Nothing of this job is recorded then. After
// any other error the deliveries stay "sending" until Finish is called again;
// where that never happens, they are taken over once this node has ended, as
// attempts with an unknown outcome.
func (q *Queue) Finish(ctx context.Context, job *Job, results []Result, follow ...*Follow) error {
	f, err := q.newFinish(job, results, follow)
	if err != nil {
		return fmt.Errorf("finish message %s: %w", job.Message.ID, err)
	}
	for pause := 100 * time.Millisecond; ; pause = min(2*pause, 5*time.Second) {
		err = q.db.Write(ctx, job.Message.ID.Bucket(), func(tx db.Tx) error { return f.run(ctx, tx) })
		if f.unlearned(err) {
			continue // at once: what was sent is worth more than what it teaches
		}
		if q.gaveUp(job.Message.ID, err) {
			f.bounced = nil
			continue
		}
		if err == nil || !db.IsUnavailable(err) || errors.Is(err, db.ErrClosed) {
			break
		}
		q.log.Warn("an outcome cannot be recorded yet", "message", job.Message.ID, "error", err)
		if !sleep(ctx, pause) {
			return fmt.Errorf("finish message %s: %w", job.Message.ID, err)
		}
	}
	if err == nil || errors.Is(err, ErrLost) {
		// Not after other errors: Run would take the deliveries for claimed by
		// nobody, and what may have been sent would be sent again as untried.
		job.landed.Do(func() { q.flying.end(job.Message.ID) })
	}
	if err != nil {
		return fmt.Errorf("finish message %s: %w", job.Message.ID, err)
	}
	q.nudge(f.earliest)
	return nil
}

// sleep waits and tells whether ctx let it.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// finish is the end of a job made ready for its transaction.
type finish struct {
	q        *Queue
	job      *Job
	now      time.Time
	ends     []end
	whole    bool // the job has all of the message's deliveries
	entries  []*journal.Row
	follow   []*insert
	earliest int64
	learn    []int    // positions of what was sent, where something is learned of it
	bounced  []string // addresses that do not exist, where that is learned
}

// end is what is written about one delivery.
type end struct {
	n, tries, left int // left: the number of tries that stays
	state          State
	due            int64
	attempt        string
}

func (q *Queue) newFinish(job *Job, results []Result, follow []*Follow) (*finish, error) {
	f := &finish{q: q, job: job, earliest: never, whole: len(job.Deliveries) == len(job.Message.Deliveries)}
	f.now, _ = q.time.now()
	if len(results) != len(job.Deliveries) {
		return nil, fmt.Errorf("%d results for %d deliveries", len(results), len(job.Deliveries))
	}
	byN := make(map[int]*Result, len(results))
	for i := range results {
		byN[results[i].N] = &results[i]
	}
	for _, d := range job.Deliveries {
		r := byN[d.N]
		if r == nil {
			return nil, fmt.Errorf("no result for delivery %d", d.N)
		}
		if !mayEnd(r.State) {
			return nil, fmt.Errorf("an attempt cannot leave delivery %d %s", d.N, r.State)
		}
		f.ends = append(f.ends, f.end(d, r))
	}
	f.learn, f.bounced = f.lesson(), f.bounces(byN)
	var err error
	if f.entries, err = f.journalEnds(byN); err != nil {
		return nil, err
	}
	for _, fo := range follow {
		if fo.Message.ID.Bucket() != job.Message.ID.Bucket() {
			return nil, fmt.Errorf("the notice %s is in another bucket", fo.Message.ID)
		}
		s, err := q.newInsert(fo.Message, fo.Body)
		if err != nil {
			return nil, err
		}
		f.follow = append(f.follow, s)
		f.earliest = min(f.earliest, s.earliest)
	}
	return f, nil
}

func (f *finish) end(d Delivery, r *Result) end {
	e := end{n: d.N, tries: d.Tries, left: d.Tries, state: r.State, due: f.now.UnixMicro()}
	if r.State.Waiting() {
		next := r.Next
		if next.IsZero() {
			next = f.now
		}
		e.due = f.q.time.toQueueAs(next, f.now)
		f.earliest = min(f.earliest, e.due)
	}
	if r.State == Ready {
		e.left--
		return e
	}
	e.attempt = encodeAttempt(Attempt{Started: f.job.Started, Ended: f.now,
		Node: f.job.node, Upstream: r.Upstream, Reply: r.Reply, queue: f.job.queue})
	return e
}

// journalEnds gives a line for what was sent and one for what failed.
func (f *finish) journalEnds(results map[int]*Result) ([]*journal.Row, error) {
	var entries []*journal.Row
	for _, state := range []State{Sent, Failed} {
		var positions []int
		var first *Result
		for _, e := range f.ends {
			if e.state == state {
				positions = append(positions, e.n)
				if first == nil {
					first = results[e.n]
				}
			}
		}
		if first != nil {
			row, err := journal.Prepare(f.job.Message.ID, f.now, journal.Entry{What: state.String(),
				Personal: map[string]string{"reply": first.Reply.String()}, // it often repeats the address
				Facts:    map[string]any{"recipients": positions, "upstream": first.Upstream}})
			if err != nil {
				return nil, err
			}
			entries = append(entries, row)
		}
	}
	return entries, nil
}

// run writes the end of the job. It may run more than once.
func (f *finish) run(ctx context.Context, tx db.Tx) error {
	id, bucket := f.job.Message.ID, f.job.Message.ID.Bucket()
	if !f.whole {
		// Another job may be settling the same message.
		if _, err := exists(ctx, tx, forUpdate(tx, sqlLockMessage), bucket, id[:]); err != nil {
			return err
		}
	}
	least := Sent
	for i, e := range f.ends {
		n, err := tx.Exec(ctx, sqlFinish, int(e.state), e.due, e.left, e.attempt,
			bucket, id[:], e.n, f.job.node, e.tries)
		if err != nil {
			return err
		}
		if n == 0 {
			return f.recorded(ctx, tx, i)
		}
		least = min(least, e.state)
	}
	if !f.whole {
		if err := tx.QueryRow(ctx, sqlLeast, bucket, id[:]).Scan(&least); err != nil {
			return err
		}
	}
	if err := settle(ctx, tx, id, least, f.now); err != nil {
		return err
	}
	for _, s := range f.follow {
		if err := s.run(ctx, tx); err != nil {
			return err
		}
	}
	for _, entry := range f.entries {
		if err := f.q.journal.Insert(ctx, tx, entry); err != nil {
			return err
		}
	}
	if len(f.bounced) > 0 {
		if err := f.q.teach(ctx, tx, history.Lesson{Kind: history.LessonBounced, Author: f.job.Message.Author, At: f.now}, id, f.bounced); err != nil {
			return err
		}
	}
	if len(f.learn) == 0 {
		return nil
	}
	if err := f.q.sent(ctx, tx, f.job.Message, f.learn); err != nil {
		return fmt.Errorf("%w: %w", errUnlearned, err)
	}
	return nil
}

// errUnlearned says that Options.Sent failed.
var errUnlearned = errors.New("learn what was sent")

// lesson gives the positions of what was sent, where something is learned of it.
func (f *finish) lesson() (positions []int) {
	if f.q.sent == nil || len(f.job.Message.Learn) == 0 {
		return nil
	}
	for _, e := range f.ends {
		if e.state == Sent {
			positions = append(positions, e.n)
		}
	}
	return positions
}

// unlearned tells whether recording failed only because nothing could be learned,
// and gives that up.
func (f *finish) unlearned(err error) bool {
	if !errors.Is(err, errUnlearned) || db.IsUnavailable(err) || db.IsUnknown(err) {
		return false
	}
	f.q.log.Warn("nothing is learned of a message that was sent", "message", f.job.Message.ID, "error", err)
	f.learn = nil
	return true
}

// recorded finds out why delivery i is not ours to end: because an earlier
// Finish, whose answer was lost, has recorded all this (nil), or because it was
// taken over (ErrLost). Any attempt that only that Finish can have written shows
// it: all of a job's ends are written in one transaction.
func (f *finish) recorded(ctx context.Context, tx db.Tx, i int) error {
	if i > 0 {
		return ErrLost // those before are still ours
	}
	for _, e := range f.ends {
		attempts, err := f.attempts(ctx, tx, e.n)
		if err != nil {
			return err
		}
		for _, a := range attempts {
			if a.Node == f.job.node && a.Started.Equal(f.job.Started) && a.Reply != Unknown {
				return nil
			}
		}
	}
	return ErrLost
}

// attempts reads those of one of the message's deliveries; none where it is gone.
func (f *finish) attempts(ctx context.Context, tx db.Tx, n int) ([]Attempt, error) {
	id := f.job.Message.ID
	var lines string
	err := tx.QueryRow(ctx, sqlAttempts, id.Bucket(), id[:], n).Scan(&lines)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return decodeAttempts(lines)
}
