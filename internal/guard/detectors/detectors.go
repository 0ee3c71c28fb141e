// Package detectors is the list of all that belay looks for. A new detector
// gets a package of its own under guard and a line here; docs/detectors.md shows
// how one is written.
package detectors

import "belay/internal/guard"

// Options are what detectors are told by the configuration.
type Options struct{}

// All gives the detectors, in the order in which their signals are listed.
func All(Options) []guard.Detector {
	return []guard.Detector{
		guard.Opaque{},
	}
}
