package guard

import (
	"context"
	"strings"
	"testing"
)

// panicking is instant, and breaks down.
type panicking struct{ Opaque }

func (panicking) Name() string { return "panicking" }

func (panicking) Detect(context.Context, *Look) ([]Signal, error) { panic("out of order") }

// P6: a detector that is asked in the judging's own goroutine cannot take it
// along, and the others still count.
func TestP6_AnInstantDetectorThatBreaksDownLeavesASignal(t *testing.T) {
	g := New(Options{Detectors: []Detector{panicking{}, Opaque{}}})
	if len(g.slow) != 0 {
		t.Errorf("slow detectors: %v", g.slow)
	}
	l := &Look{Facts: &Facts{}}
	l.Protected.Encrypted = "PGP"
	signals, failed := g.ask(t.Context(), l)
	if len(signals) != 1 || signals[0].Code != CodeOpaque {
		t.Errorf("signals: %+v", signals)
	}
	if len(failed) != 1 || failed[0].who != "panicking" || !strings.Contains(failed[0].err.Error(), "out of order") || failed[0].codes[0] != CodeOpaque {
		t.Errorf("failed: %v", failed)
	}
}
