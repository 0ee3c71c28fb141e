package detectors_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"

	"belay/internal/guard"
	"belay/internal/guard/rules"
	"belay/internal/mail"
	"belay/internal/reading"
)

// shouting is a detector to copy: it notices a mail whose subject is written in
// capital letters. docs/detectors.md goes through it line by line.
type shouting struct{}

// codeShouting is its only signal. A real one stands in config.SignalCodes too.
const codeShouting = "content.shouting"

func (shouting) Name() string { return "shouting" }

func (shouting) Codes() []string { return []string{codeShouting} }

func (shouting) Detect(_ context.Context, l *guard.Look) ([]guard.Signal, error) {
	loud := 0
	words := l.Mail.SubjectWords() // folded once, for all detectors
	for _, w := range words {
		if len(w.Text) > 3 && w.Text == strings.ToUpper(w.Text) && w.Text != strings.ToLower(w.Text) {
			loud++
		}
	}
	if loud < 3 {
		return nil, nil // it is silent where it is not sure
	}
	return []guard.Signal{{
		Code:  codeShouting,
		Score: min(0.9, 0.3+0.1*float64(loud)), // how sure it is that somebody would want to know
		Count: loud,
		Found: []guard.Found{{Text: l.Mail.Subject, Place: guard.InSubject}},
	}}, nil
}

func Example() {
	set, err := rules.Compile(nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	g := guard.New(guard.Options{Rules: set, Detectors: []guard.Detector{shouting{}}, Logger: slog.New(slog.DiscardHandler)})
	for _, subject := range []string{"The IBAN you asked for", "WHERE DOES THIS MONEY COME FROM"} {
		m := reading.FromTexts(subject, "Dear Ewa, …", nil, true)
		v := g.Judge(context.Background(), guard.Facts{
			Author: "jan@corp.test", NoBytes: true, Summary: &mail.Summary{Subject: subject},
			Envelope: &mail.Envelope{Recipients: []mail.Recipient{{Address: "ewa@falcon.test"}}},
			Read:     func(context.Context) (*reading.Mail, error) { return m, nil },
		})
		fmt.Printf("%d signals", len(v.Signals))
		for _, s := range v.Signals {
			fmt.Printf(": %s %.1f, %d words", s.Code, s.Score, s.Count)
		}
		fmt.Println()
	}
	// Output:
	// 0 signals
	// 1 signals: content.shouting 0.9, 6 words
}
