package history

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"belay/internal/db"
	"belay/internal/db/dbtest"
	"belay/internal/mail"
)

// busy makes the mail of a busy office: anna writes and gets most of it.
func busy(r *rand.Rand, n int, terms func() []uint16) []Event {
	anybody := func() string {
		if r.IntN(3) == 0 {
			return fmt.Sprintf("colleague.number%d@corp.test", r.IntN(400))
		}
		return fmt.Sprintf("somebody.with.a.name%d@department%d.organisation.test", r.IntN(2000), r.IntN(300))
	}
	var events []Event
	for i := range n {
		from, to := "anna@corp.test", []string{anybody()}
		if r.IntN(3) == 0 {
			from, to = anybody(), []string{"anna@corp.test"}
		}
		for r.IntN(2) == 0 {
			to = append(to, anybody())
		}
		e := wrote(i*60, fmt.Sprint(i, "@x"), from, strings.Join(to, ","))
		e.Terms, e.Subject = terms(), fmt.Sprint("Matter ", r.IntN(50))
		events = append(events, e)
	}
	return events
}

func TestTrail_TakesNoMoreThanItMay(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	many := func(n int) func() []uint16 {
		return func() []uint16 {
			list := make([]uint16, n)
			for i := range list {
				list[i] = uint16(r.Uint32())
			}
			return list
		}
	}
	for name, terms := range map[string]func() []uint16{"long mails": many(64), "short ones": many(3), "empty ones": many(0)} {
		m := NewMemory(MemoryOptions{Own: ours})
		for i, e := range busy(r, 4000, terms) {
			check(t, m.Learn(context.Background(), []Event{e}))
			if i%97 != 0 {
				continue
			}
			p := m.r.profiles["anna@corp.test"]
			if p == nil {
				continue
			}
			w := pen{}
			p.trail.encode(&w, p.contacts)
			if most := min(16<<10+maxWhoEach*len(p.contacts), 55<<10); len(w.b) > most {
				t.Fatalf("%s: after %d mails the trail takes %d octets, more than %d with %d contacts", name, i, len(w.b), most, len(p.contacts))
			}
			texts := 0
			for k := range p.trail.mails {
				texts += 2 * len(p.trail.mails[k].Terms)
			}
			if texts > 16<<10 {
				t.Fatalf("%s: after %d mails what they were about takes %d octets", name, i, texts)
			}
		}
		p := m.r.profiles["anna@corp.test"]
		w := pen{}
		p.trail.encode(&w, p.contacts)
		if len(w.b) < 11<<10 {
			t.Errorf("%s: a full trail takes only %d octets", name, len(w.b))
		}
		t.Logf("%s: %d mails, %d people in %d octets", name, len(p.trail.mails), len(p.trail.people), len(w.b))
	}
}

func TestProfile_TakesNoMoreThanTwoHundredOctetsAContact(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	m := NewMemory(MemoryOptions{Own: ours})
	check(t, m.Learn(context.Background(), busy(r, 4000, func() []uint16 { return nil })))
	p := m.r.profiles["anna@corp.test"]
	for key := range p.contacts { // all that can come to light
		for kind := LessonStopped; kind <= LessonNotForMe; kind++ {
			p.taught(kind, key, noon.AddDate(5, 0, int(kind)))
		}
	}
	p.trail = trail{}
	if each := float64(len(p.encode()))/float64(len(p.contacts)) + maxWhoEach; each > 200 {
		t.Errorf("a contact takes %.0f octets", each)
	} else {
		t.Logf("a contact takes %.0f octets, with name, address, and who was on mails with them", each)
	}
}

// Who holds a past may read it while more is learned.
func TestPast_StaysAsItWasGiven(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	m := NewMemory(MemoryOptions{Own: ours})
	events := busy(r, 3000, func() []uint16 { return []uint16{uint16(r.Uint32()), 2, 3} })
	q := Query{Author: "anna@corp.test", Recipients: []string{"colleague.number1@corp.test", "colleague.number2@corp.test"}}
	type given struct {
		past *Past
		said string
	}
	var all []given
	for i := range events {
		if r.IntN(20) == 0 {
			events[i].Time = events[i].Time.Add(-time.Duration(r.IntN(5000)) * time.Hour) // one that comes late
		}
		check(t, m.Learn(context.Background(), events[i:i+1]))
		if i%59 == 0 {
			p := past(t, m, q)
			all = append(all, given{p, write(p, q)})
		}
	}
	for i, g := range all {
		if write(g.past, q) != g.said {
			t.Fatalf("past %d of %d is another one now", i, len(all))
		}
	}
}

