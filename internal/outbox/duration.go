package outbox

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// ParseDuration reads a length of time as people write it: Go's form ("10m",
// "1h30m") and, in front of it, days ("2d", "1d12h").
func ParseDuration(s string) (time.Duration, error) {
	var days time.Duration
	rest := strings.ReplaceAll(strings.TrimSpace(s), " ", "")
	if n, after, ok := strings.Cut(rest, "d"); ok {
		count, err := strconv.ParseUint(n, 10, 16)
		if err != nil {
			return 0, badDuration(s)
		}
		days, rest = time.Duration(count)*24*time.Hour, after
		if rest == "" {
			return days, nil
		}
	}
	d, err := time.ParseDuration(rest)
	if err != nil || d < 0 {
		return 0, badDuration(s)
	}
	return days + d, nil
}

func badDuration(s string) error {
	return fmt.Errorf("%q is no length of time; write it like 90s, 10m, 1h30m or 2d", s)
}
