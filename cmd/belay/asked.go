package main

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"belay/internal/api"
	"belay/internal/api/client"
)

// names are people's names, by address.
type names map[string]string

// of is a person as people write them: "Jan Kowalski <jan@corp.test>".
func (n names) of(address string) string {
	if name := n[address]; name != "" {
		return name + " <" + address + ">"
	}
	return address
}

// several joins people with a word between the last two.
func (n names) several(addresses []string, word string) string {
	list := make([]string, len(addresses))
	for i, a := range addresses {
		list[i] = n.of(a)
	}
	if len(list) < 2 {
		return strings.Join(list, "")
	}
	return strings.Join(list[:len(list)-1], ", ") + " " + word + " " + list[len(list)-1]
}

// mostNames is how many people are looked up for one command.
const mostNames = 50

// whoIsWho looks up the names of those whom a mail's questions and notices are
// about.
func whoIsWho(e *env, conn *client.Client, m *api.Message) names {
	var all []string
	for _, q := range m.Questions {
		all = append(all, q.Of...)
		for _, a := range q.Answers {
			if strings.Contains(a.Person, "@") {
				all = append(all, a.Person)
			}
		}
	}
	for _, c := range m.Copies {
		all = append(all, c.Address)
	}
	return lookUp(e, conn, all)
}

// whoIsAsked looks up the names that waitsOn writes for a list of mails.
func whoIsAsked(e *env, conn *client.Client, list []api.Message) names {
	var all []string
	for _, m := range list {
		for _, q := range m.Questions {
			if q.State == "open" {
				all = append(all, q.Of[:min(2, len(q.Of))]...)
			}
		}
	}
	return lookUp(e, conn, all)
}

// lookUp asks a running belay what people are called. A token that may not see
// the directory gets addresses.
func lookUp(e *env, conn *client.Client, addresses []string) names {
	who := names{}
	for _, address := range addresses {
		if _, known := who[address]; known || len(who) == mostNames {
			continue
		}
		who[address] = ""
		var d api.Directory
		_, err := conn.Into(e.ctx, http.MethodGet, "/api/v1/directory?"+url.Values{"address": {address}}.Encode(), nil, &d)
		for _, p := range d.People {
			who[address] = p.Name
		}
		var refused *client.Problem
		if errors.As(err, &refused) {
			break
		}
	}
	return who
}

// waitsOn is, in a few words, who has to answer before a mail leaves: "Petra
// Lang or Marco Conti", "2 of Elif Kaya and 2 more"; "" where nobody has to.
func waitsOn(m *api.Message, who names) string {
	var parts []string
	for _, q := range m.Questions {
		if q.State != "open" {
			continue
		}
		people := make([]string, len(q.Of))
		for i, a := range q.Of {
			people[i] = cmp.Or(who[a], a)
		}
		var part string
		switch {
		case len(people) != 2:
			part = several(people)
		case q.Need > 1:
			part = people[0] + " and " + people[1]
		default:
			part = people[0] + " or " + people[1]
		}
		if q.Need > 1 {
			part = fmt.Sprintf("%d of %s", q.Need, part)
		}
		if !slices.Contains(parts, part) {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, "; ")
}

// waiting says what a held mail waits for.
func waiting(m *api.Message, now time.Time) string {
	word := waitsForAll(m)
	if word == "" {
		return leaving(m.HeldUntil, now)
	}
	return "waits for " + waitedFor[word] + until(m.HeldUntil, now)
}

// waitedFor are the words for what a recipient's part waits for.
var waitedFor = map[string]string{"answer": "an answer", "approval": "approval"}

func until(t *time.Time, now time.Time) string {
	if t == nil {
		return ""
	}
	return " until " + day(*t, now)
}

// day writes a moment as people say it who plan their week: "14:05 CET", "Mon
// 10:00 CET", "23 Mar 10:00 CET".
func day(t, now time.Time) string {
	t, now = t.Local(), now.Local()
	zone := " " + t.Format("MST") // the notices go by the calendar, which may be another
	midnight := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, now.Location())
	switch {
	case t.Before(midnight), !t.Before(midnight.AddDate(0, 0, 7)):
		return t.Format("2 Jan 15:04") + zone
	case t.Before(midnight.AddDate(0, 0, 1)):
		return t.Format("15:04") + zone
	}
	return t.Format("Mon 15:04") + zone
}

// questionEnds says how a question ended.
var questionEnds = map[string]string{
	"yes":     "answered with yes",
	"no":      "answered with no",
	"silence": "nobody answered in time",
	"void":    "fell away: the mail was stopped, or released over it",
}

// question says in a line who is asked and how far that is.
func question(q *api.Question, all int, who names, now time.Time) string {
	text := "waits for the approval of "
	if q.Kind == "ask" {
		text = "waits for a word of "
	}
	if q.State != "open" {
		text = map[string]string{"ask": "was put to ", "approve": "asked for the approval of "}[q.Kind]
	}
	if q.Need > 1 {
		text += fmt.Sprintf("%d of ", q.Need)
		text += who.several(q.Of, "and")
	} else {
		text += who.several(q.Of, "or")
	}
	if len(q.Recipients) < all {
		text += " about " + strings.Join(q.Recipients, ", ")
	}
	if q.State != "open" {
		return text + ": " + questionEnds[q.State]
	}
	text += " until " + day(q.Expires, now)
	if q.Need > 1 {
		text += fmt.Sprintf("; %d of %d said yes", max(0, q.Need-q.Missing), q.Need)
	}
	if q.Asked == nil {
		text += "; the notice is still to be written"
	}
	then := "it goes back to its sender"
	if q.Silence == "release" {
		then = "it leaves"
	}
	return text + "; without an answer " + then
}

func answered(a *api.Answer, who names, now time.Time) string {
	word := "no"
	if a.Yes {
		word = "yes"
	}
	text := fmt.Sprintf("%s said %s", who.of(a.Person), word)
	if len(a.Recipients) > 0 {
		text += " about " + strings.Join(a.Recipients, ", ")
	}
	text += ", " + relative(a.Time, now)
	if a.Comment != "" {
		text += ": " + strings.Join(strings.Fields(a.Comment), " ")
	}
	return text
}

// copied says who was told before a mail arrives, and whether that still holds.
func copied(c *api.Copied, who names, now time.Time) string {
	text := who.of(c.Address) + " about the mail to " + strings.Join(c.Recipients, ", ")
	if c.Whole {
		text += ", with the mail itself"
	}
	switch {
	case c.Told == nil && c.Withdrawn != nil:
		return text + ": not told any more"
	case c.Told == nil:
		return text + ": about to be told"
	case c.Withdrawn != nil:
		return text + ": told " + relative(*c.Told, now) + ", withdrawn " + relative(*c.Withdrawn, now)
	}
	return text + ": told " + relative(*c.Told, now)
}

// because is why a mail waits, or would wait by a rule that only watches.
func because(r *api.Rule) string {
	text := r.Name
	if r.Reason != "" {
		text = r.Reason
	}
	switch {
	case r.Delay != "":
		if d, err := time.ParseDuration(r.Delay); err == nil {
			text += " (" + short(d) + ")"
		}
	case r.Action == "ask":
		text += " (asks)"
	case r.Action == "approve":
		text += " (needs approval)"
	}
	if len(r.Recipients) > 0 {
		text += " for " + strings.Join(r.Recipients, ", ")
	}
	return text
}
