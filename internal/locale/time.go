package locale

import (
	"strconv"
	"time"
)

func itoa(n int) string { return strconv.Itoa(n) }

// Time writes the time of day: "14:05".
func (l *Locale) Time(t time.Time) string { return t.In(l.zone).Format("15:04") }

// Clock writes the time of day with seconds: "14:05:09".
func (l *Locale) Clock(t time.Time) string { return t.In(l.zone).Format("15:04:05") }

// Zone names the zone of Time as an offset: "UTC", "UTC+2", "UTC+5:30".
func (l *Locale) Zone(t time.Time) string {
	_, offset := t.In(l.zone).Zone()
	if offset == 0 {
		return "UTC"
	}
	text := "UTC+"
	if offset < 0 {
		text, offset = "UTC−", -offset
	}
	text += itoa(offset / 3600)
	if minutes := offset % 3600 / 60; minutes != 0 {
		text += ":" + strconv.Itoa(minutes/10) + strconv.Itoa(minutes%10)
	}
	return text
}

// Date writes a day in full: "Friday, 14 March 2025".
func (l *Locale) Date(t time.Time) string {
	t = t.In(l.zone)
	return l.T("date.full", "Weekday", l.T("weekday."+itoa(int(t.Weekday()))), "Day", t.Day(),
		"Month", l.T("month."+itoa(int(t.Month()))), "Year", t.Year())
}

// DateTime writes a day and a time: "Friday, 14 March 2025 at 14:05".
func (l *Locale) DateTime(t time.Time) string {
	return l.T("date.time", "Date", l.Date(t), "Time", l.Time(t))
}

// When writes a moment near now as people say it: "14:05", "tomorrow at
// 14:05", "yesterday at 14:05", and beyond that DateTime.
func (l *Locale) When(t, now time.Time) string {
	switch daysBetween(now.In(l.zone), t.In(l.zone)) {
	case 0:
		return l.Time(t)
	case 1:
		return l.T("date.tomorrow", "Time", l.Time(t))
	case -1:
		return l.T("date.yesterday", "Time", l.Time(t))
	}
	return l.DateTime(t)
}

// daysBetween counts midnights from one moment to the other, in their zone.
func daysBetween(from, to time.Time) int {
	a := time.Date(from.Year(), from.Month(), from.Day(), 0, 0, 0, 0, time.UTC)
	b := time.Date(to.Year(), to.Month(), to.Day(), 0, 0, 0, 0, time.UTC)
	return int(b.Sub(a) / (24 * time.Hour))
}

// Duration writes a length of time in at most two units: "4 minutes", "1 hour
// 20 minutes", "2 days". Less than a second is "0 seconds"; the sign is left out.
func (l *Locale) Duration(d time.Duration) string { return l.duration("unit", d) }

// Lasting writes for how long something goes on, as after "it waits": in Polish
// "czeka 1 minutę", not "1 minuta".
func (l *Locale) Lasting(d time.Duration) string { return l.duration("accusative", d) }

// Until writes what is still to come: "in 4 minutes". What is over or due
// within a second is "now".
func (l *Locale) Until(d time.Duration) string {
	if d < time.Second {
		return l.T("date.now")
	}
	return l.T("date.until", "Duration", l.duration("accusative", d))
}

// Ago writes what is past: "4 minutes ago"; less than a second is "now".
func (l *Locale) Ago(d time.Duration) string {
	if d < time.Second {
		return l.T("date.now")
	}
	return l.T("date.ago", "Duration", l.duration("accusative", d))
}

// duration writes d with the units of a case: "unit" or "accusative" (which
// differ in Polish: "1 minuta", but "za 1 minutę").
func (l *Locale) duration(grammar string, d time.Duration) string {
	if d < 0 {
		d = -d
	}
	units := []struct {
		name string
		size time.Duration
	}{{"day", 24 * time.Hour}, {"hour", time.Hour}, {"minute", time.Minute}, {"second", time.Second}}
	for i, unit := range units[:2] {
		// Rounding may carry: 23:59:45 is one day.
		below := units[i+1]
		rounded := d.Round(below.size)
		if rounded < unit.size {
			continue
		}
		text := l.N(grammar+"."+unit.name, int(rounded/unit.size))
		if rest := rounded % unit.size; rest >= below.size {
			text = l.T("date.pair", "First", text, "Second", l.N(grammar+"."+below.name, int(rest/below.size)))
		}
		return text
	}
	if d.Round(time.Second) >= time.Minute {
		return l.N(grammar+".minute", int(d.Round(time.Minute)/time.Minute))
	}
	return l.N(grammar+".second", int(d.Round(time.Second)/time.Second))
}
