// Package attachment looks at files.
package attachment

import (
	"context"

	"belay/internal/guard"
)

// Its signals.
const (
	CodeMissing    = "attachment.missing"
	CodeUnreadable = "attachment.unreadable"
	CodeWrong      = "attachment.wrong"
)

// Detector looks at the files of a mail.
type Detector struct{}

var _ guard.Detector = (*Detector)(nil)

// New makes one.
func New() *Detector { return &Detector{} }

// Name implements guard.Detector.
func (*Detector) Name() string { return "attachment" }

// Codes implements guard.Detector.
func (*Detector) Codes() []string { return []string{CodeMissing, CodeUnreadable, CodeWrong} }

// CodesOfFiles are those that need files to be read.
func (*Detector) CodesOfFiles() []string { return []string{CodeUnreadable, CodeWrong} }

// Detect implements guard.Detector.
func (d *Detector) Detect(_ context.Context, l *guard.Look) ([]guard.Signal, error) { return nil, nil }
