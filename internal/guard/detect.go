package guard

import (
	"context"
	"fmt"
	"math"
	"strings"
	"time"

	"belay/internal/directory"
	"belay/internal/mail"
)

// CodeFailed is the signal that stands where a detector failed or took too
// long. Its evidence names the detector.
const CodeFailed = "guard.failed"

// DetectorBudget is how long a detector may take where nothing else is set.
const DetectorBudget = 500 * time.Millisecond

// Detector notices things about a message. Detect is called by many goroutines
// at once, and must end soon after its context does. It must not change what it
// is shown. What it gives are signals above its threshold.
type Detector interface {
	Name() string
	Codes() []string // all that its signals may have
	Detect(ctx context.Context, l *Look) ([]Signal, error)
}

// Look is what a detector is shown.
type Look struct {
	*Facts
	Directory *directory.Directory // nil knows nobody
	Protected mail.Protection
}

// detect asks all detectors at once. Those that fail, panic or take longer than
// the budget leave a signal and their codes; the others still count (P6).
func (g *Guard) detect(ctx context.Context, l *Look) (signals []Signal, failed []string) {
	if len(g.detectors) == 0 {
		return nil, nil
	}
	type result struct {
		signals []Signal
		err     error
	}
	within, cancel := context.WithTimeout(ctx, g.budget)
	defer cancel()
	results := make([]chan result, len(g.detectors))
	for i, d := range g.detectors {
		results[i] = make(chan result, 1) // who comes late finds room, and ends
		go func() {
			var r result
			defer func() {
				if p := recover(); p != nil {
					r = result{err: fmt.Errorf("it broke down: %v", p)}
				}
				results[i] <- r
			}()
			r.signals, r.err = d.Detect(within, l)
		}()
	}
	for i, d := range g.detectors {
		var r result
		select {
		case r = <-results[i]:
		case <-within.Done():
			r.err = fmt.Errorf("it took longer than %s", g.budget)
		}
		if r.err != nil {
			g.log.WarnContext(ctx, "a detector failed; rules that need it count as true", "detector", d.Name(), "error", r.err)
			failed = append(failed, d.Codes()...)
			signals = append(signals, Signal{Code: CodeFailed, Score: 1, Evidence: shorten(fmt.Sprintf("%s could not look at this mail: %v", d.Name(), r.err))})
			continue
		}
		for _, s := range r.signals {
			signals = append(signals, tidy(s))
		}
	}
	return signals, failed
}

// tidy brings a signal into the form that rules rely on.
func tidy(s Signal) Signal {
	if s.Recipient != "" {
		s.Recipient = mail.Key(s.Recipient)
	}
	if math.IsNaN(s.Score) {
		s.Score = 1
	}
	s.Score = min(max(s.Score, 0), 1)
	s.Evidence = shorten(strings.ToValidUTF8(s.Evidence, "\uFFFD"))
	return s
}

// Opaque notices mail into which nobody on the way can look.
type Opaque struct{}

// CodeOpaque is its only signal (S/MIME, RFC 8551; PGP, RFC 3156, and inline).
const CodeOpaque = "content.opaque"

var _ Detector = Opaque{}

// Name implements Detector.
func (Opaque) Name() string { return "opaque" }

// Codes implements Detector.
func (Opaque) Codes() []string { return []string{CodeOpaque} }

// Detect implements Detector.
func (Opaque) Detect(_ context.Context, l *Look) ([]Signal, error) {
	if l.Protected.Encrypted == "" {
		return nil, nil
	}
	return []Signal{{Code: CodeOpaque, Score: 1, Evidence: "the mail is encrypted (" + l.Protected.Encrypted + ")"}}, nil
}
