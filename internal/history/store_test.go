package history

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"belay/internal/db"
	"belay/internal/db/dbtest"
	"belay/internal/journal"
	"belay/internal/mail"
	"belay/internal/seal"
)

// stored is a store that learned some events.
func stored(t *testing.T, d *db.DB, events ...Event) *Store {
	t.Helper()
	s := newStore(d)
	if err := s.Learn(context.Background(), events); err != nil {
		t.Fatal(err)
	}
	return s
}

// fold lets the store learn from what waits, and wants so many mails.
func fold(t *testing.T, s *Store, want int) {
	t.Helper()
	n, err := s.Fold(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if n != want {
		t.Errorf("%d mails were folded in, want %d", n, want)
	}
}

// sent tells the store what the queue would, of the recipients at positions.
func sent(t *testing.T, s *Store, e Event, positions ...int) {
	t.Helper()
	ctx, b := context.Background(), s.Encode(&e)
	bucket := mail.BucketOf(mail.Key(e.Author.Address))
	err := s.db.Write(ctx, bucket, func(tx db.Tx) error { return s.Append(ctx, tx, bucket, b, positions) })
	if err != nil {
		t.Fatal(err)
	}
}

func count(t *testing.T, d *db.DB, table string) (n int) {
	t.Helper()
	err := d.Read(context.Background(), func(tx db.Tx) error {
		return tx.QueryRow(context.Background(), "SELECT count(*) FROM "+table).Scan(&n)
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestStore_AMailThatLeavesInPartsCountsOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
		s := newStore(open())
		e := wrote(1, "1", "a.nowak@corp.test", "tom@there.test,eve@there.test,bob@there.test")
		sent(t, s, e, 0)
		fold(t, s, 1)
		s = newStore(open()) // and so after a restart
		sent(t, s, e, 2)
		fold(t, s, 1)
		p := past(t, s, Query{Author: "anna@corp.test", Recipients: []string{"tom@there.test", "eve@there.test", "bob@there.test"}})
		if p.Mails != 1 || p.All != 1 {
			t.Errorf("one mail counts as %d of %d", p.Mails, p.All)
		}
		if p.Contact("tom@there.test").Sent != 1 || p.Contact("bob@there.test").Sent != 1 || p.Contact("eve@there.test") != nil {
			t.Errorf("the contacts are %v", p.Contacts)
		}
		if a := p.Domains["there.test"]; a.Sent != 2 || a.Colleagues != 1 {
			t.Errorf("the domain is %+v", a)
		}
	})
}

func TestStore_WhatWasLearnedTwiceCountsOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
		events := []Event{wrote(1, "1", "anna@corp.test", "tom@there.test"), wrote(2, "2", "tom@there.test", "anna@corp.test")}
		s := stored(t, open(), append(slices.Clone(events), events...)...)
		if err := s.Learn(context.Background(), events); err != nil {
			t.Fatal(err)
		}
		p := past(t, s, Query{Author: "anna@corp.test", Recipients: []string{"tom@there.test"}})
		if c := p.Contact("tom@there.test"); p.Mails != 1 || c.Sent != 1 || c.Received != 1 {
			t.Errorf("%d mails, the contact is %+v", p.Mails, c)
		}
	})
}

func TestP11_OfExcludedMailboxesNothingIsLearned(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
		d := open()
		s := stored(t, d, wrote(1, "1", "works@corp.test", "tom@there.test"), wrote(2, "2", "jan@corp.test", "works@corp.test"),
			wrote(3, "3", "tom@there.test", "works@corp.test"))
		for _, table := range []string{"learn_waiting", "learned_profile", "learned_known", "learned_mail", "learned_total"} {
			if n := count(t, d, table); n != 0 {
				t.Errorf("%s has %d rows", table, n)
			}
		}
		e := wrote(4, "4", "jan@corp.test", "works@corp.test,eve@there.test")
		e.Introduced = []string{"works@corp.test"}
		if err := s.Learn(context.Background(), []Event{e}); err != nil {
			t.Fatal(err)
		}
		p := past(t, s, Query{Author: "jan@corp.test", Recipients: []string{"works@corp.test"}, InReplyTo: []string{"4"}})
		if p.Mails != 1 || len(p.Contacts) != 1 || p.Colleague("works@corp.test") != nil || len(p.Thread.Mails[0].To) != 1 || p.Thread.Mails[0].Introduced != nil {
			t.Errorf("Jan's past is %s", write(p, Query{}))
		}
		if p := past(t, s, Query{Author: "works@corp.test", Recipients: []string{"eve@there.test"}}); p != nil {
			t.Errorf("the works council has a past: %s", write(p, Query{}))
		}
	})
}

