package queue

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"belay/internal/db"
	"belay/internal/db/dbtest"
	"belay/internal/guard"
)

// proposed is a message in whose verdict somebody else is named in place of its
// recipient.
func proposed(m *Message, other string) *Message {
	to := m.Envelope.Recipients[0].Address
	m.Verdict.Ratings = []guard.Rating{{Recipient: to, Probability: 0.4, Instead: []string{other, "sue@there.test"}}}
	m.Verdict.Signals = []guard.Signal{{Code: "recipient.twin", Recipient: to, Score: 0.9, Instead: []string{other},
		Facts: map[string]string{"Usual": "Somebody <" + other + ">", "Recipient": to}, Evidence: "Mail usually goes to Somebody <" + other + ">."}}
	return m
}

// P11: who is erased is named in no verdict any more, be the mail waiting or gone;
// mail to them still goes to them.
func TestP11_WhoWasErasedIsNamedInNoVerdict(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
		s, ctx := newWorld(t, open()), context.Background()
		q := s.queue(newFakeNode("one"))
		waiting := s.accept(q, proposed(s.asking(time.Hour, []guard.Question{ask(bob)}, bob), eve))
		gone := s.accept(q, proposed(s.message(0, bob), "Eve@There.test"))
		toHer := s.accept(q, proposed(s.message(time.Hour, eve, bob), tom))
		another := s.accept(q, proposed(s.message(time.Hour, bob), "steve@there.test"))
		s.finish(q, s.claim(q, 1)[0], Sent, ok)

		n, err := Forget(ctx, s.db, []string{eve, "old.eve@there.test"}, nil)
		if err != nil || n != 2 {
			t.Errorf("%d verdicts changed, %v; want 2", n, err)
		}
		if n, err := Forget(ctx, s.db, []string{eve}, nil); err != nil || n != 0 {
			t.Errorf("the second time %d, %v", n, err)
		}
		for name, m := range map[string]*Message{"that waits": waiting, "that is gone": gone} {
			m, err := q.Get(ctx, m.ID)
			if err != nil {
				t.Fatal(err)
			}
			text, err := encodeFacts(m)
			if err != nil || strings.Contains(strings.ToLower(text), eve) || !slices.Equal(m.Verdict.Ratings[0].Instead, []string{"sue@there.test"}) {
				t.Errorf("a mail %s: %s, %v", name, text, err)
			}
			if sg := m.Verdict.Signals[0]; sg.Recipient != bob || sg.Score != 0.9 || m.Subject == "" || m.Deliveries[0].Recipient.Address != bob {
				t.Errorf("a mail %s lost more: %+v", name, m)
			}
		}
		if m, err := q.Get(ctx, toHer.ID); err != nil || m.Deliveries[0].Recipient.Address != eve || m.Verdict.Signals[0].Recipient != eve {
			t.Errorf("mail to her: %+v, %v", m, err)
		}
		if m, err := q.Get(ctx, another.ID); err != nil || m.Verdict.Signals[0].Instead[0] != "steve@there.test" {
			t.Errorf("mail that names another: %+v, %v", m, err)
		}
		s.wantStates(q, waiting.ID, "held")
		s.approve(q, waiting.ID, as(testAuthor), "approved")
	})
}

// Of very many messages some are looked at at a time.
func TestVerdictsAreLookedThroughInPieces(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
		s, ctx := newWorld(t, open()), context.Background()
		q := s.queue(newFakeNode("one"))
		oldest := s.accept(q, proposed(s.message(time.Hour, bob), eve))
		for range 5 {
			s.accept(q, s.message(time.Hour, bob))
		}
		newest := s.accept(q, proposed(s.message(time.Hour, bob), eve))
		if n, err := (&forgetting{db: s.db, addresses: []string{eve}, step: 2}).run(ctx); err != nil || n != 2 {
			t.Errorf("%d verdicts changed, %v; want 2", n, err)
		}
		for _, id := range []ID{oldest.ID, newest.ID} {
			if m, err := q.Get(ctx, id); err != nil || len(m.Verdict.Signals[0].Instead) != 0 {
				t.Errorf("%+v, %v", m, err)
			}
		}
	})
}
