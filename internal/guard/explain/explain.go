// Package explain says a verdict, and each signal behind it, in words, in
// belay's six languages (P9). It decides nothing.
package explain

import (
	"embed"
	"fmt"
	"io/fs"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"belay/internal/guard"
	"belay/internal/locale"
)

//go:embed words
var words embed.FS

// Words are the catalogues that locale.Load needs for Sentence and Signal: our
// own, and one for each package of detectors.
func Words() []fs.FS {
	all := []fs.FS{locale.Embedded(words, "words")}
	for _, folder := range folders() {
		all = append(all, locale.Embedded(words, "words/"+folder))
	}
	return all
}

// folders are the names of the packages that have sentences here.
func folders() (names []string) {
	entries, err := words.ReadDir("words")
	if err != nil {
		panic(err) // it is compiled in
	}
	for _, e := range entries {
		if e.IsDir() {
			names = append(names, e.Name())
		}
	}
	return names
}

// Load gives the words alone, for those who say nothing else. They are read once
// for the program: six languages are several megabytes.
func Load() (*locale.Catalogue, error) { return load() }

var load = sync.OnceValues(func() (*locale.Catalogue, error) {
	catalogue, err := locale.Load(Words()...)
	if err != nil {
		return nil, fmt.Errorf("load the words for what was noticed: %w", err)
	}
	return catalogue, nil
})

// most is how many names are listed before the rest is counted.
const most = 4

// Sentence says what a verdict does and why: for how long the mail waits, for
// whom, what happens when nobody answers, who is told beforehand. Where the
// verdict does several things there is a sentence for each. name gives what
// people call an address; nil shows addresses. say must know Words.
func Sentence(say *locale.Locale, v guard.Verdict, name func(address string) string, now time.Time) string {
	s := &speaker{say: say, v: &v, name: name, now: now}
	s.verdict()
	if why := s.hits(func(h *guard.Hit) bool { return h.Observed }); why != "" {
		s.add("explain.watch", "Why", why)
	}
	return strings.Join(s.sentences, " ")
}

type speaker struct {
	say       *locale.Locale
	v         *guard.Verdict
	name      func(string) string
	now       time.Time
	sentences []string
}

// add makes a sentence of a clause.
func (s *speaker) add(id string, data ...any) { s.about(nil, id, data...) }

// about makes a sentence about some recipients; none are all.
func (s *speaker) about(recipients []string, id string, data ...any) {
	clause := s.say.T(id, data...)
	if last := strings.TrimRight(clause, "”»"); !strings.HasSuffix(last, ".") && !strings.HasSuffix(last, "!") {
		clause += "."
	}
	if len(recipients) > 0 {
		s.sentences = append(s.sentences, s.list(recipients)+": "+clause)
		return
	}
	s.sentences = append(s.sentences, capital(s.say, clause))
}

// capital makes a clause begin as a sentence does.
func capital(say *locale.Locale, clause string) string {
	first, size := utf8.DecodeRuneInString(clause)
	upper := unicode.ToUpper(first)
	if say.Code() == "tr" {
		upper = unicode.TurkishCase.ToUpper(first)
	}
	return string(upper) + clause[size:]
}

func (s *speaker) verdict() {
	switch s.v.Action {
	case guard.Reject:
		s.refused()
		return
	case guard.Pass, "":
		s.passed()
	default:
		for i := range s.v.Questions {
			s.question(&s.v.Questions[i])
		}
		s.delays()
		s.silence()
	}
	s.copies()
}

func (s *speaker) refused() {
	for _, h := range s.v.Rules {
		if h.Action == guard.Reject && !h.Observed {
			text := h.Reason
			if text == "" {
				text = RuleName(s.say, h.Name)
			}
			s.about(h.Recipients, "explain.reject", "Why", s.say.T("explain.quoted", "Name", text))
		}
	}
}

// passed says why nothing holds the mail.
func (s *speaker) passed() {
	id := "explain.pass"
	for _, h := range s.v.Rules {
		switch {
		case h.Observed:
			continue
		case h.Name == guard.HitReport:
			id = "explain.report"
		case h.Name == guard.HitCalendar:
			id = "explain.calendar"
		case h.Name == guard.HitProgram:
			id = "explain.program"
		case h.Name == guard.HitBypass:
			id = "explain.bypass"
		default:
			id = "explain.plain"
		}
	}
	s.add(id)
}

