package worktime

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Span is how long people get for something: working days, and time beside
// them. Time of an hour or more, and any that stands beside days, is working
// time; a span shorter than one hour is time by the clock, since who writes
// ten minutes means ten minutes.
type Span struct {
	Days int
	Time time.Duration
}

// The longest span that ParseSpan takes.
const (
	maxDays = 1000
	maxTime = 10_000 * time.Hour
)

// IsZero tells whether the span is nothing.
func (s Span) IsZero() bool { return s == Span{} }

// ByClock tells whether the span is clock time: no days, less than an hour.
func (s Span) ByClock() bool { return s.Days == 0 && s.Time < time.Hour }

// String is the span as ParseSpan reads it: "2d4h", "10m", "0s".
func (s Span) String() string {
	var b strings.Builder
	if s.Days > 0 {
		fmt.Fprintf(&b, "%dd", s.Days)
	}
	rest := s.Time
	for _, u := range []struct {
		name string
		size time.Duration
	}{{"h", time.Hour}, {"m", time.Minute}, {"s", time.Second}} {
		if n := rest / u.size; n > 0 {
			fmt.Fprintf(&b, "%d%s", n, u.name)
			rest -= n * u.size
		}
	}
	if rest > 0 {
		fmt.Fprintf(&b, "%dms", max(1, rest/time.Millisecond))
	}
	if b.Len() == 0 {
		return "0s"
	}
	return b.String()
}

// MarshalText and UnmarshalText write and read a span as in a file.
func (s Span) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

func (s *Span) UnmarshalText(text []byte) (err error) {
	*s, err = ParseSpan(string(text))
	return err
}

var units = map[string]time.Duration{"ms": time.Millisecond, "s": time.Second, "m": time.Minute, "h": time.Hour}

// ParseSpan reads "2d", "4h", "2d4h", "1.5h", "10m" or "0". Days are whole;
// the longest span is 1,000 days, or 10,000 hours.
func ParseSpan(text string) (Span, error) {
	var s Span
	if text == "0" {
		return s, nil
	}
	if _, err := strconv.ParseFloat(text, 64); err == nil {
		return s, fmt.Errorf("%q has no unit; write %sm, %sh or %sd", text, text, text, text)
	}
	var clock float64
	for rest := text; ; {
		tail := strings.TrimLeft(rest, "0123456789.")
		after := strings.TrimLeft(tail, "abcdefghijklmnopqrstuvwxyz")
		number, unit := rest[:len(rest)-len(tail)], tail[:len(tail)-len(after)]
		n, err := strconv.ParseFloat(number, 64)
		size, known := units[unit]
		switch {
		case err == nil && unit == "w":
			return Span{}, fmt.Errorf("%q: weeks differ from place to place; write working days, such as 5d", text)
		case err != nil || !known && unit != "d":
			return Span{}, fmt.Errorf(`%q is no time; write it as 10m, 4h, 2d or 2d4h`, text)
		case unit == "d" && n != math.Trunc(n):
			return Span{}, fmt.Errorf("%q: working days are whole; write hours for parts of them", text)
		case unit == "d":
			s.Days += int(min(n, maxDays+1))
		default:
			clock += n * float64(size)
		}
		if s.Days > maxDays || clock > float64(maxTime) {
			return Span{}, fmt.Errorf("%q is too long; the longest are 1000d and 10000h", text)
		}
		if rest = after; rest == "" {
			s.Time = time.Duration(math.Round(clock))
			return s, nil
		}
	}
}
