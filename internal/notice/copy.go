package notice

import (
	"context"
	"slices"
	"time"

	"belay/internal/guard"
	"belay/internal/locale"
	"belay/internal/mail"
	"belay/internal/queue"
)

// copy does an ErrandCopy: it tells an assistant of a mail before it arrives.
// Somebody who works for several recipients gets one notice for all. Nothing is
// written where the mail does not come any more, or must not be announced.
func (c *Clerk) copy(ctx context.Context, e *queue.Errand, m *queue.Message) error {
	if e.Copy < 0 || e.Copy >= len(m.Copies) || !m.Copies[e.Copy].Withdrawn.IsZero() || !comesTo(m, m.Copies[e.Copy]) {
		return c.drop(ctx, e, "the mail does not come any more")
	}
	head, err := c.s.beginning(ctx, m.ID)
	if err != nil && !c.bare(e) {
		return err
	}
	if isPrivate(head) {
		return c.drop(ctx, e, "private mail is not announced")
	}
	a, err := c.s.affairOf(ctx, m, c.bare(e))
	if err != nil {
		return err
	}
	to := m.Copies[e.Copy].To
	var letters []Letter
	same := sameReader(m, to)
	// The first of the notices to somebody is the one that is written.
	if same[0] == e.Copy && a.writable(to) {
		letters = append(letters, c.s.advance(ctx, a, same))
	}
	d := queue.Discharge{Told: true}
	if at, known := comes(m, announced(m, same), a.now); known {
		d.Arrives = map[int]time.Time{e.Copy: at}
	}
	return c.s.options.Store.Discharge(ctx, e, d, letters...)
}

// sameReader are the notices for one person that still count, by position.
func sameReader(m *queue.Message, to string) (same []int) {
	for i, c := range m.Copies {
		if c.To == to && c.Withdrawn.IsZero() && comesTo(m, c) {
			same = append(same, i)
		}
	}
	return same
}

// isPrivate tells whether a mail is for its recipients alone, or encrypted.
func isPrivate(head []byte) bool {
	return mail.Summarize(head).IsPrivate() || mail.ProtectionOf(head).Encrypted != ""
}

// advance writes an advance notice: from whom, to whom of theirs, about what,
// when it arrives, and how to reach the sender. Of the mail itself it shows
// nothing, unless a recipient chose that (P8); then the mail is attached as it
// will arrive.
func (s *Service) advance(ctx context.Context, a *affair, same []int) Letter {
	m, to := a.m, a.m.Copies[same[0]].To
	say := a.say(to)
	recipients := announced(m, same)
	data := map[string]any{"Subject": subjectOf(say, m), "Author": a.name(a.dir.Main(m.Author)), "To": s.among(say, recipients)}
	l := &letter{subject: say.T("copy.subject.advance", data)}
	l.add(lead, say.T("copy.lead.advance", data))
	l.addRows(table, "", []line{
		{Left: say.T("copy.from"), Right: a.full(a.dir.Main(m.Author))},
		{Left: say.T("copy.to"), Right: s.everybody(say, recipients)},
		{Left: say.T("copy.about"), Right: subjectOf(say, m)},
		{Left: say.T("copy.arrives"), Right: s.arrival(say, m, recipients, a.now)},
	})
	s.reach(a, l, say)
	if i := slices.IndexFunc(same, func(i int) bool { return m.Copies[i].Whole }); i >= 0 && !a.bare && s.readable(ctx, m) {
		l.shown = m
		l.add(para, say.T("copy.whole"))
	} else {
		l.add(para, say.T("copy.nocontent"))
	}
	l.add(fine, say.T("notice.times", "Zone", say.Zone(a.now)))
	return s.copyMail(ctx, a, to, say, l, true)
}

// reach says how to reach the sender, whom an answer to the notice goes to.
func (s *Service) reach(a *affair, l *letter, say *locale.Locale) {
	if mail.ValidAddress(a.m.Author) {
		l.replyTo = a.m.Author
		l.addRows(list, say.T("copy.reach"), []line{{Left: a.name(a.dir.Main(a.m.Author)), Address: a.m.Author}})
	}
}

// announced are the recipients that some notices are about, each once.
func announced(m *queue.Message, same []int) (list []string) {
	for _, i := range same {
		for _, a := range m.Copies[i].Recipients {
			if !slices.Contains(list, a) {
				list = append(list, a)
			}
		}
	}
	return list
}