// What a mail was about is forgotten before who was on it, and the oldest first.
func TestTrail_RemembersWhoForLongerThanWhat(t *testing.T) {
	m := NewMemory(MemoryOptions{Own: ours})
	var events []Event
	for i := range 1500 {
		e := wrote(i, fmt.Sprint(i), "anna@corp.test", fmt.Sprintf("somebody%d@there.test", i%100))
		e.Terms = make([]uint16, 30)
		events = append(events, e)
	}
	check(t, m.Learn(context.Background(), events))
	trail := past(t, m, Query{Author: "anna@corp.test"}).Self.Trail
	forgotten, about := 0, 0
	for i := range trail.Mails {
		if len(trail.Mails[i].Terms) > 0 {
			about++
		} else if forgotten++; about > 0 {
			t.Fatalf("what mail %d was about is forgotten, of an older one it is not", i)
		}
	}
	if about < 150 || forgotten < about {
		t.Errorf("of %d mails it is known what they were about, of %d more who was on them", about, forgotten)
	}
	if last := trail.Mails[len(trail.Mails)-1]; last.At != noon.Add(1499*time.Minute).Unix() {
		t.Error("the last mail is gone")
	}
}

// A mail of which each recipient gets a copy of their own is one mail of the
// trail.
func TestTrail_AMailThatLeavesInPartsIsOne(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
		s := newStore(open())
		e := wrote(1, "1", "anna@corp.test", "tom@there.test,eve@there.test,bob@there.test")
		e.Terms = []uint16{1, 2}
		sent(t, s, e, 0)
		sent(t, s, e, 2)
		fold(t, s, 2)
		sent(t, s, e, 1)
		fold(t, s, 1)
		trail := past(t, s, Query{Author: "anna@corp.test"}).Self.Trail
		if len(trail.Mails) != 1 || len(trail.Mails[0].Who) != 3 || len(trail.Mails[0].Terms) != 2 {
			t.Errorf("the trail is %+v", trail)
		}
	})
}

// What is asked as of a day knows no mail of later, in nobody's trail, and not
// the mail that is judged.
func TestTrail_AsOfADayTellsNothingOfLater(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
		for _, l := range []interface {
			Source
			Learner
		}{NewMemory(memoryOptions()), newStore(open())} {
			check(t, l.Learn(context.Background(), []Event{wrote(1, "1", "anna@corp.test", "jan@corp.test,tom@there.test"),
				wrote(2, "2", "anna@corp.test", "jan@corp.test"), wrote(60, "3", "anna@corp.test", "jan@corp.test"), wrote(70, "4", "jan@corp.test", "anna@corp.test")}))
			q := Query{ID: "2", Author: "anna@corp.test", Recipients: []string{"jan@corp.test"}, Time: noon.Add(30 * time.Minute)}
			p := past(t, l, q)
			if mails := p.Self.Trail.Mails; len(mails) != 1 || mails[0].At != noon.Add(time.Minute).Unix() {
				t.Errorf("her trail is %+v", mails)
			}
			if mails := p.Profile("jan@corp.test").Trail.Mails; len(mails) != 1 || mails[0].Sent {
				t.Errorf("his trail is %+v", mails)
			}
			if c := p.Profile("jan@corp.test").Contacts["anna@corp.test"]; c == nil || c.Received != 2 {
				t.Errorf("he knows of her %+v", c) // three in all; the one that is judged is left out
			}
			// What a caller makes of the shortened trail is not kept for the whole one.
			type key struct{}
			n := p.Once(key{}, func() any { return len(p.Self.Trail.Mails) })
			whole := past(t, l, Query{Author: "anna@corp.test", Recipients: []string{"jan@corp.test"}})
			if m := whole.Once(key{}, func() any { return len(whole.Self.Trail.Mails) }); n != 1 || m != 4 {
				t.Errorf("of a trail of 4 mails was made %v, of the shortened one %v", m, n)
			}
		}
	})
}

func TestP11_TrailsAreForgottenWithTheRetention(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
		s := newStore(open())
		var events []Event
		for i := range 20 { // one a day
			e := wrote(i*24*60, fmt.Sprint(i), "anna@corp.test", "jan@corp.test")
			e.Terms = []uint16{uint16(i)}
			events = append(events, e)
		}
		check(t, s.Learn(context.Background(), events))
		s.Keep(s.o.Now().Sub(noon) - 10*24*time.Hour - time.Hour) // up to half past ten days
		if n, err := s.Sweep(context.Background()); err != nil || n == 0 {
			t.Fatalf("%d records were forgotten, %v", n, err)
		}
		if again, err := s.Sweep(context.Background()); err != nil || again != 0 {
			t.Errorf("the second time %d records were forgotten, %v", again, err)
		}
		p := past(t, s, Query{Author: "anna@corp.test", Recipients: []string{"jan@corp.test"}})
		for _, trail := range []Trail{p.Self.Trail, p.Profile("jan@corp.test").Trail} {
			if len(trail.Mails) != 9 || trail.Mails[0].Terms[0] != 11 {
				t.Errorf("%d mails are left, from %v on", len(trail.Mails), trail.Mails[0].Terms)
			}
		}
	})
}

