package rules

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"belay/internal/config"
	"belay/internal/directory"
	"belay/internal/worktime"
)

// inGroups finds a group that a condition names: `"executives" in r.groups`.
var inGroups = regexp.MustCompile(`["']([^"']+)["']\s+in\s+\w+\.groups\b`)

// Doubts are what may stand in a configuration, and is perhaps not what was
// meant: rules that can match nothing today, and people who are asked and are
// not of the house. Each names its place. Nil knows nobody, and then nothing is
// said of people.
func Doubts(c *config.Config, d *directory.Directory, now time.Time) []string {
	var list []string
	if calendar, err := worktime.New(c.Calendar.Timezone, c.Calendar.Hours, c.Calendar.Holidays, c.Calendar.Quiet); err == nil && c.Question.Remind != (config.Span{}) &&
		!calendar.Add(now, c.Question.Remind).Before(calendar.Add(now, c.Question.Expire)) {
		list = doubt(list, c, "question.remind", "%s", "the question runs out first (question.expire), so nobody is reminded and no deputy asked")
	}
	for i, r := range c.Rules {
		path := fmt.Sprintf("rules[%d]", i)
		if end := r.End.Ends(c.Calendar.Zone()); !end.IsZero() && !now.Before(end) {
			list = doubt(list, c, path+".end", "the rule is over since %s and does nothing any more", r.End)
		}
		list = append(list, peopleDoubts(c, d, i)...)
	}
	return list
}

// Missing are the people and groups that the rules name and a directory does
// not have, each with its place: what CheckPeople refuses, and conditions.
func Missing(c *config.Config, d *directory.Directory) []string {
	var list []string
	var errs config.Errors
	if errors.As(CheckPeople(c, d), &errs) {
		for _, e := range errs {
			list = append(list, e.Short())
		}
	}
	for i := range c.Rules {
		list = append(list, peopleDoubts(c, d, i)...)
	}
	return list
}

// peopleDoubts are those about whom one rule names; none where nobody is known.
func peopleDoubts(c *config.Config, d *directory.Directory, i int) []string {
	if len(d.People()) == 0 {
		return nil
	}
	r, path, list := c.Rules[i], fmt.Sprintf("rules[%d]", i), []string(nil)
	for _, found := range inGroups.FindAllStringSubmatch(r.When, -1) {
		if text := missingGroup(found[1], d.GroupNames()); text != "" {
			list = doubt(list, c, path+".when", "%s", text)
		}
	}
	for n, a := range r.Approve.Addresses {
		if d.External(a) {
			list = doubt(list, c, fmt.Sprintf("%s.approve[%d]", path, n), "%s is outside your domains, and is asked like a colleague", a)
		}
	}
	return list
}

// doubt adds one with its place. The default rules stand in no file, and nobody
// can have meant them otherwise.
func doubt(list []string, c *config.Config, path, format string, args ...any) []string {
	at := c.ErrorAt(path, "%s: %s", path, fmt.Sprintf(format, args...))
	if at.Line == 0 {
		return list
	}
	return append(list, at.Short())
}

// missingGroup says why a group in a condition matches nobody; "" where
// somebody is in it. Conditions see groups as they are written and in lower
// case.
func missingGroup(name string, groups []string) string {
	for _, g := range groups {
		if name == g || name == strings.ToLower(g) {
			return ""
		}
	}
	text := fmt.Sprintf("nobody in the directory is in a group %q, so this never matches", name)
	if near := config.Nearest(strings.ToLower(name), groups); near != "" {
		return text + fmt.Sprintf("; did you mean %q?", near)
	}
	if slices.ContainsFunc(groups, func(g string) bool { return strings.EqualFold(g, name) }) {
		return text + fmt.Sprintf("; write %q", strings.ToLower(name))
	}
	return text
}
