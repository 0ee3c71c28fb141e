// Package detectors is the list of all that belay looks for. A new detector
// gets a package of its own under guard and a line here; docs/detectors.md shows
// how one is written.
package detectors

import (
	"belay/internal/guard"
	"belay/internal/guard/attachment"
	"belay/internal/guard/confidential"
	"belay/internal/guard/crowd"
	"belay/internal/guard/expect"
	"belay/internal/guard/greeting"
	"belay/internal/guard/hidden"
	"belay/internal/guard/identifier"
	"belay/internal/guard/lexicon"
	"belay/internal/guard/missing"
	"belay/internal/guard/organisation"
	"belay/internal/guard/recipient"
	"belay/internal/guard/secret"
	"belay/internal/guard/thread"
)

// Options are what detectors are told by the configuration: an admin's own words
// and patterns, by the code of the signal that they give.
type Options struct {
	Own map[string]lexicon.Options
	// Model gives what the closing step knows about wrong recipients, by author:
	// expect.Options.Model; nil is the shipped one.
	Model func(author string) *expect.Model
}

// All gives the detectors, in the order in which their signals are listed.
func All(o Options) []guard.Detector {
	return []guard.Detector{
		recipient.New(),
		missing.New(),
		thread.New(),
		greeting.New(),
		organisation.New(),
		crowd.New(),
		confidential.New(o.Own[confidential.Code]),
		identifier.New(o.Own[identifier.Code]),
		secret.New(o.Own[secret.Code]),
		hidden.New(),
		attachment.New(),
		guard.Opaque{},
		expect.New(expect.Options{Model: o.Model}),
	}
}
