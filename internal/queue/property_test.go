package queue

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"belay/internal/db"
	"belay/internal/db/dbtest"
	"belay/internal/node"
)

// Stops, releases, postponements, answers, silence, the clock, claims, attempts,
// crashes and pauses of nodes race, over mail about which all kinds of questions
// are put; whatever happens, P2, P3 and P6 hold. rapid draws who does how much of
// what and every node's luck; the goroutines race for real.
func TestP2_P3_P6_WhateverRacesAStopIsFinalAndEveryDeliveryEndsOnce(t *testing.T) {
	dbtest.EachOptions(t, func(t *testing.T, options db.Options) {
		w := newWorld(t, dbtest.Open(t, options))
		trial := 0
		rapid.Check(t, func(r *rapid.T) {
			trial++
			newRace(r, w, trial).run()
		})
	})
}

// key names a delivery.
type key struct {
	id ID
	n  int
}

// ledger is what the world outside knows: what people were told, and what
// upstream servers were given.
type ledger struct {
	mu       sync.Mutex
	stopped  map[key]bool // somebody was told "stopped"
	accepted map[key]int  // an upstream took it
	excused  map[key]int  // of those, attempts whose outcome nobody learned
	recorded map[key]bool // Finish said that it is on record as sent
	asking   asking
	broken   []string
}

func (l *ledger) fail(format string, args ...any) {
	l.broken = append(l.broken, fmt.Sprintf(format, args...))
}

// race is one trial.
type race struct {
	r        *rapid.T
	w        *world
	messages []*Message
	nodes    []*fakeNode
	queues   []*Queue
	ledger   ledger
	ops      int
	seeds    []uint64
	draining bool         // nobody puts anything off any more
	jump     sync.RWMutex // one clock serves all nodes here: none may see it in mid-jump
}

func newRace(r *rapid.T, w *world, trial int) *race {
	x := &race{r: r, w: w, ledger: ledger{
		stopped: map[key]bool{}, accepted: map[key]int{}, excused: map[key]int{}, recorded: map[key]bool{},
		asking: newAsking()}}
	for i := range rapid.IntRange(1, 3).Draw(r, "nodes") {
		n := newFakeNode(fmt.Sprintf("trial%d-node%d", trial, i))
		x.nodes = append(x.nodes, n)
		x.queues = append(x.queues, w.queue(n))
	}
	for range rapid.IntRange(1, 5).Draw(r, "messages") {
		var to []string
		for n := range rapid.IntRange(1, 3).Draw(r, "recipients") {
			to = append(to, fmt.Sprintf("r%d@there.test", n))
		}
		delay := time.Duration(rapid.IntRange(0, 9).Draw(r, "minutes")) * time.Minute
		m := w.message(delay, to...)
		drawQuestions(r, m)
		x.messages = append(x.messages, w.accept(x.queues[0], m))
		x.ledger.asking.took(m, x.queues[0])
	}
	x.ops = rapid.IntRange(2, 12).Draw(r, "operations of each")
	for range 8 + 2*len(x.nodes) {
		x.seeds = append(x.seeds, rapid.Uint64().Draw(r, "luck"))
	}
	return x
}

func (x *race) run() {
	var wg sync.WaitGroup
	luck := func(i int) *rand.Rand { return rand.New(rand.NewPCG(x.seeds[i], 1)) }
	wg.Go(func() { x.people(luck(0), verbStop) })
	wg.Go(func() { x.people(luck(1), verbStop) })
	wg.Go(func() { x.people(luck(2), verbRelease) })
	wg.Go(func() { x.people(luck(3), verbPostpone) })
	wg.Go(func() { x.time(luck(4)) })
	wg.Go(func() { x.answers(luck(5), true) })
	wg.Go(func() { x.answers(luck(6), true) })
	wg.Go(func() { x.answers(luck(7), false) })
	for i := range x.nodes {
		wg.Go(func() { x.node(luck(8+2*i), i) })
		wg.Go(func() { x.clerk(luck(9+2*i), i) })
	}
	wg.Wait()
	x.drain()
	x.judge()
}

