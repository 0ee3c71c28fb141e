package history_test

import (
	"context"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"
	"time"

	"belay/internal/body"
	"belay/internal/db"
	"belay/internal/db/dbtest"
	"belay/internal/history"
	"belay/internal/mail"
	"belay/internal/seal"
)

var monday = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

func store(t *testing.T, d *db.DB) *history.Observed {
	t.Helper()
	keys, err := seal.New()
	if err != nil {
		t.Fatal(err)
	}
	bodies, err := body.New(t.Context(), d, keys)
	if err != nil {
		t.Fatal(err)
	}
	return history.NewObserved(d, bodies)
}

// observe shows one mail to the store.
func observe(t *testing.T, o *history.Observed, author, text string, at time.Time) mail.ID {
	t.Helper()
	id := mail.NewID(at, mail.BucketOf(author))
	b := o.NewBody(id)
	if _, err := io.WriteString(b, text); err != nil {
		t.Fatal(err)
	}
	s := mail.Summarize([]byte(text))
	env := mail.Envelope{ReversePath: author, Recipients: []mail.Recipient{{Address: "anna@corp.test"}}}
	if err := o.Keep(t.Context(), history.NewObservation(id, at, "192.0.2.1", author, env, &s), b); err != nil {
		t.Fatal(err)
	}
	return id
}

func TestObserved_WhatWasShownCanBeReadBack(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
		o := store(t, open())
		text := "From: Fred <fred@falcon.test>\r\nTo: anna@corp.test\r\nMessage-ID: <1@falcon.test>\r\n" +
			"References: <0@corp.test>\r\n\r\n" + strings.Repeat("what Fred wrote\r\n", 40_000)
		id := observe(t, o, "fred@falcon.test", text, monday)

		seen, err := o.Get(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		want := history.Observation{ID: id, Received: monday, Client: "192.0.2.1", Author: "fred@falcon.test", Size: int64(len(text)),
			Envelope:  mail.Envelope{ReversePath: "fred@falcon.test", Recipients: []mail.Recipient{{Address: "anna@corp.test"}}},
			MessageID: "1@falcon.test", References: []string{"0@corp.test"},
			From: []mail.Mailbox{{Name: "Fred", Address: "fred@falcon.test"}}, To: []mail.Mailbox{{Address: "anna@corp.test"}}}
		if !reflect.DeepEqual(seen, want) {
			t.Errorf("got  %+v\nwant %+v", seen, want)
		}
		r, err := o.Open(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		if got, err := io.ReadAll(r); err != nil || string(got) != text {
			t.Errorf("read %d octets of %d: %v", len(got), len(text), err)
		}
	})
}

func TestObserved_ListGoesThroughAllInTheOrderTheyCame(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
		o := store(t, open())
		var want []mail.ID
		for i := range 7 {
			author := string(rune('a'+i*5%7)) + "@falcon.test"
			want = append(want, observe(t, o, author, "From: "+author+"\r\n\r\nx\r\n", monday.Add(time.Duration(i)*time.Second)))
		}
		var got []mail.ID
		var after mail.ID
		for {
			page, err := o.List(t.Context(), after, 3)
			if err != nil {
				t.Fatal(err)
			}
			if len(page) == 0 {
				break
			}
			for _, seen := range page {
				got = append(got, seen.ID)
			}
			after = page[len(page)-1].ID
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("got  %v\nwant %v", got, want)
		}
	})
}

func TestObserved_SweepForgetsWhatIsOldAndNothingElse(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
		o := store(t, open())
		old := []mail.ID{observe(t, o, "a@falcon.test", "\r\nx\r\n", monday), observe(t, o, "b@falcon.test", "\r\nx\r\n", monday.Add(time.Hour))}
		young := observe(t, o, "c@falcon.test", "\r\nx\r\n", monday.Add(24*time.Hour))

		if n, err := o.Sweep(t.Context(), monday.Add(24*time.Hour), 1); n != 1 || err != nil {
			t.Fatalf("swept %d, %v", n, err)
		}
		if n, err := o.Sweep(t.Context(), monday.Add(24*time.Hour), 10); n != 1 || err != nil {
			t.Fatalf("swept %d, %v", n, err)
		}
		for _, id := range old {
			if _, err := o.Get(t.Context(), id); !errors.Is(err, history.ErrNotFound) {
				t.Errorf("%s is still there: %v", id, err)
			}
			if r, err := o.Open(t.Context(), id); err == nil {
				if text, err := io.ReadAll(r); err == nil {
					t.Errorf("the bytes of %s are still there: %q", id, text)
				}
			}
		}
		if _, err := o.Get(t.Context(), young); err != nil {
			t.Errorf("the young one is gone: %v", err)
		}
	})
}

func TestP1_Observed_WhatWasKeptOutlivesARestart(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
		keys, err := seal.New()
		if err != nil {
			t.Fatal(err)
		}
		again := func() *history.Observed {
			d := open()
			bodies, err := body.New(context.Background(), d, keys)
			if err != nil {
				t.Fatal(err)
			}
			return history.NewObserved(d, bodies)
		}
		id := observe(t, again(), "a@falcon.test", "From: a@falcon.test\r\n\r\nx\r\n", monday)
		if seen, err := again().Get(t.Context(), id); err != nil || seen.Author != "a@falcon.test" {
			t.Errorf("after a restart: %+v, %v", seen, err)
		}
	})
}
