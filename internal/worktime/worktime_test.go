package worktime

import (
	"strings"
	"testing"
	"time"
)

// warsaw is a calendar in a zone whose clock changes on 2026-03-29 (02:00 →
// 03:00) and 2026-10-25 (03:00 → 02:00).
func warsaw(t testing.TB, hours, quiet string, holidays ...string) *Calendar {
	t.Helper()
	c, err := New("Europe/Warsaw", hours, holidays, quiet)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// at reads "2026-11-20 16:30" in the calendar's zone.
func at(t testing.TB, c *Calendar, text string) time.Time {
	t.Helper()
	when, err := time.ParseInLocation("2006-01-02 15:04", text, c.Zone())
	if err != nil {
		t.Fatal(err)
	}
	return when
}

func span(t testing.TB, text string) Span {
	t.Helper()
	s, err := ParseSpan(text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestAddCountsWorkAsPeopleDo(t *testing.T) {
	const usual, short, split, night = "Mon-Fri 08:00-17:00", "Mon-Thu 08:00-16:00, Fri 08:00-14:00", "Mon-Fri 08:00-12:00 13:00-17:00", "Mon-Fri 22:00-06:00"
	for _, c := range []struct{ hours, begin, span, end string }{
		// 2026-11-20 is a Friday.
		{usual, "2026-11-20 09:00", "4h", "2026-11-20 13:00"},
		{usual, "2026-11-20 16:00", "4h", "2026-11-23 11:00"},
		{usual, "2026-11-20 18:30", "1h", "2026-11-23 09:00"},
		{usual, "2026-11-21 12:00", "2d", "2026-11-25 08:00"},
		{usual, "2026-11-20 16:30", "1d", "2026-11-23 16:30"},
		{usual, "2026-11-20 07:00", "1d", "2026-11-23 08:00"},
		{usual, "2026-11-19 16:30", "2d4h", "2026-11-24 11:30"},
		{usual, "2026-11-20 08:00", "9h", "2026-11-20 17:00"}, // the end of the shift, not the next morning
		{usual, "2026-11-20 17:00", "1h", "2026-11-23 09:00"},
		{usual, "2026-11-20 08:00", "10d", "2026-12-04 08:00"},
		{usual, "2026-11-20 20:00", "59m", "2026-11-20 20:59"}, // by the clock
		{usual, "2026-11-20 20:00", "0", "2026-11-20 20:00"},
		{usual, "2026-11-20 16:30", "1d30m", "2026-11-23 17:00"}, // beside days, minutes are work
		// Christmas on a Friday, a bridge day as a holiday of that year.
		{usual, "2026-12-23 16:00", "2h", "2026-12-28 09:00"},
		{usual, "2026-12-23 16:00", "1d", "2026-12-28 16:00"},
		{usual, "2027-12-24 16:00", "2h", "2027-12-27 09:00"}, // only the 25th is one every year
		{short, "2026-11-19 15:30", "1d", "2026-11-20 14:00"}, // Friday is shorter
		{short, "2026-11-20 13:00", "2h", "2026-11-23 09:00"},
		{split, "2026-11-20 11:00", "2h", "2026-11-20 14:00"}, // over lunch
		{split, "2026-11-20 12:30", "1d", "2026-11-23 13:00"},
		{night, "2026-11-20 23:00", "2h", "2026-11-21 01:00"}, // Friday's shift ends on Saturday
		{night, "2026-11-21 05:00", "2h", "2026-11-23 23:00"},
		{night, "2026-11-21 05:00", "1d", "2026-11-24 05:00"},
		// The clock changes in the night shift: real hours count.
		{"Sat-Sun 22:00-06:00", "2026-03-28 23:00", "4h", "2026-03-29 04:00"},
		{"Sat-Sun 22:00-06:00", "2026-10-24 23:00", "4h", "2026-10-25 02:00"}, // the second 02:00: see below
		{"Mon-Sun 00:00-24:00", "2026-03-28 12:00", "24h", "2026-03-29 13:00"},
		{"Mon-Sun 00:00-24:00", "2026-03-28 12:00", "1d", "2026-03-29 12:00"}, // a day is a day
		{"Mon-Sun 00:00-24:00", "2026-03-28 02:30", "1d", "2026-03-29 03:00"}, // 02:30 is left out there
		{"08:00-10:00", "2026-11-21 09:00", "2h", "2026-11-22 09:00"},         // every day
	} {
		cal := warsaw(t, c.hours, "", "12-25", "2026-12-24")
		begin, want := at(t, cal, c.begin), at(t, cal, c.end)
		if strings.HasPrefix(c.end, "2026-10-25 02:00") {
			want = begin.Add(4 * time.Hour)
		}
		got := cal.Add(begin.UTC(), span(t, c.span))
		if !got.Equal(want) || got.Location() != time.UTC {
			t.Errorf("%s: %s and %s is %s, want %s", c.hours, c.begin, c.span, got.In(cal.Zone()).Format("Mon 2006-01-02 15:04 -0700"), c.end)
		}
	}
}

func TestFridayEveningsMailDoesNotExpireBeforeMonday(t *testing.T) {
	var c *Calendar // the default
	friday := time.Date(2026, 11, 20, 17, 0, 0, 0, time.Local)
	monday := time.Date(2026, 11, 23, 8, 0, 0, 0, time.Local)
	for _, s := range []string{"1h", "4h", "2d", "1d1m"} {
		if got := c.Add(friday, span(t, s)); got.Before(monday) {
			t.Errorf("%s after Friday 17:00 is %s", s, got)
		}
	}
}

func TestWorkingAndHolidays(t *testing.T) {
	c := warsaw(t, "Mon-Fri 08:00-17:00, Sat 22:00-02:00", "", "12-25", "02-29")
	for when, working := range map[string]bool{
		"2026-11-20 08:00": true, "2026-11-20 07:59": false, "2026-11-20 16:59": true, "2026-11-20 17:00": false,
		"2026-11-21 23:00": true, "2026-11-22 01:59": true, "2026-11-22 02:00": false,
		"2026-12-25 09:00": false, "2028-02-29 09:00": false, "2027-03-01 09:00": true,
	} {
		if got := c.Working(at(t, c, when)); got != working {
			t.Errorf("%s is working time: %v, want %v", when, got, working)
		}
	}
	if !c.Holiday(at(t, c, "2030-12-25 12:00")) || c.Holiday(at(t, c, "2030-12-24 12:00")) {
		t.Error("the 25th, and not the 24th, is a holiday every year")
	}
}

func TestQuietHoursEnd(t *testing.T) {
	for _, c := range []struct{ quiet, when, loud string }{
		{"20:00-07:00", "2026-11-20 19:59", "2026-11-20 19:59"},
		{"20:00-07:00", "2026-11-20 20:00", "2026-11-21 07:00"},
		{"20:00-07:00", "2026-11-21 06:59", "2026-11-21 07:00"},
		{"20:00-07:00", "2026-11-21 07:00", "2026-11-21 07:00"},
		{"20:00-07:00", "2026-03-29 01:30", "2026-03-29 07:00"}, // the clock changes in between
		{"12:00-13:00", "2026-11-20 12:30", "2026-11-20 13:00"},
		{"Mon-Fri 20:00-07:00, Sat-Sun 00:00-24:00", "2026-11-20 21:00", "2026-11-23 00:00"}, // until the weekend is over
		{"Mon-Fri 20:00-07:00, Sat 00:00-24:00, Sun 00:00-24:00, Mon 00:00-07:00", "2026-11-21 12:00", "2026-11-23 07:00"},
		{"", "2026-11-20 23:00", "2026-11-20 23:00"},
	} {
		cal := warsaw(t, "", c.quiet)
		if got := cal.Loud(at(t, cal, c.when)); !got.Equal(at(t, cal, c.loud)) {
			t.Errorf("%s: after %s it is loud at %s, want %s", c.quiet, c.when, got, c.loud)
		}
	}
	now := time.Now()
	var none *Calendar
	if !none.Loud(now).Equal(now) || none.Zone() != time.Local || none.Holiday(now) {
		t.Error("the default calendar is never quiet and hangs here")
	}
}

func TestMistakesInACalendarAreNamed(t *testing.T) {
	for _, c := range []struct{ zone, hours, holiday, quiet, want string }{
		{zone: "Warsaw", want: `timezone: no zone has the name "Warsaw"`},
		{hours: "Mon-Fri", want: `hours: "Mon-Fri" names no hours; write "Mon-Fri 08:00-17:00"`},
		{hours: "Mon-Fri 8-17", want: `hours: "8-17" is neither a day nor a time`},
		{hours: "Mon-Fri 08:00-25:00", want: `goes beyond the clock`},
		{hours: "Mon-Fri 08:60-17:00", want: `goes beyond the clock`},
		{hours: "Mon-Fri 08:00-08:00", want: `begins and ends at the same time; write 00:00-24:00`},
		{hours: "Mo-Fri 08:00-17:00", want: `"Mo-Fri" is neither a day nor a time`},
		{hours: "Mon 08:00-12:00 Tue 08:00-12:00", want: `a day follows the hours; put a comma before it`},
		{hours: "Mon 08:00-12:00,", want: `names no hours`},
		{holiday: "25.12.", want: `holidays[0]: "25.12." is no day; write it as "2026-12-25", or "12-25" for every year`},
		{holiday: "2026-02-29", want: `"2026-02-29" is no day`},
		{quiet: "00:00-24:00", want: `quiet: "00:00-24:00" leaves no time at all`},
		{quiet: "22:00", want: `quiet: "22:00" is neither`},
	} {
		var holidays []string
		if c.holiday != "" {
			holidays = []string{c.holiday}
		}
		if _, err := New(c.zone, c.hours, holidays, c.quiet); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

func TestHoursAsPeopleWriteThem(t *testing.T) {
	want := warsaw(t, "Mon-Wed 08:00-12:00, Mon-Wed 13:00-17:00, Sun 22:00-02:00", "").hours
	for _, text := range []string{
		"monday-wednesday 8:00-12:00 13:00-17:00; sun 22:00-02:00",
		"Mon Tue Wed 08:00 – 12:00, 13:00—17:00, Sunday 22:00 - 02:00",
		"Mon-Wed 08:00-10:00 10:00-12:00 13:00-16:00 15:30-17:00, Sun 22:00-02:00", // joined
	} {
		got, err := parseWeek(text)
		for d := range want {
			if err != nil || len(got[d]) != len(want[d]) {
				t.Fatalf("%q: %v, %v", text, got, err)
			}
			for i := range want[d] {
				if got[d][i] != want[d][i] {
					t.Errorf("%q on day %d: %v, want %v", text, d, got[d], want[d])
				}
			}
		}
	}
	if w, err := parseWeek("Sat-Mon 10:00-11:00"); err != nil || len(w[6])+len(w[0])+len(w[1]) != 3 || len(w[2]) != 0 {
		t.Errorf("over the weekend: %v %v", w, err)
	}
}

func TestSpans(t *testing.T) {
	for text, want := range map[string]string{
		"2d": "2d", "4h": "4h", "2d4h": "2d4h", "4h2d": "2d4h", "90m": "1h30m", "1.5h": "1h30m", "10m": "10m", "0": "0s", "0s": "0s",
		"1d0.5h": "1d30m", "1500ms": "1s500ms", "1000d": "1000d",
	} {
		s, err := ParseSpan(text)
		if err != nil || s.String() != want {
			t.Errorf("%q is %s, want %s (%v)", text, s, want, err)
		}
		if again, err := ParseSpan(s.String()); err != nil || again != s {
			t.Errorf("%q does not come back: %v %v", text, again, err)
		}
	}
	for text, want := range map[string]string{
		"": "is no time", "5": `"5" has no unit; write 5m, 5h or 5d`, "1w": "weeks differ", "1.5d": "working days are whole", "-1h": "is no time",
		"2 d": "is no time", "1001d": "too long", "99999999999999999999d": "too long", "20000h": "too long", "1e3h": "is no time", "h": "is no time", "2d4": "is no time", "NaNh": "is no time",
	} {
		if _, err := ParseSpan(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
	if !span(t, "59m").ByClock() || span(t, "1h").ByClock() || span(t, "1d").ByClock() || !(Span{}).IsZero() {
		t.Error("under one hour is clock time, and nothing else")
	}
}

// TestNoWorkAtAllHangsNothing: every day is a holiday.
func TestNoWorkAtAllHangsNothing(t *testing.T) {
	var all []string
	for d := time.Date(2028, 1, 1, 0, 0, 0, 0, time.UTC); d.Year() == 2028; d = d.AddDate(0, 0, 1) {
		all = append(all, d.Format("01-02"))
	}
	c := warsaw(t, "", "", all...)
	begin := at(t, c, "2026-11-20 09:00")
	if got := c.Add(begin, Span{1, time.Hour}); !got.Equal(begin.Add(25 * time.Hour)) {
		t.Errorf("by the clock it would be %s, not %s", begin.Add(25*time.Hour), got)
	}
}

// A working day from within the hour that comes twice (02:00 to 03:00 on 25
// October) ends no earlier than one that began before.
func TestADayFromTheSecondPassOfAnHourEndsNoEarlier(t *testing.T) {
	c := warsaw(t, "Mon-Sun 00:00-24:00", "")
	first := time.Date(2026, 10, 25, 0, 59, 0, 0, time.UTC)  // 02:59, before the clock is put back
	second := time.Date(2026, 10, 25, 1, 30, 0, 0, time.UTC) // 02:30, after
	a, b := c.Add(first, span(t, "1d")), c.Add(second, span(t, "1d"))
	if !a.Equal(at(t, c, "2026-10-26 02:59")) || !b.Equal(at(t, c, "2026-10-26 03:00")) {
		t.Errorf("the days end at %s and %s", a.In(c.zone), b.In(c.zone))
	}
}