func TestP11_WhatIsOlderThanTheRetentionIsForgotten(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
		d := open()
		s := newStore(d)
		learn := func(events ...Event) {
			t.Helper()
			if err := s.Learn(context.Background(), events); err != nil {
				t.Fatal(err)
			}
		}
		tom := "tom@there.test"
		learn(wrote(1, "1", "anna@corp.test", tom+",bob@falcon.test"), wrote(2, "2", "jan@corp.test", tom), wrote(3, "3", "ewa@corp.test", "eve@gone.test"))
		for i := range 3 {
			learn(wrote(9*24*60+i, fmt.Sprint("late", i), "anna@corp.test", tom))
		}
		s.Keep(25 * 24 * time.Hour) // it is a month later
		forgotten, err := s.Sweep(context.Background())
		if err != nil || forgotten == 0 {
			t.Fatalf("%d records were forgotten, %v", forgotten, err)
		}
		if again, err := s.Sweep(context.Background()); err != nil || again != 0 {
			t.Errorf("the second time %d records were forgotten, %v", again, err)
		}
		p := past(t, s, Query{Author: "anna@corp.test", Recipients: []string{tom, "eve@gone.test", "bob@falcon.test"}, InReplyTo: []string{"1"}})
		if len(p.Contacts) != 1 || p.Colleague(tom).Colleagues != 1 || p.Colleague("eve@gone.test") != nil || p.Thread != nil || p.Together("falcon.test", "there.test") != 0 {
			t.Errorf("what is left is %s", write(p, Query{Recipients: []string{tom}}))
		}
		if n := count(t, d, "learned_profile"); n != 1 {
			t.Errorf("%d profiles are left", n)
		}
		learn(wrote(4, "4", "ewa@corp.test", "eve@gone.test"))
		if n := count(t, d, "learned_profile"); n != 1 {
			t.Error("mail that is too old was learned")
		}
	})
}

func TestP11_ADateToComeOutlivesNoRetention(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
		s := newStore(open())
		if err := s.Learn(context.Background(), []Event{wrote(40*365*24*60, "1", "anna@corp.test", "tom@there.test")}); err != nil {
			t.Fatal(err)
		}
		p := past(t, s, Query{Author: "anna@corp.test", Recipients: []string{"tom@there.test"}})
		if c := p.Contact("tom@there.test"); c == nil || c.LastSent.After(s.o.Now()) {
			t.Errorf("she wrote on %+v, and it is %s", c, s.o.Now())
		}
	})
}

func TestP11_APersonCanBeForgotten(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
		d := open()
		s := newStore(d)
		tom, joTom := "tom@there.test", "jotom@there.test"
		var events []Event
		for i := range 4 {
			events = append(events, wrote(i, fmt.Sprint("a", i), "anna@corp.test", tom+","+joTom+",jan@corp.test"), wrote(i, fmt.Sprint("j", i), "jan@corp.test", tom))
		}
		e := wrote(9, "t", tom, "anna@corp.test")
		e.Introduced = []string{tom, joTom}
		if err := s.Learn(context.Background(), append(events, e)); err != nil {
			t.Fatal(err)
		}
		sent(t, s, wrote(10, "w", "anna@corp.test", tom), 0) // this one waits
		for _, who := range []string{tom, "Anna+x@corp.test"} {
			if n, err := s.Forget(context.Background(), who); err != nil || n == 0 {
				t.Fatalf("%d records of %s were forgotten, %v", n, who, err)
			}
		}
		wantNowhere(t, d, []byte(tom), []byte("anna@corp.test"))
		p := past(t, s, Query{Author: "jan@corp.test", Recipients: []string{tom, joTom}, InReplyTo: []string{"a1"}})
		if p.Colleague(tom) != nil || p.Contact(tom) != nil || p.Colleague(joTom).Colleagues != 0 || p.Colleague(joTom).Sent != 4 || p.Thread != nil {
			t.Errorf("what is left is %s", write(p, Query{}))
		}
		if n := count(t, d, "learned_near WHERE item = 'tom@there.test'"); n != 0 {
			t.Error("he is found by what is near him")
		}
	})
}

