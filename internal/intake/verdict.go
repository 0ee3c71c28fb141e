package intake

import (
	"context"
	"fmt"
	"strings"
	"time"

	"belay/internal/guard"
	"belay/internal/queue"
	"belay/internal/smtpd"
)

// taken is what a client is told of a message that is stored: that it leaves,
// or until when it waits. Where somebody has to answer first, that is when the
// first question runs out, unless the clock holds the mail longer.
func taken(m *queue.Message) string {
	until, asked := waits(m)
	if until.IsZero() {
		return fmt.Sprintf("belay %s queued", m.ID)
	}
	text := fmt.Sprintf("belay %s held until %s", m.ID, until.UTC().Format(time.RFC3339))
	if asked {
		text += " or an answer"
	}
	return text
}

// waits gives until when a message waits at the latest before something
// happens to it, and whether an answer may come before.
func waits(m *queue.Message) (until time.Time, asked bool) {
	until = m.HeldUntil
	var expires time.Time
	for i := range m.Verdict.Questions {
		q := &m.Verdict.Questions[i]
		if expires.IsZero() || q.Expires.Before(expires) {
			expires = q.Expires
		}
	}
	if expires.After(until) {
		until = expires
	}
	return until, !expires.IsZero()
}

// refuse answers a message that a rule rejects: 550 5.7.1 with the rule's
// words. Nothing of the message is kept but a line in the journal.
func (in *incoming) refuse(ctx context.Context, m *queue.Message) error {
	var words, names []string
	for i := range m.Verdict.Rules {
		hit := &m.Verdict.Rules[i]
		if hit.Action != guard.Reject || hit.Observed {
			continue
		}
		names = append(names, hit.Name)
		words = append(words, refusal(hit))
	}
	in.h.Logger.Info("a rule refused a message", "message", m.ID, "actor", m.Author, "rules", names)
	if in.h.Refused != nil {
		if err := in.h.Refused(ctx, m, names); err != nil {
			return fmt.Errorf("note that message %s was refused: %w", m.ID, err)
		}
	}
	return &smtpd.Reply{Code: 550, Enhanced: "5.7.1", Text: strings.Join(words, "; ")}
}

// refusal is what one rule has to say to the sender.
func refusal(hit *guard.Hit) string {
	words := hit.Reason
	if words == "" {
		words = hit.Name
	}
	const most = 5
	switch n := len(hit.Recipients); {
	case n == 0:
		return words
	case n > most:
		return fmt.Sprintf("%s (%s and %d more)", words, strings.Join(hit.Recipients[:most], ", "), n-most)
	}
	return fmt.Sprintf("%s (%s)", words, strings.Join(hit.Recipients, ", "))
}
