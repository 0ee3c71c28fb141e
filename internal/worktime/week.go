package worktime

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

const day = 24 * time.Hour

// week holds the ranges that begin on each weekday, in order and apart.
type week [7][]hours

// hours is a range of the clock. to is over 24 h where the range goes on after
// midnight.
type hours struct{ from, to time.Duration }

func (w week) empty() bool {
	return !slices.ContainsFunc(w[:], func(r []hours) bool { return len(r) > 0 })
}

// always tells whether the ranges leave no gap in the week.
func (w week) always() bool {
	var all []hours
	for d := range 14 { // two weeks, so that the turn of the week shows
		for _, r := range w[d%7] {
			all = append(all, hours{r.from + time.Duration(d)*day, r.to + time.Duration(d)*day})
		}
	}
	all = joined(all)
	return slices.ContainsFunc(all, func(r hours) bool { return r.to-r.from >= 7*day })
}

// joined sorts ranges and makes one of those that touch.
func joined(all []hours) []hours {
	slices.SortFunc(all, func(a, b hours) int { return int(a.from - b.from) })
	var out []hours
	for _, r := range all {
		if n := len(out); n > 0 && r.from <= out[n-1].to {
			out[n-1].to = max(out[n-1].to, r.to)
			continue
		}
		out = append(out, r)
	}
	return out
}

var dayNames = []string{"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"}

// weekday reads "Mon" or "Monday".
func weekday(s string) (time.Weekday, bool) {
	s = strings.ToLower(strings.TrimSuffix(s, "."))
	for i, name := range dayNames {
		if s == name || len(s) >= 3 && strings.HasPrefix(name, s) {
			return time.Weekday(i), true
		}
	}
	return 0, false
}

var clockRange = regexp.MustCompile(`^(\d{1,2}):(\d\d)-(\d{1,2}):(\d\d)$`)

// dash is what people write between the ends of a range.
var dash = regexp.MustCompile(`\s*[-–—]\s*`)

// parseWeek reads "Mon-Thu 08:00-16:00, Fri 08:00-14:00": parts of days and
// ranges of the clock. A part without days is about those of the part before;
// the first one then is about every day.
func parseWeek(text string) (week, error) {
	var w week
	days := []time.Weekday{0, 1, 2, 3, 4, 5, 6}
	for _, part := range strings.Split(strings.ReplaceAll(dash.ReplaceAllString(text, "-"), ";", ","), ",") {
		ranges, named, err := parsePart(part)
		if err != nil {
			return w, err
		}
		if len(named) > 0 {
			days = named
		}
		for _, d := range days {
			w[d] = joined(append(w[d], ranges...))
		}
	}
	return w, nil
}

func parsePart(part string) (ranges []hours, days []time.Weekday, err error) {
	for _, word := range strings.Fields(part) {
		if r, ok, err := parseRange(word); err != nil {
			return nil, nil, err
		} else if ok {
			ranges = append(ranges, r)
			continue
		}
		d, err := parseDays(word)
		if err != nil {
			return nil, nil, err
		}
		if len(ranges) > 0 {
			return nil, nil, fmt.Errorf(`in %q a day follows the hours; put a comma before it`, strings.TrimSpace(part))
		}
		days = append(days, d...)
	}
	if len(ranges) == 0 {
		return nil, nil, fmt.Errorf(`%q names no hours; write "Mon-Fri 08:00-17:00"`, strings.TrimSpace(part))
	}
	return ranges, days, nil
}

// parseRange reads "08:00-17:00"; one that ends before it begins ends on the
// next day.
func parseRange(word string) (r hours, ok bool, err error) {
	m := clockRange.FindStringSubmatch(word)
	if m == nil {
		return r, false, nil
	}
	n := make([]int, 4)
	for i := range n {
		n[i], _ = strconv.Atoi(m[i+1])
	}
	r = hours{clockTime(n[0], n[1]), clockTime(n[2], n[3])}
	switch {
	case n[1] > 59 || n[3] > 59 || r.from >= day || r.to > day:
		return r, false, fmt.Errorf(`%q goes beyond the clock; it runs from 00:00 to 24:00`, word)
	case r.from == r.to:
		return r, false, fmt.Errorf(`%q begins and ends at the same time; write 00:00-24:00 for all day`, word)
	case r.to < r.from:
		r.to += day
	}
	return r, true, nil
}

func clockTime(h, m int) time.Duration {
	return time.Duration(h)*time.Hour + time.Duration(m)*time.Minute
}

// parseDays reads "Mon", "Mon-Fri" or, over the weekend, "Sat-Mon".
func parseDays(word string) ([]time.Weekday, error) {
	first, last, isRange := strings.Cut(word, "-")
	from, ok := weekday(first)
	to := from
	if ok && isRange {
		to, ok = weekday(last)
	}
	if !ok {
		return nil, fmt.Errorf(`%q is neither a day nor a time; write "Mon-Fri 08:00-17:00"`, word)
	}
	days := []time.Weekday{from}
	for d := from; d != to; {
		d = (d + 1) % 7
		days = append(days, d)
	}
	return days, nil
}
