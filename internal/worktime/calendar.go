package worktime

import (
	"fmt"
	"slices"
	"time"
)

// DefaultHours are the working hours where none are set.
const DefaultHours = "Mon-Fri 08:00-17:00"

// horizon is how many days Add looks ahead for a working day. Holidays that
// leave none in ten years are a mistake that must not hang anything.
const horizon = 3660

// Calendar says when people work. It never changes, and is safe for
// concurrent use. A nil Calendar is the default: DefaultHours in the machine's
// zone, no holidays, never quiet.
type Calendar struct {
	zone   *time.Location
	hours  week
	quiet  week
	dated  map[date]bool // holidays of one year
	yearly map[date]bool // holidays of every year; their year is 0
}

// date is a day of the calendar, in no zone.
type date struct {
	year  int
	month time.Month
	day   int
}

var fallback = Calendar{zone: time.Local, hours: mustHours(DefaultHours)}

func mustHours(text string) week {
	w, err := parseWeek(text)
	if err != nil {
		panic(err) // a constant of this file
	}
	return w
}

// New makes a calendar. zone is an IANA name ("Europe/Warsaw"), "" for the
// machine's; hours as in "Mon-Thu 08:00-16:00, Fri 08:00-14:00", "" for
// DefaultHours; holidays are days ("2026-12-25"), or days of every year
// ("12-25"); quiet is like hours, a range alone meaning every day
// ("20:00-07:00"), "" for never. The error says which of them cannot be read
// and how to write it; it begins with the name of the setting.
func New(zone, hours string, holidays []string, quiet string) (*Calendar, error) {
	c := &Calendar{zone: time.Local, dated: map[date]bool{}, yearly: map[date]bool{}}
	var err error
	if zone != "" {
		if c.zone, err = time.LoadLocation(zone); err != nil {
			return nil, fmt.Errorf(`timezone: no zone has the name %q; write it as "Europe/Warsaw"`, zone)
		}
	}
	if hours == "" {
		hours = DefaultHours
	}
	if c.hours, err = parseWeek(hours); err != nil {
		return nil, fmt.Errorf("hours: %w", err)
	}
	if quiet != "" {
		if c.quiet, err = parseWeek(quiet); err != nil {
			return nil, fmt.Errorf("quiet: %w", err)
		}
		if c.quiet.always() {
			return nil, fmt.Errorf("quiet: %q leaves no time at all to write to anybody", quiet)
		}
	}
	for i, h := range holidays {
		if err := c.holiday(h); err != nil {
			return nil, fmt.Errorf("holidays[%d]: %w", i, err)
		}
	}
	return c, nil
}

func (c *Calendar) holiday(text string) error {
	if t, err := time.Parse("2006-01-02", text); err == nil {
		c.dated[dateOf(t)] = true
		return nil
	}
	t, err := time.Parse("2006-01-02", "2000-"+text) // a leap year: 02-29 is a day
	if err != nil {
		return fmt.Errorf(`%q is no day; write it as "2026-12-25", or "12-25" for every year`, text)
	}
	d := dateOf(t)
	d.year = 0
	c.yearly[d] = true
	return nil
}

func (c *Calendar) or() *Calendar {
	if c == nil {
		return &fallback
	}
	return c
}

// Zone is where the calendar's clock hangs; never nil.
func (c *Calendar) Zone() *time.Location { return c.or().zone }

// Holiday tells whether the day of t is a holiday.
func (c *Calendar) Holiday(t time.Time) bool {
	c = c.or()
	return c.isHoliday(dateOf(t.In(c.zone)))
}

func (c *Calendar) isHoliday(d date) bool {
	if c.dated[d] {
		return true
	}
	d.year = 0
	return c.yearly[d]
}

// Working tells whether t is working time. A range's last moment is not: work
// until 17:00 is over at 17:00. A night shift belongs to the day on which it
// begins.
func (c *Calendar) Working(t time.Time) bool {
	c = c.or()
	d := dateOf(t.In(c.zone))
	return within(c.shifts(d.add(-1)), t) || within(c.shifts(d), t)
}

