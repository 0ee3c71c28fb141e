package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"belay/internal/directory"
	"belay/internal/guard"
	"belay/internal/mail"
	"belay/internal/source"
)

// checked is a mail that was judged, and what the directory knows about it.
type checked struct {
	facts    *guard.Facts
	people   *directory.Directory
	zone     *time.Location
	verdict  guard.Verdict
	sentence string
	running  *source.Judged // what a belay that runs says of it; nil where none does
}

// Colours of a terminal, by what becomes of the mail.
const (
	plainText  = "\x1b[0m"
	bold       = "\x1b[1m"
	faint      = "\x1b[2m"
	green      = "\x1b[1;32m"
	yellow     = "\x1b[1;33m"
	red        = "\x1b[1;31m"
	mostListed = 12 // recipients and files that are named, before the rest is counted
)

// show prints the verdict for a person.
func (r *checked) show(w io.Writer, colour bool) {
	paint := func(code, text string) string {
		if !colour {
			return text
		}
		return code + text + plainText
	}
	line := func(name, value string) {
		if value != "" {
			fmt.Fprintf(w, "%s%s\n", paint(faint, fmt.Sprintf("%-12s", name)), clean(value))
		}
	}
	list := func(name string, items []string) {
		for i, item := range items {
			if i == mostListed {
				line("", fmt.Sprintf("and %d more", len(items)-i))
				break
			}
			line(name, item)
			name = ""
		}
	}
	from, to := r.facts.Summary.Author(), []string{}
	list("From", []string{r.author(from.Address, from.Name)})
	for _, recipient := range r.facts.Envelope.Recipients {
		to = append(to, r.who(recipient.Address, r.headerName(recipient.Address)))
	}
	list("To", to)
	line("Subject", r.facts.Summary.Subject)
	line("Time", r.stamp(r.facts.Time))
	line("Size", fmt.Sprintf("%d octets", r.facts.Size))
	list("Files", r.files())
	for i, text := range r.noticed() {
		line(map[bool]string{true: "Noticed"}[i == 0], text)
	}
	fmt.Fprintln(w)
	fmt.Fprintf(w, "%s%s\n", paint(faint, fmt.Sprintf("%-12s", "Verdict")), paint(r.colour(), r.word()))
	for _, part := range wrapped(clean(r.sentence), 78) {
		fmt.Fprintf(w, "%-12s%s\n", "", part)
	}
	r.rules(w, paint)
	r.then(w, line, list)
	if more := r.besides(); len(more) > 0 {
		fmt.Fprintln(w)
		list("Running", more)
	}
}

// colour is that of the verdict.
func (r *checked) colour() string {
	switch r.verdict.Action {
	case guard.Pass:
		return green
	case guard.Reject:
		return red
	}
	return yellow
}

// word is the verdict in a word or two.
func (r *checked) word() string { return actionWord(r.verdict.Action) }

func actionWord(a guard.Action) string {
	switch a {
	case guard.Reject:
		return "refused"
	case guard.Approve:
		return "waits for approval"
	case guard.Ask:
		return "waits for an answer"
	case guard.Delay:
		return "waits for a time"
	}
	return "leaves at once"
}

// wrapped breaks a text into lines of at most so many characters, between words.
func wrapped(text string, most int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		if line != "" && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > most {
			lines, line = append(lines, line), ""
		}
		line = strings.TrimPrefix(line+" "+word, " ")
	}
	return append(lines, line)
}

// author is who wrote it. Where nobody is their manager, approve: manager goes
// on to others, and whoever is surprised to be asked can read here why.
func (r *checked) author(address, header string) string {
	text := r.who(address, header)
	if r.people.Kind(address) == directory.KindList || r.people.Manager(address) != "" || len(r.people.People()) == 0 {
		return text
	}
	if before, ok := strings.CutSuffix(text, ")"); ok {
		return before + "; no manager known)"
	}
	return text + "  (no manager known)"
}

// who is an address with all that is known about it.
func (r *checked) who(address, header string) string {
	if address == "" {
		return "nobody (the header names no author)"
	}
	key, d := mail.Key(address), r.people
	text := address
	if name := d.Name(key); name != "" {
		text = name + " <" + address + ">"
	} else if header != "" {
		text = header + " <" + address + ">"
	}
	var known []string
	if kind := d.Kind(key); kind != directory.KindUnknown {
		known = append(known, string(kind))
	}
	if main := d.Main(key); d.Kind(key) != directory.KindUnknown && main != key {
		known = append(known, "that is "+main)
	}
	if d.External(key) {
		known = append(known, "outside")
	}
	if o := d.Organisation(key); o != nil {
		known = append(known, o.Name)
	}
	if groups := d.Groups(key); len(groups) > 0 {
		known = append(known, "in "+strings.Join(groups, ", "))
	}
	if m := d.Manager(key); m != "" {
		known = append(known, "manager "+r.name(m))
	}
	if len(known) == 0 {
		return text
	}
	return text + "  (" + strings.Join(known, "; ") + ")"
}

// headerName is the name that the header gives an address.
func (r *checked) headerName(address string) string {
	s := r.facts.Summary
	for _, m := range slices.Concat(s.To, s.Cc, s.Bcc) {
		if mail.Key(m.Address) == mail.Key(address) && m.Name != "" {
			return m.Name
		}
	}
	return ""
}

