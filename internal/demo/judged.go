package demo

import (
	"context"
	"slices"

	"belay/internal/extract"
	"belay/internal/guard"
	"belay/internal/history"
	"belay/internal/mail"
	"belay/internal/reading"
)

// Facts are what the guard is told of the mail.
func (s Submission) Facts() guard.Facts {
	summary := mail.Summarize(s.Raw)
	return guard.Facts{Time: s.Received, Listener: "relay", Author: mail.Key(s.Mail.From), Size: int64(len(s.Raw)), Envelope: &s.Envelope,
		Summary: &summary, Head: s.Raw, Whole: true, Read: s.read}
}

func (s Submission) read(ctx context.Context) (*reading.Mail, error) {
	return reading.Parse(ctx, s.Raw, true, extract.New(extract.Limits{}))
}

// Event is what belay learns of the mail.
func (s Submission) Event(ctx context.Context) (history.Event, error) {
	says, err := s.read(ctx)
	if err != nil {
		return history.Event{}, err
	}
	summary := mail.Summarize(s.Raw)
	return history.EventOf(&summary, &s.Envelope, says, company(), s.Received), nil
}

// Notice adds to a verdict what detectors saw, and the question to the sender
// that follows from it where the mail waits for nobody else.
func (s Submission) Notice(v *guard.Verdict, judged guard.Verdict) {
	v.Signals = judged.Signals
	if s.Mail.Fate != Held || s.Mail.Asks != nil || s.Mail.Rule != "" {
		return
	}
	for _, hit := range judged.Rules {
		if hit.Action == guard.Ask && !hit.Observed {
			hit.Delay, hit.Late = 0, nil
			v.Rules = append(v.Rules, hit)
		}
	}
	for _, q := range judged.Questions {
		if q.Kind == guard.Ask && !slices.ContainsFunc(q.Codes, func(code string) bool { return code == guard.CodeFailed }) {
			v.Action = guard.Ask
			v.Questions = append(v.Questions, q)
		}
	}
}
