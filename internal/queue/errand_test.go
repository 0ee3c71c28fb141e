package queue

import (
	"context"
	"errors"
	"maps"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"belay/internal/db"
	"belay/internal/db/dbtest"
	"belay/internal/guard"
	"belay/internal/mail"
	"belay/internal/node"
)

// notice is a mail about another, in its bucket.
func (w *world) notice(q *Queue, about *Message, to string) *Follow {
	w.t.Helper()
	m := w.message(0, to)
	m.ID = mail.NewID(w.clock.Now(), about.ID.Bucket())
	m.Listener, m.Subject = "belay", "Please look at this"
	b := q.NewBody(m.ID)
	if _, err := b.Write([]byte("Subject: Please look at this\r\n\r\n?\r\n")); err != nil {
		w.t.Fatal(err)
	}
	return &Follow{Message: m, Body: b}
}

func (w *world) discharge(q *Queue, e *Errand, d Discharge) {
	w.t.Helper()
	if err := q.Discharge(context.Background(), e, d); err != nil {
		w.t.Fatal(err)
	}
}

func TestErrands_FromTheQuestionToItsAnswer(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
		w := newWorld(t, open())
		q := w.queue(newFakeNode("one"))
		m := w.accept(q, w.asking(time.Hour, []guard.Question{approval(1, jan)}, "bob@there.test"))
		due := w.errands(q)
		if kinds(due) != "ask " || due[0].Message != m.ID || due[0].Question != 0 || due[0].Copy != -1 || !due[0].Due.Equal(noon) {
			t.Fatalf("due at first: %+v", due)
		}
		w.fake.Advance(time.Second)
		w.discharge(q, due[0], Discharge{Asked: true, Follow: []*Follow{w.notice(q, m, jan)},
			Next: []*Errand{{Kind: ErrandRemind, Question: 0, Copy: -1, Due: noon.Add(4 * time.Hour), Facts: map[string]string{"round": "1"}}}})
		if got := w.get(q, m.ID); !got.Questions[0].Asked.Equal(noon.Add(time.Second)) || got.Events[1].What != "asked" {
			t.Errorf("asked at %s, record %+v", got.Questions[0].Asked, got.Events)
		}
		if job := w.claim(q, 1)[0]; job.Message.Subject != "Please look at this" {
			t.Errorf("claimed %q", job.Message.Subject)
		}
		w.fake.Advance(4*time.Hour - 2*time.Second)
		if due := w.errands(q); len(due) != 0 {
			t.Errorf("due too early: %s", kinds(due))
		}
		remind := w.errandOf(q, m.ID, ErrandRemind, time.Second)
		if !maps.Equal(remind.Facts, map[string]string{"round": "1"}) {
			t.Errorf("its facts are %v", remind.Facts)
		}
		w.discharge(q, remind, Discharge{Reminded: true, AddOf: map[int][]string{0: {"Ewa@corp.test", jan, testAuthor}}})
		if k := w.get(q, m.ID).Questions[0]; k.Reminded != 1 || !slices.Equal(k.Of, []string{jan, ewa}) {
			t.Errorf("reminded %d times, asks %v; nobody approves their own mail", k.Reminded, k.Of)
		}
		w.approve(q, m.ID, as(ewa), "approved") // the deputy
		if due := kinds(w.errands(q)); due != "result " {
			t.Errorf("errands at the end: %s", due)
		}
		w.fake.Advance(100 * time.Hour)
		if due := kinds(w.errands(q)); due != "result " {
			t.Errorf("errands long afterwards: %s", due)
		}
	})
}

func TestErrands_OneNoticeHoweverManyTryToWriteIt(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
		w := newWorld(t, open())
		one, two := w.queue(newFakeNode("one")), w.queue(newFakeNode("two"))
		m := w.accept(one, w.asking(time.Hour, []guard.Question{approval(1, jan)}, "bob@there.test"))
		first, second := w.errands(one), w.errands(two)
		f := w.notice(two, m, jan)
		w.discharge(one, first[0], Discharge{Asked: true, Follow: []*Follow{w.notice(one, m, jan)}})
		if err := two.Discharge(context.Background(), second[0], Discharge{Asked: true, Follow: []*Follow{f}}); !errors.Is(err, ErrErrandGone) {
			t.Fatalf("the second: %v", err)
		}
		f.Body.Abort(context.Background())
		if n := w.rows("message"); n != 2 {
			t.Errorf("%d messages, want the mail and one notice", n)
		}
	})
}