// everybody lists people with their addresses.
func (s *Service) everybody(say *locale.Locale, addresses []string) string {
	list := make([]string, len(addresses))
	for i, a := range addresses {
		list[i] = s.wholeName(a)
	}
	return some(say, list, 10)
}

// coming is when the mail has reached all of these recipients, as far as the
// clock decides it, and whose word it waits for besides; zero where none of them
// waits for it any more.
func coming(m *queue.Message, recipients []string) (due time.Time, waits guard.Action) {
	for _, d := range m.Deliveries {
		about := slices.ContainsFunc(recipients, func(a string) bool { return mail.Key(a) == mail.Key(d.Recipient.Address) })
		if !about || !d.State.Waiting() {
			continue
		}
		if d.Due.After(due) {
			due = d.Due
		}
		if q := gateOn(m, d); q != nil && (waits == "" || q.Kind.Stricter(waits)) {
			waits = q.Kind
		}
	}
	return due, waits
}

// comes is coming where a notice can name the time.
func comes(m *queue.Message, recipients []string, now time.Time) (at time.Time, known bool) {
	at, waits := coming(m, recipients)
	return at, !at.IsZero() && waits == "" && at.Sub(now) <= queue.Indefinite
}

// arrival says when the mail reaches these recipients: what is known of it.
func (s *Service) arrival(say *locale.Locale, m *queue.Message, recipients []string, now time.Time) string {
	due, waits := coming(m, recipients)
	switch {
	case waits == guard.Approve:
		return say.T("copy.when.approval")
	case waits == guard.Ask:
		return say.T("copy.when.answer")
	case due.Sub(now) > queue.Indefinite:
		return say.T("copy.when.unknown")
	case due.Sub(now) < time.Minute:
		return say.T("copy.when.now")
	}
	return say.T("copy.when.time", "Until", say.Until(due.Sub(now).Round(time.Minute)), "When", say.When(due, now))
}

// copyMail makes a mail of a letter to an assistant. What comes first about a
// message is what the rest answers.
func (s *Service) copyMail(ctx context.Context, a *affair, to string, say *locale.Locale, l *letter, first bool) Letter {
	l.add(fine, say.T("copy.footer"))
	p := parcel{from: s.desk(), to: to, say: say, letter: l, automatic: "auto-generated", thread: threadOf(a.m), about: a.m.ID, now: a.now}
	anchor := s.anchorOf("advance", a.m.ID, to)
	if first {
		p.messageID = anchor
	} else {
		p.answers = anchor
	}
	return s.pack(ctx, p)
}

// withdraw does an ErrandWithdraw: who was told of a mail that does not come now
// is told so, once; notices that were not written yet are dropped. Who still
// gets it for another recipient of theirs hears nothing.
func (c *Clerk) withdraw(ctx context.Context, e *queue.Errand, m *queue.Message) error {
	a, err := c.s.affairOf(ctx, m, true)
	if err != nil {
		return err
	}
	var d queue.Discharge
	var letters []Letter
	done := map[string]bool{}
	for i, n := range m.Copies {
		if !n.Withdrawn.IsZero() || comesTo(m, n) {
			continue
		}
		d.Withdrawn = append(d.Withdrawn, i)
		if n.Told.IsZero() || done[n.To] || len(sameReader(m, n.To)) > 0 || !a.writable(n.To) {
			continue
		}
		done[n.To] = true
		letters = append(letters, c.s.withdrawal(ctx, a, n.To))
	}
	return c.s.options.Store.Discharge(ctx, e, d, letters...)
}

func (s *Service) withdrawal(ctx context.Context, a *affair, to string) Letter {
	var recipients []string
	for i, c := range a.m.Copies {
		for _, r := range announced(a.m, []int{i}) {
			if c.To == to && !slices.Contains(recipients, r) {
				recipients = append(recipients, r)
			}
		}
	}
	say := a.say(to)
	data := map[string]any{"Subject": subjectOf(say, a.m), "Author": a.full(a.dir.Main(a.m.Author)), "To": s.among(say, recipients)}
	l := &letter{subject: say.T("copy.subject.withdrawn", data)}
	l.add(lead, say.T("copy.lead.withdrawn", data))
	l.add(para, say.T("copy.whatnow", data))
	s.reach(a, l, say)
	return s.copyMail(ctx, a, to, say, l, false)
}
