package worktime

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

var zones = []string{"Europe/Warsaw", "UTC", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "America/Sao_Paulo", "Africa/Casablanca"}

var weeks = []string{
	DefaultHours, "Mon-Thu 08:00-16:00, Fri 08:00-14:00", "Mon-Fri 08:00-12:00 13:00-17:00", "Mon-Fri 22:00-06:00", "Sun 00:00-24:00",
	"Mon-Sun 00:00-24:00", "Mon-Sun 01:30-02:30", "Sat-Sun 22:00-10:00, Mon 05:00-09:00", "Wed 02:00-03:00 23:00-02:30",
}

// anyCalendar draws one of many calendars, with holidays about the clock
// changes.
func anyCalendar(t *rapid.T) *Calendar {
	holidays := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"12-25", "2026-03-30", "2026-10-26", "03-08", "2026-11-02", "01-01"}), 0, 4, func(s string) string { return s }).Draw(t, "holidays")
	c, err := New(rapid.SampledFrom(zones).Draw(t, "zone"), rapid.SampledFrom(weeks).Draw(t, "hours"), holidays, rapid.SampledFrom([]string{"", "20:00-07:00", "Sat-Sun 00:00-24:00, Mon-Fri 01:00-03:00"}).Draw(t, "quiet"))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// anyTime draws a moment, half of the time near a change of the clock.
func anyTime(t *rapid.T, name string) time.Time {
	near := rapid.SampledFrom([]time.Time{
		time.Date(2026, 3, 29, 1, 0, 0, 0, time.UTC), time.Date(2026, 10, 25, 1, 0, 0, 0, time.UTC),
		time.Date(2026, 11, 1, 6, 0, 0, 0, time.UTC), time.Date(2026, 3, 8, 7, 0, 0, 0, time.UTC), time.Date(2026, 4, 4, 15, 0, 0, 0, time.UTC),
	}).Draw(t, name+" near")
	reach := rapid.SampledFrom([]int{3, 48, 24 * 365}).Draw(t, name+" reach")
	return near.Add(time.Duration(rapid.IntRange(-reach*3600, reach*3600).Draw(t, name)) * time.Second)
}

func anySpan(t *rapid.T) Span {
	return Span{
		Days: rapid.IntRange(0, 12).Draw(t, "days"),
		Time: time.Duration(rapid.IntRange(0, 30*3600).Draw(t, "seconds")) * time.Second,
	}
}

// inOrAtEnd tells whether a moment is working time, or the end of a shift.
func inOrAtEnd(c *Calendar, t time.Time) bool {
	return c.Working(t) || c.Working(t.Add(-time.Nanosecond))
}

func TestAddIsMonotoneAndEndsWithinWork(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, s := anyCalendar(t), anySpan(t)
		a, b := anyTime(t, "a"), anyTime(t, "b")
		if rapid.Bool().Draw(t, "close") {
			b = a.Add(time.Duration(rapid.IntRange(0, 7200).Draw(t, "apart")) * time.Second)
		}
		if b.Before(a) {
			a, b = b, a
		}
		endA, endB := c.Add(a, s), c.Add(b, s)
		if endB.Before(endA) {
			t.Fatalf("%s + %s = %s, but the later %s gives the earlier %s", a.In(c.zone), s, endA.In(c.zone), b.In(c.zone), endB.In(c.zone))
		}
		if endA.Before(a) {
			t.Fatalf("%s + %s = %s lies before", a, s, endA)
		}
		if !s.ByClock() && !inOrAtEnd(c, endA) {
			t.Fatalf("%s + %s = %s is no working time", a.In(c.zone), s, endA.In(c.zone))
		}
		if s.ByClock() && !endA.Equal(a.Add(s.Time)) {
			t.Fatalf("%s is clock time, and %s + it = %s", s, a, endA)
		}
		longer := Span{s.Days, s.Time + time.Hour}
		if !s.ByClock() && c.Add(a, longer).Before(endA) {
			t.Fatalf("%s ends before %s", longer, s)
		}
	})
}

// TestAddSpendsExactlyTheWork counts the working minutes one by one.
func TestAddSpendsExactlyTheWork(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, begin := anyCalendar(t), anyTime(t, "begin").Truncate(time.Minute)
		want := rapid.IntRange(60, 600).Draw(t, "minutes")
		end := c.Add(begin, Span{Time: time.Duration(want) * time.Minute})
		worked := 0
		for m := begin; m.Before(end); m = m.Add(time.Minute) {
			if c.Working(m) {
				worked++
			}
		}
		if worked != want {
			t.Fatalf("from %s to %s there are %d minutes of work, not %d", begin.In(c.zone), end.In(c.zone), worked, want)
		}
	})
}

func TestLoudIsNeverQuietAndNeverBefore(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, a, b := anyCalendar(t), anyTime(t, "a"), anyTime(t, "b")
		if b.Before(a) {
			a, b = b, a
		}
		loud := c.Loud(a)
		if loud.Before(a) || !c.Loud(loud).Equal(loud) || c.Loud(b).Before(loud) {
			t.Fatalf("after %s it is loud at %s, after %s at %s", a.In(c.zone), loud.In(c.zone), b.In(c.zone), c.Loud(b).In(c.zone))
		}
	})
}

func TestFridayEveningIsNeverBeforeMonday(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, err := New(rapid.SampledFrom(zones).Draw(t, "zone"), "", nil, "")
		if err != nil {
			t.Fatal(err)
		}
		week := rapid.IntRange(0, 51).Draw(t, "week")
		friday := time.Date(2026, 1, 2+7*week, 17, 0, 0, 0, c.zone).Add(time.Duration(rapid.IntRange(0, 60*60*54).Draw(t, "later")) * time.Second)
		monday := time.Date(2026, 1, 5+7*week, 8, 0, 0, 0, c.zone)
		s := anySpan(t)
		if s.ByClock() {
			s.Time += time.Hour
		}
		if end := c.Add(friday, s); end.Before(monday) {
			t.Fatalf("%s + %s = %s", friday, s, end)
		}
	})
}

func FuzzCalendar(f *testing.F) {
	f.Add("Mon-Thu 08:00-16:00, Fri 08:00-14:00", "20:00-07:00", "12-25", "2d4h")
	f.Add("Sat-Mon 22:00-06:00; 13:00–17:00", "", "2026-12-25", "90m")
	f.Fuzz(func(t *testing.T, hours, quiet, holiday, text string) {
		c, err := New("Europe/Warsaw", hours, []string{holiday}, quiet)
		if err != nil {
			return
		}
		s, err := ParseSpan(text)
		if err != nil {
			return
		}
		begin := time.Date(2026, 10, 24, 21, 0, 0, 0, time.UTC)
		if end := c.Add(begin, s); end.Before(begin) {
			t.Fatalf("%q: %s + %s = %s", hours, begin, s, end)
		}
		if loud := c.Loud(begin); !c.Loud(loud).Equal(loud) {
			t.Fatalf("%q: %s is not loud", quiet, loud)
		}
	})
}
