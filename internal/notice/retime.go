package notice

import (
	"context"
	"slices"
	"time"

	"belay/internal/queue"
)

// sameTime is how far apart two times are that nobody plans anew for.
const sameTime = 5 * time.Minute

// retime does an ErrandRetime: who was told when a mail comes is told of the new
// time, once for each change; not where the mail has left, nor where the first
// notice named no time. Several changes that come together are one.
func (c *Clerk) retime(ctx context.Context, e *queue.Errand, m *queue.Message) error {
	a, err := c.s.affairOf(ctx, m, true)
	if err != nil {
		return err
	}
	d := queue.Discharge{Arrives: map[int]time.Time{}}
	var letters []Letter
	for i, n := range m.Copies {
		same := slices.DeleteFunc(sameReader(m, n.To), func(i int) bool { return m.Copies[i].Told.IsZero() || m.Copies[i].Arrives.IsZero() })
		if len(same) == 0 || same[0] != i {
			continue
		}
		at, known := comes(m, announced(m, same), a.now)
		if at.Before(a.now) {
			at = a.now // it is due already
		}
		if !known || at.Sub(n.Arrives).Abs().Truncate(time.Second) <= sameTime || !a.writable(n.To) {
			continue
		}
		for _, k := range same {
			d.Arrives[k] = at
		}
		letters = append(letters, c.s.newTime(ctx, a, same))
	}
	return c.s.options.Store.Discharge(ctx, e, d, letters...)
}

// newTime writes the one line that a mail comes at another time.
func (s *Service) newTime(ctx context.Context, a *affair, same []int) Letter {
	m, to := a.m, a.m.Copies[same[0]].To
	say := a.say(to)
	data := map[string]any{"Subject": subjectOf(say, m), "Author": a.full(a.dir.Main(m.Author))}
	l := &letter{subject: say.T("copy.subject.retimed", data)}
	l.add(lead, say.T("copy.lead.retimed", data))
	l.addRows(table, "", []line{{Left: say.T("copy.arrives"), Right: s.arrival(say, m, announced(m, same), a.now)}})
	s.reach(a, l, say)
	l.add(fine, say.T("notice.times", "Zone", say.Zone(a.now)))
	return s.copyMail(ctx, a, to, say, l, false)
}
