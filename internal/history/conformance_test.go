package history

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"belay/internal/db"
	"belay/internal/db/dbtest"
	"belay/internal/mail"
)

var aliases = map[string]string{"a.nowak@corp.test": "anna@corp.test"}

func mainAddress(a string) string {
	key := mail.Base(mail.Key(a))
	if m := aliases[key]; m != "" {
		return m
	}
	return key
}

func works(address string) bool { return mail.Key(address) == "works@corp.test" }

func memoryOptions() MemoryOptions {
	return MemoryOptions{Main: mainAddress, Own: ours, Excluded: works}
}

func newStore(d *db.DB) *Store {
	now := noon.AddDate(0, 1, 0)
	tick := func() time.Time {
		now = now.Add(time.Millisecond)
		return now
	}
	return NewStore(StoreOptions{DB: d, Main: mainAddress, Own: ours, Excluded: works, Now: tick, Logger: slog.New(slog.DiscardHandler)})
}

// people of the generated mail: ours under several addresses, others, and some
// who look like others.
var people = []string{"anna@corp.test", "a.nowak@corp.test", "Anna+x@corp.test", "jan@corp.test", "ewa@corp.test", "works@corp.test",
	"tom.jones@there.test", "tomjones@there.test", "tom.jnoes@there.test", "tom.jones@there.test.co", "tom.jones@theer.test",
	"bob@falcon.test", "bob@fa1con.test", "bob@falcon.example", "eve@mail.falcon.test", "eve@gmail.com", "eva@gmail.com"}

func drawEvent(t *rapid.T, n int) Event {
	pick := func(list []string, what string) string { return rapid.SampledFrom(list).Draw(t, what) }
	e := Event{ID: fmt.Sprintf("%d@x", rapid.IntRange(max(0, n-8), n).Draw(t, "id")), Time: noon.Add(time.Duration(n) * 17 * time.Second),
		Author:    mail.Mailbox{Address: pick(people, "author"), Name: pick([]string{"", "Some One", "Łucja"}, "name")},
		Automatic: rapid.IntRange(0, 20).Draw(t, "automatic") == 0, Incoming: rapid.Bool().Draw(t, "incoming"),
		Subject: pick([]string{"", "Offer", "Re: Offer", "Odp: Lunch", "lunch"}, "subject")}
	if rapid.IntRange(0, 9).Draw(t, "no id") == 0 {
		e.ID = ""
	}
	for range rapid.IntRange(1, 4).Draw(t, "recipients") {
		e.To = append(e.To, Party{Mailbox: mail.Mailbox{Address: pick(people, "to"), Name: pick([]string{"", "Name"}, "their name")},
			Hidden: rapid.IntRange(0, 5).Draw(t, "hidden") == 0})
	}
	if rapid.IntRange(0, 15).Draw(t, "broadcast") == 0 {
		for i := range broadcastFrom {
			e.To = append(e.To, Party{Mailbox: mail.Mailbox{Address: fmt.Sprintf("p%d@corp.test", i)}})
		}
	}
	e.InReplyTo, e.References = drawReferences(t, n)
	for _, m := range rapid.SliceOfN(rapid.Uint64Range(1, 12), 0, 3).Draw(t, "lines") {
		e.Lines = append(e.Lines, m)
	}
	e.Quotes = rapid.SliceOfN(rapid.Uint64Range(1, 12), 0, 3).Draw(t, "quotes")
	e.Terms = rapid.SliceOfN(rapid.Uint16Range(0, 5000), 0, 5).Draw(t, "terms")
	if rapid.Bool().Draw(t, "names") {
		e.Named = []string{pick([]string{"Falcon", "There"}, "named")}
		e.Introduced = []string{pick(people, "introduced")}
	}
	return e
}

