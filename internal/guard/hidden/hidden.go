// Package hidden looks at files.
package hidden

import (
	"context"

	"belay/internal/guard"
)

// Code is its only signal.
const Code = "content.hidden"

// Detector looks at the files of a mail.
type Detector struct{}

var _ guard.Detector = (*Detector)(nil)

// New makes one.
func New() *Detector { return &Detector{} }

// Name implements guard.Detector.
func (*Detector) Name() string { return "hidden" }

// Codes implements guard.Detector.
func (*Detector) Codes() []string { return []string{Code} }

// CodesOfFiles are those that need files to be read.
func (*Detector) CodesOfFiles() []string { return []string{Code} }

// Detect implements guard.Detector.
func (d *Detector) Detect(_ context.Context, l *guard.Look) ([]guard.Signal, error) { return nil, nil }