// wantNowhere wants no record to hold any of these as it stands; longer addresses
// that end so may.
func wantNowhere(t *testing.T, d *db.DB, gone ...[]byte) {
	t.Helper()
	for table, column := range map[string]string{"learned_profile": "data", "learned_mail": "data", "learn_waiting": "deeds"} {
		err := d.Read(context.Background(), func(tx db.Tx) error {
			rows, err := tx.Query(context.Background(), "SELECT "+column+" FROM "+table)
			if err != nil {
				return err
			}
			defer rows.Close()
			for rows.Next() {
				var b []byte
				if err := rows.Scan(&b); err != nil {
					return err
				}
				for _, g := range gone {
					if s := strings.ReplaceAll(string(b), "jo"+string(g), ""); strings.Contains(s, string(g)) {
						t.Errorf("%s has %s in %q", table, g, b)
					}
				}
			}
			return rows.Err()
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// A crash between the buckets leaves a batch that is learned to its end, and
// counts nothing twice, wherever it happened.
func TestStore_ACrashHalfwayCountsNothingTwice(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
		d := open()
		if d.Dialect() == db.SQLite {
			return // there it is one transaction
		}
		var events []Event
		for i := range 30 {
			e := wrote(i, fmt.Sprint(i), []string{"anna@corp.test", "jan@corp.test", "tom@there.test"}[i%3], "ewa@corp.test,tom@there.test,bob@falcon.test")
			if i > 0 {
				e.InReplyTo = []string{fmt.Sprint(i - 1)}
			}
			events = append(events, e)
		}
		memory := NewMemory(memoryOptions())
		check(t, memory.Learn(context.Background(), events))
		for crash := range 25 {
			empty(t, d)
			s := newStore(d)
			for i := range events {
				e := events[i]
				bucket, b := i%5, s.Encode(&e)
				check(t, d.Write(context.Background(), bucket, func(tx db.Tx) error { return s.note(context.Background(), tx, bucket, b) }))
			}
			crashing(s, crash)
			_, err := s.Fold(context.Background())
			s = newStore(d)
			if err != nil {
				if _, err := s.Fold(context.Background()); err != nil {
					t.Fatal(err)
				}
			}
			if n := count(t, d, "learn_waiting"); n != 0 {
				t.Fatalf("%d batches wait", n)
			}
			for _, author := range []string{"anna@corp.test", "jan@corp.test"} {
				compare(t, memory, s, Query{Author: author, Recipients: []string{"ewa@corp.test", "tom@there.test", "bob@falcon.test"}, InReplyTo: []string{"20"}})
			}
		}
	})
}

// crashing lets a store break down after so many transactions of its steps.
func crashing(s *Store, after int) {
	s.onStep = func() error {
		after--
		if after < 0 {
			return errors.New("the power failed")
		}
		return nil
	}
}

func TestP11_TheJournalTellsWhenLearningIsSwitched(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
		ctx, d := context.Background(), open()
		keys, err := seal.New()
		if err != nil {
			t.Fatal(err)
		}
		j := journal.New(d, keys, journal.Options{Head: filepath.Join(t.TempDir(), "head"), Logger: slog.New(slog.DiscardHandler)})
		on := Switch{On: true, DecidedBy: "board@corp.test", Why: "to catch mistakes", Retention: 48 * time.Hour, Exclude: []string{"works@corp.test", "doctor.test"}}
		reordered, longer := on, on
		reordered.Exclude = []string{"doctor.test", "works@corp.test"}
		longer.Retention *= 2
		for _, s := range []Switch{{}, on, on, reordered, longer, {}, {}} {
			if _, err := RecordSwitch(ctx, d, j, noon, s); err != nil {
				t.Fatal(err)
			}
		}
		events, err := j.List(ctx, 0, 10)
		if err != nil {
			t.Fatal(err)
		}
		var said []string
		for _, e := range events {
			said = append(said, strings.TrimSpace(fmt.Sprintf("%s: %s: %s %s", e.What, e.Actor, e.Reason, e.Personal["excluded"])))
		}
		want := []string{"learning switched on: board@corp.test: to catch mistakes works@corp.test, doctor.test",
			"learning changed: board@corp.test: to catch mistakes works@corp.test, doctor.test", "learning switched off: configuration:"}
		if !slices.Equal(said, want) {
			t.Errorf("the journal says %q", said)
		}
	})
}