func drawReferences(t *rapid.T, n int) (inReplyTo, references []string) {
	id := func(what string) string { return fmt.Sprintf("%d@x", rapid.IntRange(max(0, n-12), n).Draw(t, what)) }
	if rapid.Bool().Draw(t, "answers") {
		inReplyTo = []string{id("in reply to")}
	}
	for range rapid.IntRange(0, 2).Draw(t, "references") {
		references = append(references, id("reference"))
	}
	return inReplyTo, references
}

func drawQuery(t *rapid.T, n int) Query {
	e := drawEvent(t, n)
	q := Query{ID: e.ID, Author: mail.Key(e.Author.Address), Time: e.Time, InReplyTo: e.InReplyTo, References: e.References, Subject: e.Subject, Quotes: e.Quotes}
	for range rapid.IntRange(0, 3).Draw(t, "guesses") {
		q.Guesses = append(q.Guesses, mail.Key(rapid.SampledFrom(people).Draw(t, "guess")))
	}
	for _, to := range e.To {
		q.Recipients = append(q.Recipients, mail.Key(to.Address))
	}
	return q
}

// told writes a Past down, so that two can be compared.
func write(p *Past, q Query) string {
	if p == nil {
		return "nothing"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "mails %d of %d, %d broadcasts with %d answers\n", p.Mails, p.All, p.Broadcasts, p.Answered)
	writeContacts(&b, "contact", p.Contacts)
	writeContacts(&b, "stranger", p.strangers)
	writeProfile(&b, p.Self)
	for _, a := range sortedKeys(p.Colleagues) {
		fmt.Fprintf(&b, "colleagues %s %+v\n", a, *p.Colleagues[a])
	}
	for _, a := range sortedKeys(p.Office) {
		fmt.Fprintf(&b, "office %s %+v\n", a, *p.Office[a])
	}
	for _, a := range sortedKeys(p.Domains) {
		fmt.Fprintf(&b, "domain %s %+v\n", a, *p.Domains[a])
	}
	if p.Thread != nil {
		fmt.Fprintf(&b, "thread by %s\n", p.Thread.By)
		for _, m := range p.Thread.Mails {
			fmt.Fprintf(&b, "  %+v\n", m)
		}
	}
	for _, r := range q.Recipients {
		writeProfile(&b, p.Profile(r))
		fmt.Fprintf(&b, "near %s: %+v; named %d %d\n", r, p.Near(r), p.Named(mail.Domain(r), "Falcon"), p.Named(mail.Domain(r), "There"))
		for _, s := range q.Recipients {
			fmt.Fprintf(&b, "with %s %d\n", s, p.Together(mail.Domain(r), mail.Domain(s)))
		}
	}
	return b.String()
}

func writeContacts(b *strings.Builder, what string, contacts map[string]*Contact) {
	for _, a := range sortedKeys(contacts) {
		c := *contacts[a]
		c.position = 0
		for _, w := range []*float32{&c.Warm, &c.WarmReceived} {
			*w = float32(math.Round(float64(*w)*100) / 100) // without the mail itself it is nearly what it was
		}
		fmt.Fprintf(b, "%s %s %+v\n", what, a, c)
	}
}

func writeProfile(b *strings.Builder, p *Profile) {
	if p == nil {
		return
	}
	fmt.Fprintf(b, "profile of %s, %d mails\n", p.Address, p.Mails)
	writeContacts(b, "  knows", p.Contacts)
	for _, m := range p.Trail.Mails {
		var who []string
		for _, w := range m.Who {
			who = append(who, p.Trail.People[w])
		}
		fmt.Fprintf(b, "  %d %d sent %t answer %t %x: %v %x\n", m.At, m.ID, m.Sent, m.Answer, m.Subject, who, m.Terms)
	}
}