// Who is forgotten leaves the trails of others: their mails with their words, and
// their name where they were one of several.
func TestP11_WhoIsForgottenLeavesAllTrails(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
		d := open()
		s := newStore(d)
		with := func(e Event, terms ...uint16) Event {
			e.Terms = terms
			return e
		}
		check(t, s.Learn(context.Background(), []Event{
			with(wrote(1, "1", "tom@there.test", "anna@corp.test,jan@corp.test"), 0x5151, 0x5252),
			with(wrote(2, "2", "anna@corp.test", "tom@there.test"), 0x5353),
			with(wrote(3, "3", "anna@corp.test", "tom@there.test,jan@corp.test"), 0x5454),
			with(wrote(4, "4", "jan@corp.test", "anna@corp.test"), 0x5555),
			with(wrote(5, "5", "eve@falcon.test", "jan@corp.test,tom@there.test"), 0x5656)}))
		if _, err := s.Forget(context.Background(), "tom@there.test"); err != nil {
			t.Fatal(err)
		}
		wantNowhere(t, d, []byte("tom@there.test"), []byte{0x51, 0x51, 0x52, 0x52}, []byte{0x53, 0x53})
		p := past(t, s, Query{Author: "anna@corp.test", Recipients: []string{"jan@corp.test"}})
		if mails := p.Self.Trail.Mails; len(mails) != 2 || len(mails[0].Who) != 1 || mails[0].Terms[0] != 0x5454 {
			t.Errorf("her trail is %+v", mails)
		}
		if mails := p.Profile("jan@corp.test").Trail.Mails; len(mails) != 3 {
			t.Errorf("his trail is %+v", mails)
		}
	})
}

// What the first version wrote is read: what it did not know is zero.
func TestRecords_OfTheFirstVersionAreRead(t *testing.T) {
	raw := func(s string) []byte {
		b, err := hex.DecodeString(s)
		check(t, err)
		return b
	}
	p, err := decodeProfile(raw("01020000020d6a616e40636f72702e74657374000100f8efab9a0d01000e746f6d4074686572652e7465737409546f6d204a6f6e65730201f8efab9a0d793d"))
	check(t, err)
	tom := p.contacts["tom@there.test"]
	if p.mails != 2 || len(p.contacts) != 2 || tom.Name != "Tom Jones" || tom.Sent != 2 || tom.Received != 1 || !tom.LastSent.Equal(noon.Add(3*time.Minute)) || tom.Warm != 0 {
		t.Errorf("the profile is %+v, Tom %+v", p, tom)
	}
	d, err := decodeDeed(raw("0102d4d74ac3c447806f809488e4ab82a6060e616e6e6140636f72702e7465737400010e746f6d4074686572652e7465737400000139b9065d8959ea770000000000000000267b8df00ddf704000020100000002000000010646616c636f6e010f6576654066616c636f6e2e74657374"))
	check(t, err)
	if d.author.Address != "anna@corp.test" || len(d.to) != 1 || !d.answer || d.lesson != 0 || len(d.lines) != 2 || d.introduced[0] != "eve@falcon.test" {
		t.Errorf("the mail is %+v", d)
	}
	if k, err := decodeKnown(raw("010009546f6d204a6f6e65730201f8efab9a0d79017060e5f5c4c002")); err != nil || k.sent != 2 || len(k.colleagues) != 1 {
		t.Errorf("the address is %+v, %v", k, err)
	}
	var l letter
	if err := l.decode(raw("01000e616e6e6140636f72702e74657374010e746f6d4074686572652e7465737401018250ab010f6576654066616c636f6e2e74657374020100000002000000")); err != nil || len(l.to) != 1 || len(l.lines) != 2 {
		t.Errorf("the thread's mail is %+v, %v", l, err)
	}
	// It is learned on from there.
	p.sent(party{key: "tom@there.test"}, true, noon.Add(time.Hour))
	again, err := decodeProfile(p.encode())
	check(t, err)
	if c := again.contacts["tom@there.test"]; c.Sent != 3 || c.Warm < 1 {
		t.Errorf("Tom came back as %+v", c)
	}
	if !bytes.Equal(again.encode(), p.encode()) {
		t.Error("it is written otherwise the second time")
	}
}

// BenchmarkJudgeAndLearn is what a stream does: it asks for the past of each mail,
// and learns it.
func BenchmarkJudgeAndLearn(b *testing.B) {
	r := rand.New(rand.NewPCG(9, 9))
	terms := func() []uint16 {
		list := make([]uint16, 30)
		for i := range list {
			list[i] = uint16(r.Uint32())
		}
		return list
	}
	events := busy(r, 20_000, terms)
	m := NewMemory(MemoryOptions{Own: ours})
	check(b, m.Learn(context.Background(), events[:10_000]))
	i := 0
	for b.Loop() {
		e := &events[10_000+i%10_000]
		i++
		e.ID = fmt.Sprint("again", i)
		q := Query{ID: e.ID, Author: mail.Key(e.Author.Address), Time: e.Time}
		for _, to := range e.To {
			q.Recipients = append(q.Recipients, mail.Key(to.Address))
		}
		if _, err := m.Past(context.Background(), q); err != nil {
			b.Fatal(err)
		}
		check(b, m.Learn(context.Background(), []Event{*e}))
	}
}