// people act on random recipients of random messages.
func (x *race) people(luck *rand.Rand, v verb) {
	ctx := context.Background()
	q := x.queues[luck.IntN(len(x.queues))]
	for range x.ops {
		i := luck.IntN(len(x.messages))
		if v != verbStop && i%2 == 0 {
			continue // nobody hurries these: they leave by the clock and by answers
		}
		m := x.messages[i]
		a := Act{By: "anna", Until: x.w.clock.Now().Add(time.Duration(1+luck.IntN(120)) * time.Second)}
		if luck.IntN(2) == 0 {
			a.Recipients = []string{m.Deliveries[luck.IntN(len(m.Deliveries))].Recipient.Address}
		}
		if v == verbRelease && luck.IntN(2) == 0 {
			a.As, a.Override = []string{x.person(luck)}, luck.IntN(6) == 0
		}
		x.meansTo(m, v, a)
		out, err := q.act(ctx, m.ID, v, a)
		x.ledger.mu.Lock()
		if err != nil {
			x.ledger.fail("%s: %v", v, err)
		}
		x.ledger.heard(m, out)
		x.ledger.mu.Unlock()
	}
}

// heard notes what somebody was told to be stopped.
func (l *ledger) heard(m *Message, out []RecipientOutcome) {
	for _, o := range out {
		for _, d := range m.Deliveries {
			if d.Recipient.Address == o.Address && (o.Outcome == OutStopped || o.Outcome == OutDenied) {
				k := key{m.ID, d.N}
				if l.stopped[k] {
					l.fail("P2: %v was stopped twice", k)
				}
				l.stopped[k] = true
			}
		}
	}
}

// time passes and jumps.
func (x *race) time(luck *rand.Rand) {
	for range x.ops {
		x.w.fake.Advance(time.Duration(luck.IntN(90)) * time.Second)
		if luck.IntN(4) == 0 {
			x.jump.Lock()
			x.w.fake.Set(x.w.clock.Now().Add(time.Duration(luck.IntN(7200)-3600) * time.Second))
			x.followJumps()
			x.jump.Unlock()
		}
	}
}

// followJumps lets every queue of this trial follow what the clock noticed. One
// clock serves them all here, so only one of them moves it.
func (x *race) followJumps() {
	select {
	case j := <-x.w.clock.Jumps():
		x.queues[0].followJump(context.Background(), j)
		for _, q := range x.queues[1:] {
			q.time.set(x.queues[0].time.current(), nil, nil)
		}
	default:
	}
}

// node claims and sends, until it crashes or its operations are over.
func (x *race) node(luck *rand.Rand, i int) {
	ctx := context.Background()
	q, me := x.queues[i], x.nodes[i]
	suspects := map[ID]bool{}
	for range x.ops {
		if _, err := q.takeOver(ctx, suspects); err != nil {
			x.failed("take over: %v", err)
		}
		x.jump.RLock()
		jobs, err := q.Claim(ctx, 1+luck.IntN(4))
		x.jump.RUnlock()
		if err != nil {
			x.failed("claim: %v", err)
		}
		for _, job := range jobs {
			x.mayLeave(q, job)
			if alive := x.attempt(luck, q, me, job); !alive {
				x.bury(me)
				return
			}
		}
	}
}

func (x *race) failed(format string, args ...any) {
	x.ledger.mu.Lock()
	defer x.ledger.mu.Unlock()
	x.ledger.fail(format, args...)
}

// bury lets the others know that a node has surely ended.
func (x *race) bury(dead *fakeNode) {
	for _, n := range x.nodes {
		if n != dead {
			n.bury(dead.id)
		}
	}
}

// attempt is what a relay does with a job; false means that the node crashed.
func (x *race) attempt(luck *rand.Rand, q *Queue, me *fakeNode, job *Job) bool {
	if luck.IntN(10) == 0 {
		return false // after the claim, before the data
	}
	if luck.IntN(8) == 0 { // the node sleeps past its lease, and wakes
		me.setDead(true)
		for range luck.IntN(20) {
			time.Sleep(0)
		}
		if err := q.Fence(job); !errors.Is(err, node.ErrFenced) {
			x.failed("the fence does not stop a node without a lease: %v", err)
		}
		me.setDead(false)
		if luck.IntN(2) == 0 {
			return x.end(q, job, all(job, Ready, Reply{}))
		}
	}
	if err := q.Fence(job); err != nil {
		x.failed("fence: %v", err)
	}
	results := all(job, Sent, ok)
	for i := range results {
		switch luck.IntN(4) {
		case 0:
			results[i].State, results[i].Reply = Deferred, later
			results[i].Next = x.w.clock.Now().Add(time.Duration(luck.IntN(90)) * time.Second)
		case 1:
			if luck.IntN(4) == 0 {
				results[i].State, results[i].Reply = Failed, never550
			}
		}
	}
	crash := luck.IntN(10) == 0 // after the final dot, before the record
	x.data(job, results, crash)
	return !crash && x.end(q, job, results)
}