// While a notice is being written, the question is answered: it is not sent.
func TestErrands_FallAwayWithTheirQuestion(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
		w := newWorld(t, open())
		q := w.queue(newFakeNode("one"))
		m := w.accept(q, w.asking(time.Hour, []guard.Question{approval(1, jan)}, "bob@there.test"))
		asking := w.errands(q)[0]
		f := w.notice(q, m, jan)
		w.approve(q, m.ID, as(jan), "approved")
		if err := q.Discharge(context.Background(), asking, Discharge{Asked: true, Follow: []*Follow{f}}); !errors.Is(err, ErrErrandGone) {
			t.Fatalf("asked about what is answered: %v", err)
		}
		f.Body.Abort(context.Background())
		// What is left is not taken for it, though it is the next of the message.
		result := w.errands(q)[0]
		if result.N == asking.N {
			t.Error("an errand's number came twice")
		}
		w.discharge(q, result, Discharge{Next: []*Errand{{Kind: ErrandRemind, Question: 0, Copy: -1}, {Kind: ErrandResult, Question: 0, Copy: -1}}})
		if due := kinds(w.errands(q)); due != "result " {
			t.Errorf("after the answer somebody is to be reminded: %s", due)
		}
	})
}

// What is owed about a message that is gone does not come up for ever.
func TestErrands_AboutNothingEnd(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	q := w.queue(newFakeNode("one"))
	m := w.accept(q, w.asking(time.Hour, []guard.Question{approval(1, jan)}, "bob@there.test"))
	w.exec(m.ID, `DELETE FROM message WHERE bucket = $1 AND id = $2`, m.ID.Bucket(), m.ID[:])
	w.fake.Advance(48 * time.Hour)
	due := w.errands(q)
	if err := q.Discharge(context.Background(), due[0], Discharge{}); !errors.Is(err, ErrErrandGone) {
		t.Errorf("the end of %s: %v", due[0].Kind, err)
	}
	if _, err := q.Expire(context.Background(), due[1]); !errors.Is(err, ErrErrandGone) {
		t.Errorf("the end of %s: %v", due[1].Kind, err)
	}
	if due := kinds(w.errands(q)); due != "" {
		t.Errorf("still due: %s", due)
	}
}

func TestErrands_PutOffStayAndComeBack(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
		w := newWorld(t, open())
		q := w.queue(newFakeNode("one"))
		m := w.accept(q, w.asking(time.Hour, []guard.Question{approval(1, jan)}, "bob@there.test"))
		e := w.errands(q)[0]
		w.discharge(q, e, Discharge{Delay: noon.Add(8 * time.Hour)}) // quiet hours
		w.fake.Advance(8*time.Hour - time.Microsecond)
		if due := w.errands(q); len(due) != 0 {
			t.Errorf("due in the quiet hours: %s", kinds(due))
		}
		if again := w.errandOf(q, m.ID, ErrandAsk, time.Microsecond); again.N != e.N {
			t.Errorf("it came back as %+v", again)
		}
	})
}

func TestErrands_HoldAgainstJumpsOfTheClock(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
		w := newWorld(t, open())
		q := w.queue(newFakeNode("one"))
		m := w.accept(q, w.asking(time.Hour, []guard.Question{approval(1, jan)}, "bob@there.test"))
		w.discharge(q, w.errands(q)[0], Discharge{Asked: true, Next: []*Errand{{Kind: ErrandRemind, Question: 0, Copy: -1, Due: noon.Add(4 * time.Hour)}}})
		w.fake.Set(noon.Add(1000 * time.Hour))
		q.followJump(context.Background(), <-w.clock.Jumps())
		if due := w.errands(q); len(due) != 0 {
			t.Fatalf("the clock jumped, and due are %s", kinds(due))
		}
		if got := w.get(q, m.ID).Questions[0]; !got.Expires.Equal(noon.Add(1048 * time.Hour)) {
			t.Errorf("after the jump it expires at %s", got.Expires)
		}
		w.errandOf(q, m.ID, ErrandRemind, 4*time.Hour)
		w.errandOf(q, m.ID, ErrandExpire, 44*time.Hour)
	})
}

