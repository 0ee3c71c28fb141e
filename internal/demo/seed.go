package demo

import (
	"context"
	"fmt"
	"slices"
	"time"

	"belay/internal/guard"
	"belay/internal/mail"
	"belay/internal/worktime"
)

// Mails are all of them, oldest first. Dates in invitations lie after now.
func Mails(now time.Time) []Mail {
	all := slices.Concat(english(now), polish(now), spanish(now), italian(now), turkish(now), norwegian(now))
	slices.SortStableFunc(all, func(a, b Mail) int { return int(b.Age - a.Age) })
	return all
}

// next is the first such weekday after tomorrow, at an hour of UTC.
func next(now time.Time, day time.Weekday, hour int) time.Time {
	t := time.Date(now.Year(), now.Month(), now.Day()+2, hour, 0, 0, 0, time.UTC)
	for t.Weekday() != day {
		t = t.AddDate(0, 0, 1)
	}
	return t
}

// Submission is a mail of the demo as it is to be put into the queue.
type Submission struct {
	Mail     Mail
	Envelope mail.Envelope
	Raw      []byte    // no Bcc
	Bcc      string    // the Bcc field that submission takes out, with CRLF; "" for none
	Received time.Time // when it came in
	Due      time.Time // held: until when it waits; zero otherwise
}

// Seed gives every mail to submit, oldest first, and stops at its first error.
func Seed(ctx context.Context, now time.Time, submit func(context.Context, Submission) error) error {
	for _, m := range Mails(now) {
		s := Submission{Mail: m, Raw: m.Raw(now), Received: now.Add(-m.Age)}
		s.Envelope.ReversePath = m.From
		for _, address := range m.Recipients() {
			s.Envelope.Recipients = append(s.Envelope.Recipients, mail.Recipient{Address: address})
		}
		if len(m.Bcc) > 0 {
			s.Bcc = "Bcc: " + addresses(m.Bcc) + "\r\n"
		}
		if m.Fate == Held {
			s.Due = now.Add(m.Wait)
		}
		if err := submit(ctx, s); err != nil {
			return fmt.Errorf("put the demo's mail %q into the queue: %w", m.Name, err)
		}
	}
	return nil
}

// expire is how long people get for an answer, as in the default settings.
var expire = worktime.Span{Days: 2}

// Verdict is what the company's rules said of it. pause is the name of the
// default rule.
func (s Submission) Verdict(now time.Time, pause string) guard.Verdict {
	v := guard.Verdict{Action: guard.Pass, Scope: guard.ScopeMessage, Rules: []guard.Hit{}}
	if s.Mail.Fate == Sent {
		return v
	}
	v.Action, v.Delay = guard.Delay, s.Due.Sub(s.Received)
	if s.Mail.Fate == Stopped {
		v.Delay = s.Mail.Age + time.Hour // it is stopped before that
	}
	hit := guard.Hit{Name: s.Mail.Rule, Action: guard.Delay, Delay: v.Delay, Reason: s.Mail.Reason}
	if hit.Name == "" || s.Mail.Asks != nil {
		hit.Name = pause
	}
	v.Rules = append(v.Rules, hit)
	s.ask(&v, now)
	s.tell(&v)
	return v
}

// ask adds the question.
func (s Submission) ask(v *guard.Verdict, now time.Time) {
	asks := s.Mail.Asks
	if asks == nil {
		return
	}
	v.Action = asks.Kind
	v.Rules = append(v.Rules, guard.Hit{Name: s.Mail.Rule, Action: asks.Kind, Of: asks.Of, Need: asks.Need})
	var calendar *worktime.Calendar // nil is the usual working week
	v.Questions = append(v.Questions, guard.Question{Kind: asks.Kind, Of: asks.Of, Need: max(1, asks.Need), Rules: []string{s.Mail.Rule},
		Codes: []string{"rule:" + s.Mail.Rule}, Silence: guard.SilenceReturn, Expires: calendar.Add(now, expire)})
}

// tell adds the advance notices.
func (s Submission) tell(v *guard.Verdict) {
	if !s.Mail.Tell {
		return
	}
	hit := guard.Hit{Name: RuleAssistants, Action: guard.Delay, Delay: v.Delay}
	for _, r := range s.Mail.Recipients() {
		assistants, whole := company().Assistants(r)
		for _, a := range assistants {
			hit.Copy = append(hit.Copy, a)
			v.Copies = append(v.Copies, guard.Copy{To: a, Recipients: []string{r}, Whole: whole, Rule: hit.Name})
		}
	}
	v.Rules = append(v.Rules, hit)
}