// data gives the mail to an upstream server, which takes some of it.
func (x *race) data(job *Job, results []Result, crash bool) {
	l := &x.ledger
	l.mu.Lock()
	defer l.mu.Unlock()
	for i, d := range job.Deliveries {
		k := key{job.Message.ID, d.N}
		if l.stopped[k] {
			l.fail("P2: data for %v was sent after its stop was acknowledged", k)
		}
		if l.recorded[k] {
			l.fail("P3: %v was sent once more although it is on record as sent", k)
		}
		if results[i].State == Sent {
			l.accepted[k]++
			if crash {
				l.excused[k]++
			}
		}
	}
}

func (x *race) end(q *Queue, job *Job, results []Result) bool {
	err := q.Finish(context.Background(), job, results)
	l := &x.ledger
	l.mu.Lock()
	defer l.mu.Unlock()
	if err != nil {
		l.fail("finish: %v", err)
		return true
	}
	for _, r := range results {
		if r.State == Sent {
			l.recorded[key{job.Message.ID, r.N}] = true
		}
	}
	return true
}

// drain lets a last node, to which all others are gone, send everything that
// is still open.
func (x *race) drain() {
	last := newFakeNode(x.nodes[0].id + "-last")
	for _, n := range x.nodes {
		last.bury(n.id)
	}
	q := x.w.queue(last)
	for range 4 {
		x.draining = true
		x.doErrands(rand.New(rand.NewPCG(1, 1)), q, 1000)
		if _, err := q.takeOver(context.Background(), map[ID]bool{}); err != nil {
			x.failed("take over: %v", err)
		}
		x.w.fake.Advance(24 * time.Hour)
		for {
			jobs, err := q.Claim(context.Background(), 100)
			if err != nil {
				x.failed("claim: %v", err)
				return
			}
			if len(jobs) == 0 {
				break
			}
			for _, job := range jobs {
				x.mayLeave(q, job)
				results := all(job, Sent, ok)
				x.data(job, results, false)
				x.end(q, job, results)
			}
		}
	}
}

// judge compares what is on record with what the world outside saw.
func (x *race) judge() {
	l := &x.ledger
	for _, m := range x.messages {
		got := x.w.get(x.queues[0], m.ID)
		for _, d := range got.Deliveries {
			k := key{m.ID, d.N}
			if !d.State.Ended() {
				l.fail("P3: %v never ended: it is %s", k, d.State)
			}
			if (d.State == Stopped) != l.stopped[k] {
				l.fail("P2: %v is %s, and was acknowledged as stopped: %v", k, d.State, l.stopped[k])
			}
			if (d.State == Returned) != l.asking.returned[k] {
				l.fail("P6: %v is %s, and was returned: %v", k, d.State, l.asking.returned[k])
			}
			if (d.State == Sent) != l.recorded[k] {
				l.fail("P3: %v is %s, and was recorded as sent: %v", k, d.State, l.recorded[k])
			}
			if l.accepted[k] > 1+l.excused[k] || d.State == Sent && l.accepted[k] == 0 {
				l.fail("P3: %v is %s and was taken %d times, %d of them with an unknown outcome", k, d.State, l.accepted[k], l.excused[k])
			}
		}
		want := Sent
		for _, d := range got.Deliveries {
			want = min(want, d.State)
		}
		if row := x.stored(m.ID); row != want {
			l.fail("the message %s is stored as %s, its deliveries say %s", m.ID, row, want)
		}
	}
	x.judgeErrands()
	for _, b := range l.broken {
		x.r.Error(b)
	}
}

// stored is the state in the message's own row.
func (x *race) stored(id ID) (s State) {
	err := x.w.db.Read(context.Background(), func(tx db.Tx) error {
		return tx.QueryRow(context.Background(), `SELECT state FROM message WHERE bucket = $1 AND id = $2`, id.Bucket(), id[:]).Scan(&s)
	})
	if err != nil {
		x.failed("read the message: %v", err)
	}
	return s
}