// halfNode has the lower half of the buckets, or the upper one.
type halfNode struct {
	*fakeNode
	buckets node.Range
}

func (n halfNode) Buckets() node.Range { return n.buckets }

func TestErrands_OnlyOfThisNodesBuckets(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
		w := newWorld(t, open())
		cut := mail.BucketOf(testAuthor)
		mine := w.queue(halfNode{newFakeNode("one"), node.Range{From: cut, To: mail.Buckets}})
		theirs := w.queue(halfNode{newFakeNode("two"), node.Range{From: 0, To: cut}})
		w.accept(theirs, w.asking(time.Hour, []guard.Question{ask()}, "bob@there.test"))
		if due := kinds(w.errands(theirs)); due != "" {
			t.Errorf("another node's errands: %s", due)
		}
		if due := kinds(w.errands(mine)); due != "ask " {
			t.Errorf("errands: %s", due)
		}
	})
}

func TestErrandsDue_RingsWithinASecondAndNotForNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := worldWith(t, dbtest.SQLite(t), bubbleClock(t))
		q := w.queue(newFakeNode("one"))
		running(t, q)
		w.hold(q, time.Hour, "bob@there.test") // asks nobody
		select {
		case <-q.ErrandsDue():
			t.Fatal("it rang for nothing")
		case <-time.After(10 * time.Minute):
		}
		start := time.Now()
		k := ask()
		k.Expires = start.Add(10 * time.Minute)
		m := w.asking(time.Hour, []guard.Question{k}, "bob@there.test")
		w.accept(q, m)
		for _, want := range []struct {
			kind  ErrandKind
			after time.Duration
		}{{ErrandAsk, 0}, {ErrandRemind, 90 * time.Second}, {ErrandExpire, 10 * time.Minute}} {
			var due []*Errand
			for len(due) == 0 { // what was done meanwhile may have rung once more
				<-q.ErrandsDue()
				due = w.errands(q)
			}
			if kinds(due) != string(want.kind)+" " {
				t.Fatalf("due are %q, want %s", kinds(due), want.kind)
			}
			if late := time.Since(start) - want.after; late < 0 || late > time.Second {
				t.Errorf("%s is %s late", want.kind, late)
			}
			var d Discharge
			if want.kind == ErrandAsk {
				d.Next = []*Errand{{Kind: ErrandRemind, Question: 0, Copy: -1, Due: start.Add(90 * time.Second)}}
			}
			w.discharge(q, due[0], d)
		}
	})
}

func TestCopies_ToldAndWithdrawn(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
		w := newWorld(t, open())
		q := w.queue(newFakeNode("one"))
		m := w.message(10*time.Minute, "boss@corp.test", "chief@corp.test", "bob@there.test")
		m.Verdict.Copies = []guard.Copy{
			{To: ewa, Recipients: []string{"boss@corp.test"}, Whole: true, Rule: "assistants"},
			{To: kim, Recipients: []string{"chief@corp.test"}, Rule: "assistants"},
		}
		Plan(m)
		w.accept(q, m)
		due := w.errands(q)
		if kinds(due) != "copy copy " || due[0].Copy != 0 || due[1].Copy != 1 || due[0].Question != -1 {
			t.Fatalf("due are %+v", due)
		}
		w.discharge(q, due[0], Discharge{Told: true, Follow: []*Follow{w.notice(q, m, ewa)}})
		if c := w.get(q, m.ID).Copies; !c[0].Told.Equal(noon) || c[0].To != ewa || !c[0].Whole || !c[1].Told.IsZero() {
			t.Errorf("the copies are %+v", c)
		}
		stop := func(recipients ...string) {
			t.Helper()
			if _, err := q.Stop(context.Background(), m.ID, Act{By: "anna", Recipients: recipients}); err != nil {
				t.Fatal(err)
			}
		}
		stop("bob@there.test") // about whom nobody was told
		if due := kinds(w.errands(q)); due != "copy " {
			t.Fatalf("due are %q", due)
		}
		stop("boss@corp.test", "chief@corp.test")
		withdraw := w.errandOf(q, m.ID, ErrandWithdraw, 0)
		if withdraw.Facts["recipients"] != "0 1" {
			t.Errorf("withdrawn for %v", withdraw.Facts)
		}
		w.discharge(q, withdraw, Discharge{Withdrawn: []int{0, 1}, Follow: []*Follow{w.notice(q, m, ewa)}})
		late := w.notice(q, m, kim)
		if err := q.Discharge(context.Background(), due[1], Discharge{Told: true, Follow: []*Follow{late}}); !errors.Is(err, ErrErrandGone) {
			t.Errorf("told beforehand of what was stopped: %v", err)
		}
		late.Body.Abort(context.Background())
		if c := w.get(q, m.ID).Copies; c[0].Withdrawn.IsZero() || c[1].Withdrawn.IsZero() || !c[1].Told.IsZero() {
			t.Errorf("the copies are %+v", c)
		}
		if due := kinds(w.errands(q)); due != "" {
			t.Errorf("due are %q", due)
		}
	})
}