func TestUpgrade_ADatabaseFromBeforeAnythingWasLearned(t *testing.T) {
	dbtest.EachOptions(t, func(t *testing.T, options db.Options) {
		older := options
		older.Version = 5
		d, err := db.Open(context.Background(), older)
		if err != nil {
			t.Fatal(err)
		}
		if err := NewRights(d, RightsOptions{}).Remember(context.Background(), "anna@corp.test", "tom@there.test", []string{"recipient.twin"}, "anna"); err != nil {
			t.Fatal(err)
		}
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
		d = dbtest.Open(t, options)
		s := newStore(d)
		if p := past(t, s, Query{Author: "anna@corp.test", Recipients: []string{"tom@there.test"}}); p != nil {
			t.Errorf("an old database knows of the past: %s", write(p, Query{}))
		}
		sent(t, s, wrote(1, "1", "anna@corp.test", "tom@there.test"), 0)
		fold(t, s, 1)
		if p := past(t, s, Query{Author: "anna@corp.test"}); p.Mails != 1 {
			t.Errorf("%d mails were learned", p.Mails)
		}
		if right, err := NewRights(d, RightsOptions{}).List(context.Background(), "anna@corp.test", Rightful{}, 5); err != nil || len(right) != 1 {
			t.Errorf("what was right is %v, %v", right, err)
		}
	})
}

func TestMemory_ComesBackFromItsDirectory(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state")
	m := NewMemory(memoryOptions())
	if err := m.Load(dir); err != nil {
		t.Fatalf("an empty past: %v", err)
	}
	var events []Event
	for i := range 40 {
		e := wrote(i, fmt.Sprint(i), people[i%3], people[3+i%7]+","+people[7+i%9])
		e.Subject, e.Lines, e.Named = "Offer", []uint64{uint64(i)}, []string{"Falcon"}
		if i > 4 {
			e.References = []string{fmt.Sprint(i - 4)}
		}
		events = append(events, e)
	}
	check(t, m.Learn(context.Background(), events))
	check(t, m.Save(dir))
	again := NewMemory(memoryOptions())
	check(t, again.Load(dir))
	for _, author := range people {
		compare(t, m, again, Query{Author: author, Recipients: people, References: []string{"30"}, Subject: "offer"})
	}
	more := wrote(99, "99", "anna@corp.test", "tom.jones@there.test")
	check(t, m.Learn(context.Background(), []Event{more}))
	check(t, again.Learn(context.Background(), []Event{more}))
	compare(t, m, again, Query{Author: "anna@corp.test", Recipients: people})
}

// Two nodes that fold in the same mails at once count each of them once.
func TestStore_TwoNodesAtOnceCountNothingTwice(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
		d := open()
		memory := NewMemory(memoryOptions())
		one, two := newStore(d), newStore(d)
		for i := range 60 {
			e := wrote(i, fmt.Sprint(i), []string{"anna@corp.test", "jan@corp.test", "ewa@corp.test"}[i%3], "tom@there.test,bob@falcon.test")
			check(t, memory.Learn(context.Background(), []Event{e}))
			b := one.Encode(&e)
			check(t, d.Write(context.Background(), i%7, func(tx db.Tx) error { return one.note(context.Background(), tx, i%7, b) }))
		}
		var wg sync.WaitGroup
		for _, s := range []*Store{one, two, one, two} {
			wg.Go(func() {
				if _, err := s.Fold(context.Background()); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		compare(t, memory, two, Query{Author: "anna@corp.test", Recipients: []string{"tom@there.test", "bob@falcon.test"}})
	})
}
