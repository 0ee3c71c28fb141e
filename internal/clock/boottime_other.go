//go:build !linux

package clock

import "time"

var started = time.Now()

// boottime is Go's monotonic clock.
func boottime() time.Duration { return time.Since(started) }
