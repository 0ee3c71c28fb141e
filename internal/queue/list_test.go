package queue

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"belay/internal/db"
	"belay/internal/db/dbtest"
	"belay/internal/mail"
)

// pages reads a list to its end, page by page.
func pages(t *testing.T, q *Queue, f Filter) (found []ID) {
	t.Helper()
	for range 10_000 {
		page, next, err := q.List(context.Background(), f)
		if err != nil {
			t.Fatal(err)
		}
		if len(page) > f.Limit {
			t.Fatalf("a page of %d, want at most %d", len(page), f.Limit)
		}
		for _, m := range page {
			found = append(found, m.ID)
		}
		if next == "" {
			return found
		}
		f.Cursor = next
	}
	t.Fatal("the list does not end")
	return nil
}

// mixed makes messages of three authors in several states, the oldest first.
func mixed(t *testing.T, w *world, q *Queue, n int) (all []*Message) {
	t.Helper()
	for i := range n {
		m := w.message(time.Duration(i%3)*time.Hour, fmt.Sprintf("r%d@there.test", i))
		m.Author = fmt.Sprintf("author%d@corp.test", i%3)
		m.ID = mail.NewID(m.Received, mail.BucketOf(m.Author))
		m.Envelope.ReversePath = m.Author
		m.MessageID = fmt.Sprintf("m%d@corp.test", i/2)
		m.Subject = fmt.Sprintf("Angebot Nr. %d für Übersee", i)
		w.accept(q, m)
		if i%5 == 4 {
			q.Stop(context.Background(), m.ID, Act{})
		}
		all = append(all, w.get(q, m.ID))
		w.fake.Advance(time.Millisecond)
	}
	return all
}

func TestListPagesThroughEverythingOnceTheNewestFirst(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
		w := newWorld(t, open())
		q := w.queue(newFakeNode("one"))
		all := mixed(t, w, q, 60)
		filters := map[string]struct {
			f    Filter
			want func(*Message) bool
		}{
			"all":              {Filter{}, func(*Message) bool { return true }},
			"held":             {Filter{States: []State{Held}}, func(m *Message) bool { return m.State == Held }},
			"held or stopped":  {Filter{States: []State{Stopped, Held}}, func(m *Message) bool { return m.State == Held || m.State == Stopped }},
			"sending":          {Filter{States: []State{Sending}}, func(m *Message) bool { return false }},
			"author":           {Filter{Author: "Author1@corp.test"}, func(m *Message) bool { return m.Author == "author1@corp.test" }},
			"sender and state": {Filter{Sender: "author1@corp.test", States: []State{Ready}}, func(m *Message) bool { return m.Author == "author1@corp.test" && m.State == Ready }},
			"two authors":      {Filter{Author: "author1@corp.test", Sender: "author2@corp.test"}, func(*Message) bool { return false }},
			"subject":          {Filter{Q: "ÜBERSEE"}, func(*Message) bool { return true }},
			"subject number":   {Filter{Q: "nr. 7 f"}, func(m *Message) bool { return m.Deliveries[0].Recipient.Address == "r7@there.test" }},
			"recipient":        {Filter{Q: "R5@there"}, func(m *Message) bool { return m.Deliveries[0].Recipient.Address == "r5@there.test" }},
			"Message-ID":       {Filter{MessageID: "m3@corp.test"}, func(m *Message) bool { return m.MessageID == "m3@corp.test" }},
			"Message-ID and q": {Filter{MessageID: "m3@corp.test", Q: "r6@"}, func(m *Message) bool { return m.Deliveries[0].Recipient.Address == "r6@there.test" }},
			"nothing":          {Filter{Q: "%"}, func(*Message) bool { return false }},
		}
		for name, test := range filters {
			var want []ID
			for _, m := range slices.Backward(all) {
				if test.want(m) {
					want = append(want, m.ID)
				}
			}
			for _, limit := range []int{1, 7, 100} {
				test.f.Limit = limit
				if got := pages(t, q, test.f); !slices.Equal(got, want) {
					t.Errorf("%s, %d a page: %d messages, want %d", name, limit, len(got), len(want))
				}
			}
		}
	})
}