func (s *speaker) question(q *guard.Question) {
	id := "explain.ask"
	if q.Kind == guard.Approve {
		id = "explain.approve"
	}
	switch {
	case q.Kind == guard.Approve && q.Need > 2:
		id += "many"
	case q.Kind == guard.Approve && q.Need > 1:
		id += "two"
	case len(q.Of) > 1:
		id += "one"
	}
	why := make([]string, len(q.Rules))
	for i, rule := range q.Rules {
		why[i] = s.say.T("explain.quoted", "Name", RuleName(s.say, rule))
	}
	s.about(q.Recipients, id, "Need", s.say.Number(q.Need), "Who", s.names(q.Of), "Why", s.list(why))
}

// delays says how long the mail waits: once where it is the same for all, else
// for each recipient.
func (s *speaker) delays() {
	if s.v.Delay <= 0 {
		return
	}
	id := "explain.delay"
	if len(s.v.Questions) > 0 {
		id = "explain.besides"
	}
	late := func(h *guard.Hit) bool { return !h.Observed && h.Delay > 0 }
	whole := time.Duration(0)
	for i := range s.v.Rules {
		if h := &s.v.Rules[i]; late(h) && (len(h.Recipients) == 0 || s.v.Scope != guard.ScopeRecipient) {
			whole = max(whole, h.Delay)
		}
	}
	if whole > 0 {
		s.add(id, "Duration", s.say.Lasting(whole), "Why", s.hits(func(h *guard.Hit) bool { return late(h) && len(h.Recipients) == 0 }))
	}
	for i := range s.v.Rules {
		h := &s.v.Rules[i]
		if !late(h) || len(h.Recipients) == 0 {
			continue
		}
		for _, group := range alike(h) {
			if group.delay > whole {
				s.about(group.recipients, id, "Duration", s.say.Lasting(group.delay), "Why", s.reason(h))
			}
		}
	}
}

// group are recipients who wait equally long.
type group struct {
	delay      time.Duration
	recipients []string
}

// alike puts the recipients of a hit together who wait equally long.
func alike(h *guard.Hit) []group {
	if len(h.Late) != len(h.Recipients) {
		return []group{{h.Delay, h.Recipients}}
	}
	var groups []group
next:
	for i, r := range h.Recipients {
		for n := range groups {
			if groups[n].delay == h.Late[i] {
				groups[n].recipients = append(groups[n].recipients, r)
				continue next
			}
		}
		groups = append(groups, group{h.Late[i], []string{r}})
	}
	return groups
}

// silence says what the first question that nobody answers does.
func (s *speaker) silence() {
	var first *guard.Question
	for i := range s.v.Questions {
		if q := &s.v.Questions[i]; first == nil || q.Expires.Before(first.Expires) {
			first = q
		}
	}
	if first == nil {
		return
	}
	id := "explain.return"
	if first.Silence == guard.SilenceRelease {
		id = "explain.release"
	}
	s.add(id, "When", s.say.When(first.Expires, s.now))
}

func (s *speaker) copies() {
	var who []string
	for _, c := range s.v.Copies {
		who = append(who, c.To)
	}
	if len(who) > 0 {
		s.add("explain.copy", "Who", s.names(who))
	}
}

// hits are the reasons of the hits that some condition picks.
func (s *speaker) hits(pick func(*guard.Hit) bool) string {
	var why []string
	for i := range s.v.Rules {
		if h := &s.v.Rules[i]; pick(h) {
			why = append(why, s.reason(h))
		}
	}
	if len(why) == 0 {
		return ""
	}
	return s.list(why)
}

// reason is a rule's name, or what stands in its place where belay itself made
// the hit.
func (s *speaker) reason(h *guard.Hit) string {
	switch h.Name {
	case guard.HitHold:
		return s.say.T("explain.holdfor")
	case guard.HitUnhandled:
		return s.say.T("explain.failed")
	case guard.HitRestored:
		return s.say.T("explain.restored")
	case guard.HitBurst:
		return s.say.T("explain.burst")
	}
	return s.say.T("explain.quoted", "Name", RuleName(s.say, h.Name))
}

func (s *speaker) names(addresses []string) string {
	list := make([]string, len(addresses))
	for i, a := range addresses {
		list[i] = a
		if s.name != nil {
			if name := s.name(a); name != "" {
				list[i] = name
			}
		}
	}
	return s.list(list)
}

// list names a few people and counts the rest.
func (s *speaker) list(items []string) string {
	return shortList(s.say, items, func(rest int) string { return s.say.N("explain.more", rest) })
}