// Loud is t, or, where t lies in the quiet hours, their end.
func (c *Calendar) Loud(t time.Time) time.Time {
	c = c.or()
	if c.quiet.empty() {
		return t
	}
	for range 15 { // quiet hours may join those of the next day; never a whole week (New)
		d := dateOf(t.In(c.zone))
		end, found := quietEnd(append(c.day(c.quiet, d.add(-1)), c.day(c.quiet, d)...), t)
		if !found {
			return t
		}
		t = end
	}
	return t
}

func quietEnd(spells []spell, t time.Time) (time.Time, bool) {
	i := slices.IndexFunc(spells, func(s spell) bool { return s.has(t) })
	if i < 0 {
		return t, false
	}
	return spells[i].to.In(t.Location()), true
}

// spell is a stretch of time, from its first moment to just before its last.
type spell struct{ from, to time.Time }

func (s spell) has(t time.Time) bool { return !t.Before(s.from) && t.Before(s.to) }

func within(spells []spell, t time.Time) bool {
	return slices.ContainsFunc(spells, func(s spell) bool { return s.has(t) })
}

// shifts are the spells of work that begin on a day, in order.
func (c *Calendar) shifts(d date) []spell {
	if c.isHoliday(d) {
		return nil
	}
	return c.day(c.hours, d)
}

// day turns a day's ranges into moments. The clock change can make a range
// empty; it is left out then.
func (c *Calendar) day(w week, d date) []spell {
	ranges := w[d.weekday()]
	spells := make([]spell, 0, len(ranges))
	for _, r := range ranges {
		s := spell{c.at(d, r.from), c.at(d, r.to)}
		if s.from.Before(s.to) {
			spells = append(spells, s)
		}
	}
	return spells
}

// at is the moment at which the clock shows a time of a day, which may lie
// beyond its midnight. Where the clock is put forward, the times that are left
// out are the moment of the change, so that a later time is never an earlier
// moment; where it is put back, the first of the two passes counts.
func (c *Calendar) at(d date, clock time.Duration) time.Time {
	want := d.midnight().Add(clock)
	t := time.Date(want.Year(), want.Month(), want.Day(), want.Hour(), want.Minute(), want.Second(), want.Nanosecond(), c.zone)
	switch shown := shownBy(t); {
	case shown.Equal(want):
		return c.firstPass(t)
	case shown.After(want): // the change lies before t
		if start, _ := t.ZoneBounds(); !start.IsZero() {
			return start
		}
	default:
		if _, end := t.ZoneBounds(); !end.IsZero() {
			return end
		}
	}
	return t
}

// firstPass is t, or the earlier moment at which the clock showed the same.
func (c *Calendar) firstPass(t time.Time) time.Time {
	start, _ := t.ZoneBounds()
	if start.IsZero() {
		return t
	}
	before := start.Add(-time.Nanosecond)
	_, then := before.Zone()
	_, now := t.Zone()
	earlier := t.Add(-time.Duration(then-now) * time.Second)
	if then > now && earlier.Before(start) {
		return earlier
	}
	return t
}

// shownBy is what the clock shows at t, as if it hung in UTC.
func shownBy(t time.Time) time.Time {
	_, offset := t.Zone()
	return t.UTC().Add(time.Duration(offset) * time.Second)
}

func dateOf(t time.Time) date {
	y, m, d := t.Date()
	return date{y, m, d}
}

func (d date) add(days int) date {
	return dateOf(time.Date(d.year, d.month, d.day+days, 12, 0, 0, 0, time.UTC))
}

func (d date) weekday() time.Weekday {
	return time.Date(d.year, d.month, d.day, 12, 0, 0, 0, time.UTC).Weekday()
}

// midnight is the beginning of the day, as if the clock hung in UTC.
func (d date) midnight() time.Time {
	return time.Date(d.year, d.month, d.day, 0, 0, 0, 0, time.UTC)
}