func TestCopies_AnotherTimeIsOwedToThoseWhoWereTold(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
		w := newWorld(t, open())
		q := w.queue(newFakeNode("one"))
		m := w.message(10*time.Minute, "boss@corp.test", "bob@there.test")
		m.Verdict.Copies = []guard.Copy{{To: ewa, Recipients: []string{"boss@corp.test"}, Rule: "assistants"}}
		Plan(m)
		w.accept(q, m)
		at := noon.Add(10 * time.Minute)
		w.discharge(q, w.errands(q)[0], Discharge{Told: true, Arrives: map[int]time.Time{0: at}})
		if c := w.get(q, m.ID).Copies; !c[0].Arrives.Equal(at) || !c[0].Told.Equal(noon) {
			t.Errorf("the copies are %+v", c)
		}
		postpone := func(recipient string) {
			t.Helper()
			if _, err := q.Postpone(context.Background(), m.ID, Act{By: "anna", Recipients: []string{recipient}, Until: noon.Add(time.Hour)}); err != nil {
				t.Fatal(err)
			}
		}
		postpone("bob@there.test") // about whom nobody was told
		if due := kinds(w.errands(q)); due != "" {
			t.Fatalf("due are %q", due)
		}
		postpone("boss@corp.test")
		due := w.errands(q)
		if kinds(due) != "retime " || due[0].Facts["recipients"] != "0" {
			t.Fatalf("due are %+v", due)
		}
		w.discharge(q, due[0], Discharge{Arrives: map[int]time.Time{0: noon.Add(time.Hour)}})
		now := w.get(q, m.ID)
		if c := now.Copies; !c[0].Arrives.Equal(noon.Add(time.Hour)) || !c[0].Withdrawn.IsZero() {
			t.Errorf("the copies are %+v", c)
		}
		if last := now.Events[len(now.Events)-1]; last.What != "new time told" {
			t.Errorf("the record ends with %+v", last)
		}
		if _, err := q.Release(context.Background(), m.ID, Act{By: "anna"}); err != nil {
			t.Fatal(err)
		}
		if due := kinds(w.errands(q)); due != "retime " {
			t.Errorf("due are %q", due)
		}
		if _, err := q.Stop(context.Background(), m.ID, Act{By: "anna"}); err != nil {
			t.Fatal(err)
		}
		if due := kinds(w.errands(q)); due != "retime withdraw " {
			t.Errorf("due are %q", due)
		}
	})
}

func TestAskAlso_TheDeputyOfWhoIsAway(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
		w := newWorld(t, open())
		q := w.queue(newFakeNode("one"))
		m := w.accept(q, w.asking(time.Hour, []guard.Question{approval(1, jan)}, "bob@there.test"))
		w.discharge(q, w.errands(q)[0], Discharge{Asked: true})
		for range 2 { // who is away says so twice
			if _, err := q.AskAlso(context.Background(), m.ID, 0, []string{ewa}); err != nil {
				t.Fatal(err)
			}
		}
		due := w.errands(q)
		if kinds(due) != "ask " || due[0].Facts["to"] != ewa {
			t.Fatalf("due are %+v", due)
		}
		w.approve(q, m.ID, as(ewa), "approved")
		if added, err := q.AskAlso(context.Background(), m.ID, 0, []string{kim}); err != nil || len(added) != 0 {
			t.Errorf("asked about what is answered: %v, %v", added, err)
		}
	})
}
