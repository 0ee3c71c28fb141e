package demo

import (
	"context"
	"fmt"
	"slices"
	"time"

	"belay/internal/mail"
)

// Mails are the three dozen, oldest first. Dates in invitations lie after now.
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
