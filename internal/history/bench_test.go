package history

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"belay/internal/db"
	"belay/internal/db/dbtest"
	"belay/internal/mail"
)

// office writes mail as an office does: everybody has some they write to often.
type office struct {
	r *rand.Rand
	n int
}

func newOffice() *office { return &office{r: rand.New(rand.NewPCG(1, 2))} }

func (o *office) mail() Event {
	o.n++
	author := o.r.IntN(400)
	e := wrote(o.n, fmt.Sprint(o.n, "@corp.test"), fmt.Sprintf("author%d@corp.test", author), "")
	for range 1 + o.r.IntN(3) {
		k := author*31 + int(o.r.ExpFloat64()*8)
		e.To = append(e.To, Party{Mailbox: mail.Mailbox{Name: "Some Body", Address: spell(k%9000*7919) + "@" + spell(k%900*104729) + ".test"}})
	}
	if o.n > 50 && o.r.IntN(2) == 0 {
		e.InReplyTo = []string{fmt.Sprint(o.n-o.r.IntN(50)-1, "@corp.test")}
	}
	for range 8 {
		e.Lines = append(e.Lines, o.r.Uint64())
	}
	return e
}

// spell makes a name of a number, no two much alike.
func spell(n int) (s string) {
	syllables := strings.Fields("ka lo mi ne ru sa ti vo ze bra klu dor fen gal hin jor pel")
	for n += 99991; n > 0; n /= len(syllables) {
		s += syllables[n%len(syllables)]
	}
	return s
}

func (o *office) mails(n int) (list []Event) {
	for range n {
		list = append(list, o.mail())
	}
	return list
}

func (o *office) query() Query {
	e := o.mail()
	q := Query{Author: e.Author.Address, Time: e.Time, InReplyTo: e.InReplyTo}
	for _, to := range e.To {
		q.Recipients = append(q.Recipients, to.Address)
	}
	return q
}

// BenchmarkLearn learns from an archive; one operation is a mail.
func BenchmarkLearn(b *testing.B) {
	for name, new := range map[string]func(b *testing.B) Learner{
		"memory": func(*testing.B) Learner { return NewMemory(MemoryOptions{Own: ours}) },
		"sqlite": func(b *testing.B) Learner { return newStore(dbtest.SQLite(b)) },
	} {
		b.Run(name, func(b *testing.B) {
			l, events := new(b), newOffice().mails(b.N)
			b.ResetTimer()
			for len(events) > 0 {
				some := capped(events, 2*learnAtOnce)
				events = events[len(some):]
				if err := l.Learn(context.Background(), some); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "mails/s")
		})
	}
}

// BenchmarkPast asks for the past of a mail, after 20,000 of 400 people.
func BenchmarkPast(b *testing.B) {
	o := newOffice()
	events := o.mails(20_000)
	for name, new := range map[string]func(b *testing.B) interface {
		Source
		Learner
	}{
		"memory": func(*testing.B) interface {
			Source
			Learner
		} {
			return NewMemory(MemoryOptions{Own: ours})
		},
		"sqlite": func(b *testing.B) interface {
			Source
			Learner
		} {
			return newStore(dbtest.SQLite(b))
		},
	} {
		b.Run(name, func(b *testing.B) {
			s := new(b)
			if err := s.Learn(context.Background(), events); err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				if _, err := s.Past(context.Background(), o.query()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkAppend is what learning costs when a mail is sent.
func BenchmarkAppend(b *testing.B) {
	s := newStore(dbtest.SQLite(b))
	e := newOffice().mail()
	event, ctx := s.Encode(&e), context.Background()
	b.ReportMetric(float64(len(event)), "octets")
	var spent time.Duration
	err := s.db.Write(ctx, 1, func(tx db.Tx) error {
		begin := time.Now()
		for range b.N {
			if err := s.Append(ctx, tx, 1, event, []int{0}); err != nil {
				return err
			}
		}
		spent = time.Since(begin)
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(spent.Microseconds())/float64(b.N), "µs/append")
}
