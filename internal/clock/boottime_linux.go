package clock

import (
	"time"

	"golang.org/x/sys/unix"
)

// boottime is CLOCK_BOOTTIME: like CLOCK_MONOTONIC, with the time in which the
// machine was suspended.
func boottime() time.Duration {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &t); err != nil {
		return time.Since(started) // only kernels before 2.6.39
	}
	return time.Duration(t.Nano())
}

var started = time.Now()
