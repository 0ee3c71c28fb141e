package queue

import (
	"context"
	"fmt"
	"time"

	"belay/internal/db"
	"belay/internal/journal"
)

const (
	// watchNodesPause is how often deliveries of gone nodes are looked for.
	watchNodesPause = 2 * time.Second
	// takeOverBatch is how many deliveries one look takes over.
	takeOverBatch = 1000
)

// Unknown is the reply of an attempt whose node went away before it recorded
// an outcome.
var Unknown = Reply{Text: "outcome unknown: the node that was sending went away"}

// watchNodes makes ready again what was being sent by nodes that are gone, and
// what this node claimed without ever learning of it.
func (q *Queue) watchNodes(ctx context.Context) {
	suspects := map[ID]bool{}
	for {
		more, err := q.takeOver(ctx, suspects)
		if err != nil && ctx.Err() == nil {
			q.log.Warn("deliveries of other nodes cannot be checked", "error", err)
		}
		if more {
			continue
		}
		if !sleep(ctx, watchNodesPause) {
			return
		}
	}
}

// takeOver looks once at what is being sent. Only what a gone node was sending
// is taken (P2): a node that is paused may wake and go on.
//
// suspects are messages that this node has in sending and does not know of;
// who is one at two looks in a row was claimed by a transaction whose answer
// was lost.
func (q *Queue) takeOver(ctx context.Context, suspects map[ID]bool) (more bool, err error) {
	senders, err := q.senders(ctx)
	if err != nil {
		return false, err
	}
	me := q.node.ID()
	for _, sender := range senders {
		if sender != me {
			gone, err := q.node.Gone(ctx, sender)
			if err != nil {
				return false, fmt.Errorf("ask whether node %s is gone: %w", sender, err)
			}
			if !gone {
				continue
			}
		}
		left, err := q.leftBehind(ctx, sender)
		if err != nil {
			return false, err
		}
		if sender == me {
			left = q.confirm(left, suspects)
		}
		for _, r := range left {
			if err := q.takeOverMessage(ctx, r, sender, sender == me); err != nil {
				return false, err
			}
		}
		more = more || sender != me && len(left) >= takeOverBatch/2
	}
	return more, nil
}

// confirm gives those messages that were suspects already and remembers the
// new ones.
func (q *Queue) confirm(left []ref, suspects map[ID]bool) (confirmed []ref) {
	var again []ID
	for _, r := range left {
		switch {
		case q.flying.has(r.id):
		case suspects[r.id]:
			confirmed = append(confirmed, r)
		default:
			again = append(again, r.id)
		}
	}
	clear(suspects)
	for _, id := range again {
		suspects[id] = true
	}
	return confirmed
}

func (q *Queue) senders(ctx context.Context) (nodes []string, err error) {
	err = q.db.Read(ctx, func(tx db.Tx) error {
		nodes = nil
		rows, err := tx.Query(ctx, sqlSenders)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var node string
			if err := rows.Scan(&node); err != nil {
				return err
			}
			nodes = append(nodes, node)
		}
		return rows.Err()
	})
	return nodes, err
}

// leftBehind gives the messages that a node has in sending, each once.
func (q *Queue) leftBehind(ctx context.Context, sender string) (left []ref, err error) {
	err = q.db.Read(ctx, func(tx db.Tx) error {
		left, err = refs(tx.Query(ctx, sqlSending, sender, takeOverBatch))
		return err
	})
	return unique(left), err
}

// takeOverMessage makes one message's abandoned deliveries ready. From another
// node the outcome is unknown, which is recorded; what this node never learned
// that it claimed was surely not tried.
func (q *Queue) takeOverMessage(ctx context.Context, r ref, sender string, untried bool) error {
	now, queueNow := q.time.now()
	taken := 0
	err := q.db.Write(ctx, r.bucket, func(tx db.Tx) error {
		taken = 0
		if _, err := exists(ctx, tx, forUpdate(tx, sqlLockMessage), r.bucket, r.id[:]); err != nil {
			return err
		}
		if untried && q.flying.has(r.id) {
			return nil // it was claimed again since
		}
		left, err := loadLeft(ctx, tx, r, sender)
		if err != nil {
			return err
		}
		if untried && q.flying.has(r.id) {
			return nil // claimed anew since it was looked at
		}
		var positions []int
		for _, d := range left {
			tries, attempt := d.tries-1, ""
			if !untried {
				tries = d.tries
				attempt = encodeAttempt(Attempt{Started: db.Time(d.since), Ended: now, Node: sender, Reply: Unknown,
					queue: q.time.toQueue(db.Time(d.since))})
			}
			n, err := tx.Exec(ctx, sqlTakeOver, queueNow, tries, attempt, r.bucket, r.id[:], d.n, sender)
			if err != nil {
				return err
			}
			if n > 0 {
				positions = append(positions, d.n)
			}
		}
		if taken = len(positions); taken == 0 {
			return nil
		}
		return q.settleTakeOver(ctx, tx, r, sender, untried, positions, now)
	})
	if err != nil {
		return fmt.Errorf("take over message %s: %w", r.id, err)
	}
	if taken > 0 {
		q.log.Info("deliveries taken over", "message", r.id, "from", sender, "deliveries", taken)
		q.nudge(queueNow)
	}
	return nil
}

func (q *Queue) settleTakeOver(ctx context.Context, tx db.Tx, r ref, sender string, untried bool, positions []int, now time.Time) error {
	var least State
	if err := tx.QueryRow(ctx, sqlLeast, r.bucket, r.id[:]).Scan(&least); err != nil {
		return err
	}
	if err := settle(ctx, tx, r.id, least, now); err != nil {
		return err
	}
	if untried {
		return nil
	}
	return q.journal.Write(ctx, tx, r.id, now, journal.Entry{What: "outcome unknown", Facts: map[string]any{
		"recipients": positions, "node": sender}})
}

// leftDelivery is a delivery that somebody else left in sending.
type leftDelivery struct {
	n, tries int
	since    int64
}

func loadLeft(ctx context.Context, tx db.Tx, r ref, sender string) ([]leftDelivery, error) {
	rows, err := tx.Query(ctx, forUpdate(tx, sqlLeftBehind), r.bucket, r.id[:], sender)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var left []leftDelivery
	for rows.Next() {
		var d leftDelivery
		if err := rows.Scan(&d.n, &d.tries, &d.since); err != nil {
			return nil, err
		}
		left = append(left, d)
	}
	return left, rows.Err()
}