// drawLesson draws what comes to light about a recipient; often it is nothing.
func drawLesson(t *rapid.T, n int) *Lesson {
	pick := func(what string) string { return rapid.SampledFrom(people).Draw(t, what) }
	if rapid.IntRange(0, 2).Draw(t, "lesson") > 0 {
		return nil
	}
	return &Lesson{Kind: LessonKind(rapid.IntRange(1, 5).Draw(t, "kind")), Author: pick("teaches"), Recipient: pick("about"),
		At: noon.Add(time.Duration(rapid.IntRange(0, n).Draw(t, "taught at")) * 17 * time.Second)}
}

func teach(s *Store, l Lesson) error {
	bucket := mail.BucketOf(mail.Key(l.Author))
	return s.db.Write(context.Background(), bucket, func(tx db.Tx) error { return s.Teach(context.Background(), tx, bucket, l) })
}

// All who keep the past tell the same of the same mails, whichever way those came
// in and in whatever portions.
func TestPast_IsTheSameWhereverItIsKept(t *testing.T) {
	dbtest.EachOptions(t, func(t *testing.T, o db.Options) {
		d := dbtest.Open(t, o)
		rapid.Check(t, func(rt *rapid.T) {
			empty(rt, d)
			memory, store := NewMemory(memoryOptions()), newStore(d)
			n := 0
			for range rapid.IntRange(1, 4).Draw(rt, "portions") {
				var events []Event
				for range rapid.IntRange(1, 25).Draw(rt, "events") {
					n++
					events = append(events, drawEvent(rt, n))
				}
				check(rt, memory.Learn(context.Background(), events))
				if rapid.Bool().Draw(rt, "observed") {
					check(rt, observe(store, events))
				} else {
					check(rt, store.Learn(context.Background(), events))
				}
				if l := drawLesson(rt, n); l != nil {
					check(rt, memory.Teach(context.Background(), *l))
					check(rt, teach(store, *l))
					_, err := store.Fold(context.Background())
					check(rt, err)
				}
				compare(rt, memory, store, drawQuery(rt, n+1))
			}
			for range 5 {
				compare(rt, memory, store, drawQuery(rt, rapid.IntRange(1, n+1).Draw(rt, "when")))
			}
		})
	})
}

// observe lets events wait, and folds them in.
func observe(s *Store, events []Event) error {
	ctx := context.Background()
	for i := range events {
		b := s.Encode(&events[i])
		if b == nil {
			continue
		}
		bucket := mail.BucketOf(mail.Key(events[i].Author.Address))
		if s.db.Dialect() == db.Postgres {
			bucket = 7 // there, buckets are folded in at once, in no order
		}
		if err := s.db.Write(ctx, bucket, func(tx db.Tx) error { return s.note(ctx, tx, bucket, b) }); err != nil {
			return err
		}
	}
	_, err := s.Fold(ctx)
	return err
}

func check(t rapid.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func compare(t rapid.TB, memory, store Source, q Query) {
	t.Helper()
	want, err := memory.Past(context.Background(), q)
	check(t, err)
	got, err := store.Past(context.Background(), q)
	check(t, err)
	if a, b := write(want, q), write(got, q); a != b {
		t.Fatalf("asked %+v\nmemory says\n%s\nthe database\n%s", q, a, b)
	}
}

// empty forgets everything.
func empty(t rapid.TB, d *db.DB) {
	err := d.Write(context.Background(), 0, func(tx db.Tx) error {
		for _, table := range []string{"learn_waiting", "learn_taken", "learned_profile", "learned_known", "learned_near", "learned_pair", "learned_mail", "learned_total"} {
			if _, err := tx.Exec(context.Background(), "DELETE FROM "+table); err != nil {
				return err
			}
		}
		return nil
	})
	check(t, err)
}

// A record is read as it was written.
func TestRecords_AreReadAsTheyWereWritten(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		e := drawEvent(rt, 9)
		d := deedOf(&e)
		again, err := decodeDeed(d.encode())
		check(rt, err)
		if !reflect.DeepEqual(d, again) && !slices.Equal(d.encode(), again.encode()) {
			rt.Fatalf("%+v came back as %+v", d, again)
		}
	})
}
