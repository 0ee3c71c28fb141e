package config

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"belay/internal/worktime"
)

// Span is how long people get for something: working days, working hours, or
// less than an hour of time by the clock.
type Span = worktime.Span

// DelayRange is for how long a rule holds mail: Min where nothing speaks
// against any recipient, Max where everything does. A plain delay has both
// alike.
type DelayRange struct{ Min, Max time.Duration }

// ParseDelayRange reads "5m" or "0s..15m".
func ParseDelayRange(s string) (DelayRange, error) {
	least, most, ranged := strings.Cut(s, "..")
	if !ranged {
		most = least
	}
	var r DelayRange
	var err error
	if r.Min, err = ParseDuration(strings.TrimSpace(least)); err != nil {
		return DelayRange{}, err
	}
	if r.Max, err = ParseDuration(strings.TrimSpace(most)); err != nil {
		return DelayRange{}, err
	}
	if r.Min > r.Max {
		return DelayRange{}, fmt.Errorf("%q ends before it begins; write it as %s..%s", s, FormatDuration(r.Max), FormatDuration(r.Min))
	}
	return r, nil
}

// String writes the range as ParseDelayRange reads it.
func (r DelayRange) String() string {
	if r.Min == r.Max {
		return FormatDuration(r.Min)
	}
	return FormatDuration(r.Min) + ".." + FormatDuration(r.Max)
}

// Approvers are those who may approve. One of Manager, Group and Addresses is
// set; the zero Approvers is nobody.
type Approvers struct {
	Manager   bool
	Group     string
	Addresses []string
	Need      int // how many different people must say yes; 0 is one
}

// IsZero tells whether nobody is asked.
func (a Approvers) IsZero() bool { return !a.Manager && a.Group == "" && len(a.Addresses) == 0 }

// several is "2 of finance".
var several = regexp.MustCompile(`^(\d+)\s+of\s+(.+)$`)

func parseApprovers(s string) (Approvers, error) {
	if s = strings.TrimSpace(s); s == "" {
		return Approvers{}, errors.New("the text is empty; write manager, an address or a group")
	}
	if m := several.FindStringSubmatch(s); m != nil {
		n, err := strconv.Atoi(m[1])
		switch {
		case err != nil || n < 1 || n > 2:
			return Approvers{}, fmt.Errorf("%q: one or two people can be asked for; write 2 of %s", s, m[2])
		case m[2] == "manager" || strings.Contains(m[2], "@"):
			return Approvers{}, fmt.Errorf("%q: after \"%d of\" stands the name of a group", s, n)
		}
		return Approvers{Group: m[2], Need: n}, nil
	}
	switch {
	case s == "manager":
		return Approvers{Manager: true}, nil
	case strings.Contains(s, "@"):
		return Approvers{Addresses: []string{s}}, nil
	case s == "sender":
		return Approvers{}, errors.New(`the sender cannot approve their own mail; write "ask: sender"`)
	}
	return Approvers{Group: s}, nil
}

// String writes the approvers as people do.
func (a Approvers) String() string {
	switch {
	case a.Manager:
		return "manager"
	case a.Group != "" && a.Need > 1:
		return fmt.Sprintf("%d of %s", a.Need, a.Group)
	case a.Group != "":
		return a.Group
	}
	return strings.Join(a.Addresses, ", ")
}

// plain is what stands in the file.
func (a Approvers) plain() any {
	if len(a.Addresses) > 1 {
		return a.Addresses
	}
	return a.String()
}

// Copies are those who are told before a mail arrives. The zero Copies is
// nobody.
type Copies struct {
	Assistants bool // those of the recipients
	Addresses  []string
}

// IsZero tells whether nobody is told.
func (c Copies) IsZero() bool { return !c.Assistants && len(c.Addresses) == 0 }

func parseCopies(s string) (Copies, error) {
	switch s = strings.TrimSpace(s); {
	case s == "assistants":
		return Copies{Assistants: true}, nil
	case strings.Contains(s, "@"):
		return Copies{Addresses: []string{s}}, nil
	}
	if Nearest(s, []string{"assistants"}) != "" {
		return Copies{}, fmt.Errorf(`%q is nobody; did you mean "assistants"?`, s)
	}
	return Copies{}, fmt.Errorf("%q is nobody who can be told; write assistants, or a list of addresses", s)
}

// String writes the copies as people do.
func (c Copies) String() string {
	if c.Assistants {
		return "assistants"
	}
	return strings.Join(c.Addresses, ", ")
}

func (c Copies) plain() any {
	if len(c.Addresses) > 1 {
		return c.Addresses
	}
	return c.String()
}

// Moment is when a rule begins or ends to count: a day, or a moment of RFC
// 3339. The empty one is never.
type Moment string

// ParseMoment reads "2026-12-01" or "2026-12-01T08:00:00+01:00".
func ParseMoment(s string) (Moment, error) {
	s = strings.TrimSpace(s)
	if _, err := time.Parse(time.DateOnly, s); err == nil {
		return Moment(s), nil
	}
	if _, err := time.Parse(time.RFC3339, s); err == nil {
		return Moment(s), nil
	}
	return "", fmt.Errorf("%q is neither a day (2026-12-01) nor a moment (2026-12-01T08:00:00+01:00)", s)
}

// Begins is the first instant of the moment: of a day, midnight in the zone.
// It is zero where there is none.
func (m Moment) Begins(zone *time.Location) time.Time {
	if t, err := time.Parse(time.RFC3339, string(m)); err == nil {
		return t
	}
	t, err := time.ParseInLocation(time.DateOnly, string(m), zone)
	if err != nil {
		return time.Time{}
	}
	return t
}

// Ends is the first instant after the moment: of a day, the midnight that ends
// it. It is zero where there is none.
func (m Moment) Ends(zone *time.Location) time.Time {
	t := m.Begins(zone)
	if len(m) == len(time.DateOnly) && !t.IsZero() {
		return t.AddDate(0, 0, 1)
	}
	return t
}

// Zone is where the calendar's clock hangs: that of the machine where none is
// set.
func (c Calendar) Zone() *time.Location {
	if c.Timezone == "" {
		return time.Local
	}
	zone, err := time.LoadLocation(c.Timezone)
	if err != nil {
		return time.Local // a configuration with such a zone is refused when it is read
	}
	return zone
}
