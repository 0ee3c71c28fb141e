package worktime

import (
	"slices"
	"time"
)

// Add is the moment when s is over that begins at t. Outside working time it
// begins with the next work: what is asked on Friday evening counts from Monday
// morning. A working day ends at the same time of the next working day, or with
// that day's work where it is shorter. The result never lies before t, stands in
// t's zone, and, but for spans by the clock, lies within working time (or at
// the very end of a shift). Where no work begins within ten years, the span is
// counted by the clock.
func (c *Calendar) Add(t time.Time, s Span) time.Time {
	if s.ByClock() {
		return t.Add(max(0, s.Time))
	}
	c = c.or()
	end, ok := t, true
	if s.Days > 0 {
		end, ok = c.addDays(end, s.Days)
	}
	if ok && s.Time > 0 {
		end, ok = c.addTime(end, s.Time)
	}
	if !ok {
		return t.Add(time.Duration(s.Days)*day + s.Time)
	}
	return end.In(t.Location())
}

// start finds the first working moment from t on, and the day to whose shifts
// it belongs: the later one where two overlap.
func (c *Calendar) start(t time.Time) (time.Time, date, bool) {
	today := dateOf(t.In(c.zone))
	for _, d := range []date{today, today.add(-1)} {
		if within(c.shifts(d), t) {
			return t, d, true
		}
	}
	for n := range horizon {
		d := today.add(n)
		for _, s := range c.shifts(d) {
			if !s.from.Before(t) {
				return s.from, d, true
			}
		}
	}
	return t, today, false
}

// addDays goes n working days on from t.
func (c *Calendar) addDays(t time.Time, n int) (time.Time, bool) {
	t, d, ok := c.start(t)
	if !ok {
		return t, false
	}
	clock := c.clockAt(d, t)
	for range horizon + n*7 {
		d = d.add(1)
		shifts := c.shifts(d)
		if len(shifts) == 0 {
			continue
		}
		if n--; n == 0 {
			return clamp(shifts, c.at(d, clock)), true
		}
	}
	return t, false
}

// clamp moves t into the shifts of a day: forward to the next, or back to the
// end of the last.
func clamp(shifts []spell, t time.Time) time.Time {
	for _, s := range shifts {
		if t.Before(s.from) {
			return s.from
		}
		if !t.After(s.to) {
			return t
		}
	}
	return shifts[len(shifts)-1].to
}

// clockAt is the time of day that the clock shows at t, counted from the
// midnight of d. In the second pass of an hour that comes twice it is the end
// of that hour: a later moment never shows an earlier time.
func (c *Calendar) clockAt(d date, t time.Time) time.Duration {
	t = t.In(c.zone)
	shown := shownBy(t)
	clock := shown.Sub(d.midnight())
	if start, _ := t.ZoneBounds(); !start.IsZero() && c.at(d, clock).Before(t) {
		before := start.Add(-time.Nanosecond)
		clock = shownBy(before).Add(time.Nanosecond).Sub(d.midnight())
	}
	return clock
}

// addTime spends work from t on.
func (c *Calendar) addTime(t time.Time, work time.Duration) (time.Time, bool) {
	d := dateOf(t.In(c.zone)).add(-1) // a night shift of yesterday may still run
	idle := 0
	for idle < horizon {
		shifts := c.shifts(d)
		idle++
		for _, s := range shifts {
			from := later(s.from, t)
			if !from.Before(s.to) {
				continue
			}
			idle = 0
			left := s.to.Sub(from)
			if left >= work {
				return from.Add(work), true
			}
			work -= left
			t = s.to // where shifts overlap nothing counts twice
		}
		d = d.add(1)
	}
	return t, false
}

func later(a, b time.Time) time.Time {
	return slices.MaxFunc([]time.Time{a, b}, time.Time.Compare)
}