func (r *checked) name(address string) string {
	if name := r.people.Name(address); name != "" {
		return name
	}
	return address
}

func (r *checked) named(addresses []string) string {
	names := make([]string, len(addresses))
	for i, a := range addresses {
		names[i] = r.name(a)
		if names[i] != a {
			names[i] += " <" + a + ">"
		}
	}
	return strings.Join(names, ", ")
}

// ofThem says how many of several people have to answer, and who is away.
func (r *checked) ofThem(addresses []string, need int) string {
	list := make([]string, len(addresses))
	for i, a := range addresses {
		list[i] = r.named([]string{a})
		if r.people.Absent(a, r.facts.Time) {
			list[i] += " (away)"
		}
	}
	text := strings.Join(list, ", ")
	if len(list) > 1 {
		text = fmt.Sprintf("%s of %s", map[bool]string{true: fmt.Sprint(need), false: "one"}[need > 1], text)
	}
	return text
}

func (r *checked) files() []string {
	var list []string
	for _, a := range r.facts.Attachments {
		text := a.Name
		if text == "" {
			text = "without a name"
		}
		text += fmt.Sprintf(" (%s, %d octets)", a.Type, a.Size)
		if a.Encrypted {
			text += ", encrypted"
		}
		list = append(list, text)
	}
	if !r.facts.Listed {
		list = append(list, "and more than belay looks at")
	}
	return list
}

func (r *checked) noticed() []string {
	var list []string
	for _, s := range inOrder(r.verdict.Signals) {
		lines := spoken(&s, &r.verdict)
		list = append(list, fmt.Sprintf("%s (%.2f): %s", s.Code, s.Score, lines[0]))
		for _, more := range lines[1:] {
			list = append(list, "  "+more)
		}
	}
	if list == nil {
		return []string{"nothing"}
	}
	return list
}

// rules lists those that matched, and those that only watch.
func (r *checked) rules(w io.Writer, paint func(code, text string) string) {
	matched, watching := []string{}, []string{}
	for _, h := range r.verdict.Rules {
		text := clean(r.does(&h))
		if h.Observed {
			watching = append(watching, text)
		} else {
			matched = append(matched, text)
		}
	}
	for _, part := range []struct {
		title string
		lines []string
	}{{"Rules that matched", matched}, {"Rules that only watch, and would match", watching}} {
		if len(part.lines) == 0 {
			continue
		}
		fmt.Fprintf(w, "\n%s\n", paint(bold, part.title))
		for _, text := range part.lines {
			fmt.Fprintf(w, "  %s\n", text)
		}
	}
}

// does says what a rule does.
func (r *checked) does(h *guard.Hit) string {
	var acts []string
	switch h.Action {
	case guard.Reject:
		acts = append(acts, "refuses the mail")
	case guard.Approve:
		acts = append(acts, "wants a yes of "+r.ofThem(h.Of, h.Need))
	case guard.Ask:
		acts = append(acts, "asks "+r.ofThem(h.Of, 1))
	}
	if h.Delay > 0 {
		acts = append(acts, "waits "+short(h.Delay))
	}
	if len(h.Copy) > 0 {
		acts = append(acts, "tells "+r.named(h.Copy)+" beforehand")
	}
	if len(acts) == 0 {
		acts = []string{"does nothing here"}
	}
	text := h.Name + ": " + strings.Join(acts, ", ")
	if len(h.Recipients) > 0 {
		text += ", for " + strings.Join(h.Recipients, ", ")
	}
	if h.Reason != "" && h.Reason != h.Name {
		text += " – " + h.Reason
	}
	return text
}

// then says who would be asked, who told, and when the mail would leave.
func (r *checked) then(w io.Writer, line func(name, value string), list func(name string, items []string)) {
	v := &r.verdict
	if v.Action == guard.Reject {
		return
	}
	fmt.Fprintln(w)
	var asked, told []string
	for _, q := range v.Questions {
		text := r.ofThem(q.Of, q.Need)
		if len(q.Recipients) > 0 {
			text += ", about " + strings.Join(q.Recipients, ", ")
		}
		end := "it goes back"
		if q.Silence == guard.SilenceRelease {
			end = "it leaves"
		}
		asked = append(asked, fmt.Sprintf("%s; without an answer %s %s", text, end, r.stamp(q.Expires)))
	}
	for _, c := range v.Copies {
		text := r.named([]string{c.To})
		if c.Whole {
			text += ", with the mail attached"
		}
		told = append(told, text)
	}
	list("Asked", asked)
	list("Told", told)
	line("Leaves", r.leaves())
}

func (r *checked) leaves() string {
	v := &r.verdict
	when := "at once"
	if v.Delay > 0 {
		when = r.stamp(r.facts.Time.Add(v.Delay)) + ", " + short(v.Delay) + " later"
	}
	if len(v.Questions) == 0 {
		return when
	}
	if v.Delay > 0 {
		return "once its questions are answered, and not before " + when
	}
	return "once its questions are answered"
}

func (r *checked) stamp(t time.Time) string {
	return t.In(r.zone).Format("Mon 2006-01-02 15:04 MST")
}
