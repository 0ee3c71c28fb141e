package history

import (
	"context"
	"testing"
	"time"

	"belay/internal/db"
	"belay/internal/db/dbtest"
)

// A mail that was learned is judged again as it was the first time.
func TestPast_LeavesOutTheMailItself(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
		ctx := context.Background()
		before := []Event{wrote(1, "1", "anna@corp.test", "tom@there.test"), wrote(2, "2", "jan@corp.test", "eve@falcon.test"), wrote(3, "3", "tom@there.test", "anna@corp.test")}
		e := wrote(9, "9", "anna@corp.test", "tom@there.test,eve@falcon.test,new@falcon.test")
		e.InReplyTo, e.Subject, e.Lines, e.Quotes = []string{"3"}, "Offer", lines(5), lines(5)
		q := Query{ID: "9", Author: "anna@corp.test", Recipients: []string{"tom@there.test", "eve@falcon.test", "new@falcon.test"}, Time: e.Time,
			InReplyTo: e.InReplyTo, Subject: e.Subject, Quotes: e.Quotes}
		for _, l := range []interface {
			Source
			Learner
		}{NewMemory(memoryOptions()), newStore(open())} {
			check(t, l.Learn(ctx, before))
			want := writeEarlier(past(t, l, q), q)
			first := past(t, l, q).Contact("tom@there.test").LastSent
			check(t, l.Learn(ctx, []Event{e}))
			p := past(t, l, q)
			if got := writeEarlier(p, q); got != want {
				t.Errorf("before it was learned:\n%s\nafter:\n%s", want, got)
			}
			if !p.Contact("tom@there.test").LastSent.Equal(first) {
				t.Error("the last mail is the one that is judged")
			}
			q := q
			q.ID = "10"
			if past(t, l, q).Contact("new@falcon.test") == nil {
				t.Error("another mail does not know of it")
			}
		}
	})
}

// writeEarlier writes a past down without when colleagues last wrote: once a mail
// was learned, only the last time is known.
func writeEarlier(p *Past, q Query) string {
	for _, all := range []map[string]*Acquaintance{p.Colleagues, p.Domains} {
		for _, a := range all {
			a.Last = time.Time{}
		}
	}
	return write(p, q)
}

// Who was first met later is a stranger as of a day before.
func TestPast_KnowsNothingOfWhatCameLater(t *testing.T) {
	m := learned(t, wrote(1, "1", "anna@corp.test", "tom@there.test"), wrote(60, "2", "anna@corp.test", "eve@falcon.test"), wrote(70, "3", "jan@corp.test", "tom@there.test"))
	q := Query{Author: "anna@corp.test", Recipients: []string{"tom@there.test", "eve@falcon.test"}, Time: noon.Add(30 * time.Minute)}
	p := past(t, m, q)
	if p.Contact("tom@there.test") == nil || p.Contact("eve@falcon.test") != nil || p.Colleague("eve@falcon.test") != nil || p.Domains["falcon.test"] != nil {
		t.Errorf("half an hour past noon the past is\n%s", write(p, q))
	}
	q.Time = noon.Add(2 * time.Hour)
	if past(t, m, q).Contact("eve@falcon.test") == nil {
		t.Error("it was taken away for good")
	}
}
