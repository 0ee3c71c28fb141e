package guard

import (
	"context"
	"fmt"
	"math"
	"strings"
	"time"

	"belay/internal/directory"
	"belay/internal/history"
	"belay/internal/mail"
	"belay/internal/reading"
)

// CodeFailed is the signal that stands where a detector failed or took too
// long. Its evidence names the detector.
const CodeFailed = "guard.failed"

// DetectorBudget is how long a detector may take where nothing else is set.
const DetectorBudget = 500 * time.Millisecond

// Detector notices things about a message. Detect is called by many goroutines
// at once, and must end soon after its context does. It must not change what it
// is shown. It gives each signal a score: how sure it is that somebody would
// want to know, and leaves out what is below 0.2. From 0.5 on a signal fires,
// unless the configuration says otherwise (Setting).
type Detector interface {
	Name() string
	Codes() []string // all that its signals may have
	Detect(ctx context.Context, l *Look) ([]Signal, error)
}

// fileReader is a detector that looks into files: its signals of these codes
// are not to be had where a file could not be read in time (P6).
type fileReader interface{ CodesOfFiles() []string }

// Look is what a detector is shown.
type Look struct {
	*Facts
	Directory *directory.Directory // nil knows nobody
	Protected mail.Protection
	Mail      *reading.Mail // what it says; never nil
	Past      *history.Past // nil where nothing was learned
	Keys      []string      // of the recipients, as in the envelope: mail.Key
	Own       func(domain string) bool
}

// instant is a detector that looks only at what is there already: it is asked
// without a goroutine and a clock of its own, which would cost far more than it.
type instant interface{ instant() }

// found is what a detector gives.
type found struct {
	signals []Signal
	err     error
}

// ask asks one detector. A panic is an error like any other.
func ask(ctx context.Context, d Detector, l *Look) (f found) {
	defer func() {
		if p := recover(); p != nil {
			f = found{err: fmt.Errorf("it broke down: %v", p)}
		}
	}()
	f.signals, f.err = d.Detect(ctx, l)
	return f
}

// detect asks all detectors at once. Those that fail, panic or take longer than
// the budget leave a signal and their codes; the others still count (P6).
func (g *Guard) detect(ctx context.Context, l *Look) (signals []Signal, failed []string) {
	within := ctx
	if len(g.slow) > 0 {
		var cancel context.CancelFunc
		within, cancel = context.WithTimeout(ctx, g.budget)
		defer cancel()
	}
	results := make(map[int]chan found, len(g.slow))
	for _, i := range g.slow {
		result := make(chan found, 1) // who comes late finds room, and ends
		results[i] = result
		go func() { result <- ask(within, g.detectors[i], l) }()
	}
	for i, d := range g.detectors {
		var r found
		if result, slow := results[i]; !slow {
			r = ask(ctx, d, l)
		} else {
			select {
			case r = <-result:
			case <-within.Done():
				r.err = fmt.Errorf("it took longer than %s", g.budget)
			}
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

func (Opaque) instant() {}

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