// A search looks at a bounded number of messages and says where to go on.
func TestASearchGoesOnWhereItStopped(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	q := w.queue(newFakeNode("one"))
	wanted := w.message(time.Hour, "needle@there.test")
	w.accept(q, wanted)
	w.fill(t, 2*scanLimit, time.Hour)

	page, next, err := q.List(context.Background(), Filter{Q: "needle@"})
	if err != nil || len(page) != 0 || next == "" {
		t.Fatalf("the first look found %d, next %q, %v", len(page), next, err)
	}
	if got := pages(t, q, Filter{Q: "needle@", Limit: 50}); !slices.Equal(got, []ID{wanted.ID}) {
		t.Errorf("found %v", got)
	}
}

func TestWhatIsBeingSentIsListedAsThat(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
		w := newWorld(t, open())
		q := w.queue(newFakeNode("one"))
		held := w.hold(q, time.Hour, "bob@there.test")
		ready := w.hold(q, 0, "bob@there.test")
		w.claim(q, 1)
		list := func(s ...State) []ID { return pages(t, q, Filter{States: s, Limit: 10}) }
		if got := list(Sending); !slices.Equal(got, []ID{ready.ID}) {
			t.Errorf("sending: %v", got)
		}
		if got := list(Ready); len(got) != 0 {
			t.Errorf("ready: %v", got)
		}
		if got := list(); len(got) != 2 || len(list(Held, Sending, Ready)) != 2 || !slices.Equal(list(Held), []ID{held.ID}) {
			t.Errorf("all: %v", got)
		}
		counts, err := q.Counts(context.Background())
		if err != nil || counts[Sending] != (Count{N: 1}) || counts[Held] != (Count{N: 1}) || counts[Sent] != (Count{}) {
			t.Errorf("counts: %v, %v", counts, err)
		}
	})
}

func TestACursorThatNoListGaveIsAnError(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	q := w.queue(newFakeNode("one"))
	if _, _, err := q.List(context.Background(), Filter{Cursor: "2"}); !errors.Is(err, ErrCursor) {
		t.Errorf("got %v", err)
	}
}

// Whoever asks for the mail of what is no address must not get everybody's.
func TestASenderThatIsNoAddressWroteNothing(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	q := w.queue(newFakeNode("one"))
	w.hold(q, time.Hour, "bob@there.test")
	for _, sender := range []string{"\x00", "\xff", "\""} {
		if page, _, err := q.List(context.Background(), Filter{Sender: sender}); err != nil || len(page) > 0 {
			t.Errorf("%q: %d messages, %v", sender, len(page), err)
		}
	}
}

// undo@ acts on every copy that still waits.
func TestFindHeldGivesEveryCopyThatStillWaits(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
		w := newWorld(t, open())
		q := w.queue(newFakeNode("one"))
		sent := w.hold(q, 0, "bob@there.test")
		w.finish(q, w.claim(q, 1)[0], Sent, ok)
		sending := w.hold(q, 0, "bob@there.test")
		w.claim(q, 1)
		w.fake.Advance(time.Second)
		first := w.hold(q, time.Hour, "bob@there.test")
		w.fake.Advance(time.Second)
		second := w.hold(q, time.Hour, "eve@there.test")
		w.fake.Advance(time.Second)
		other := w.message(time.Hour, "bob@there.test")
		other.MessageID = "2@corp.test"
		w.accept(q, other)
		stranger := w.message(time.Hour, "bob@there.test")
		stranger.Author = "eve@corp.test"
		stranger.ID = mail.NewID(w.clock.Now(), mail.BucketOf(stranger.Author))
		w.accept(q, stranger)

		found, err := q.FindHeld(context.Background(), testAuthor, "1@corp.test")
		if err != nil || len(found) != 2 || found[0].ID != second.ID || found[1].ID != first.ID {
			t.Errorf("found %v, %v (sent %s, sending %s)", found, err, sent.ID, sending.ID)
		}
		latest, err := q.Latest(context.Background(), testAuthor, 2)
		if err != nil || len(latest) != 2 || latest[0].ID != other.ID || latest[1].ID != second.ID {
			t.Errorf("the latest are %v, %v", latest, err)
		}
		if nobodys, err := q.Latest(context.Background(), "", 2); err != nil || len(nobodys) != 0 {
			t.Errorf("nobody wrote %v, %v", nobodys, err)
		}
	})
}
