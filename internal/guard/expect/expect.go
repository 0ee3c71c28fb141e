// Package expect rates each recipient of a mail.
package expect

import (
	"context"

	"belay/internal/guard"
)

// CodeUnlikely is its signal.
const CodeUnlikely = "recipient.unlikely"

// Detector rates recipients.
type Detector struct {
	o      Options
	people people
}

// Options make a Detector.
type Options struct {
	Model func(author string) *Model
	Watch func(l *guard.Look, s *Seen)
}

// New makes one.
func New(o Options) *Detector { return &Detector{o: o} }

// Name implements guard.Detector.
func (*Detector) Name() string { return "expect" }

// Codes implements guard.Detector.
func (*Detector) Codes() []string { return []string{CodeUnlikely} }

// Covers implements guard.Closer.
func (*Detector) Covers() map[string]bool { return nil }

// Detect implements guard.Detector.
func (*Detector) Detect(context.Context, *guard.Look) ([]guard.Signal, error) { return nil, nil }

// Close implements guard.Closer.
func (d *Detector) Close(_ context.Context, l *guard.Look, signals []guard.Signal) ([]guard.Signal, []guard.Rating, error) {
	if l.Past == nil {
		return nil, nil, nil
	}
	var m *Model
	if d.o.Model != nil {
		m = d.o.Model(l.Author)
	}
	s := d.people.study(l, signals, m)
	if d.o.Watch != nil {
		d.o.Watch(l, &Seen{s})
	}
	return nil, nil, nil
}
