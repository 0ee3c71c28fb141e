package config

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"unicode/utf8"

	"belay/internal/mail"
)

// SignalCodes are the codes of all signals, in the order in which people read
// about them. They are stable: rules, settings and what was said to be right
// name them.
var SignalCodes = []string{
	"recipient.unlikely", "recipient.first-contact", "recipient.lookalike", "recipient.twin", "recipient.missing",
	"greeting.mismatch", "thread.outsider", "thread.returned", "organisation.mixed", "organisation.wrong",
	"crowd.visible", "crowd.broadcast", "crowd.reply-all",
	"content.confidential", "content.identifier", "content.secret", "content.hidden", "content.opaque",
	"attachment.missing", "attachment.unreadable", "attachment.wrong", CodeFailed,
}

// CodeFailed is the signal that stands where something could not be looked for.
// It cannot be switched off (P6).
const CodeFailed = "guard.failed"

// wordCodes are the signals that own words and patterns may give.
var wordCodes = []string{"content.confidential", "content.identifier", "content.secret"}

// Bounds of what an admin may add. A pattern runs over every mail.
const (
	maxWords       = 2000 // words and patterns in all
	maxWord        = 100  // characters of a word
	maxPattern     = 300  // characters of a pattern
	maxPatternSize = 2000 // instructions that it compiles to
	leastScore     = 0.2  // below it detectors say nothing
)

// signalSettings checks the settings of signals.
func (k *checker) signalSettings() {
	codes := make([]string, 0, len(k.c.Signals))
	for code := range k.c.Signals {
		codes = append(codes, code)
	}
	slices.Sort(codes)
	for _, code := range codes {
		path, s := "signals."+code, k.c.Signals[code]
		switch {
		case !slices.Contains(SignalCodes, code):
			k.fail(path, "signals: %s", NoSuchSignal(code))
		case code == CodeFailed:
			k.fail(path, "signals: %s cannot be set: it says that something could not be looked for, and the mail then waits", code)
		case s.Off && (s.Observe || k.given(path+".weight") || k.given(path+".threshold")):
			k.fail(path, "%s: it is off, so nothing else counts; take off out, or the rest", path)
		}
		if k.given(path+".weight") && (s.Weight <= 0 || s.Weight > 10) {
			k.fail(path+".weight", `%s.weight: want a number above 0, 10 at most; 1 leaves the score as it is, and "off: true" switches the signal off`, path)
		}
		if k.given(path+".threshold") && (s.Threshold < leastScore || s.Threshold > 1) {
			k.fail(path+".threshold", "%s.threshold: want a number from %v to 1; 0.5 holds where nothing is set", path, leastScore)
		}
	}
}

// NoSuchSignal says that a code is none, and which was perhaps meant.
func NoSuchSignal(code string) string { return noSuchSignal(code, SignalCodes) }

// noSuchSignal is NoSuchSignal where only some of them may stand.
func noSuchSignal(code string, codes []string) string {
	if best := Nearest(code, codes); best != "" {
		return fmt.Sprintf("there is no signal %q; did you mean %q?", code, best)
	}
	for _, known := range codes {
		if _, short, _ := strings.Cut(known, "."); short == code {
			return fmt.Sprintf("there is no signal %q; did you mean %q?", code, known)
		}
	}
	return fmt.Sprintf("there is no signal %q; there are: %s", code, strings.Join(codes, ", "))
}

// ownWords checks the words and patterns that the admin added.
func (k *checker) ownWords() {
	all := 0
	for i, w := range k.c.Words {
		path := fmt.Sprintf("words[%d]", i)
		all += len(w.Words) + 1
		switch {
		case w.Code == "":
			k.fail(path, "%s says not which signal it gives; write code: content.confidential", path)
		case !slices.Contains(SignalCodes, w.Code):
			k.fail(path+".code", "%s.code: %s", path, noSuchSignal(w.Code, wordCodes))
		case !slices.Contains(wordCodes, w.Code):
			k.fail(path+".code", "%s.code: words say nothing about %s; they can give %s", path, w.Code, strings.Join(wordCodes, ", "))
		}
		switch {
		case w.Pattern != "" && w.Words != nil:
			k.fail(path+".pattern", "%s: words and pattern do not stand together; make two of it", path)
		case w.Pattern == "" && len(w.Words) == 0:
			k.fail(path, `%s looks for nothing; write words: [pay rise], or pattern: "P-\\d{6}"`, path)
		case w.Pattern != "":
			k.pattern(w, path)
		}
		k.wordList(w, path)
		if w.Weight < leastScore || w.Weight > 1 {
			k.fail(path+".weight", "%s.weight: want a number from %v to 1; from 0.5 on the signal fires", path, leastScore)
		}
	}
	if all > maxWords {
		k.fail("words", "words: there are more than %d words and patterns; every mail is looked through for each of them", maxWords)
	}
}

func (k *checker) wordList(w Words, path string) {
	for n, word := range w.Words {
		at := fmt.Sprintf("%s.words[%d]", path, n)
		switch length := utf8.RuneCountInString(strings.TrimSpace(word)); {
		case length < 2:
			k.fail(at, "%s: %q would be found in every mail; write a longer word", at, word)
		case length > maxWord:
			k.fail(at, "%s: the word is longer than %d characters; name a few words of it", at, maxWord)
		}
	}
}

// pattern checks a pattern: it must compile, be small, and not match nothing,
// which stands everywhere.
func (k *checker) pattern(w Words, path string) {
	path += ".pattern"
	if n := utf8.RuneCountInString(w.Pattern); n > maxPattern {
		k.fail(path, "%s: it is %d characters long; %d at most", path, n, maxPattern)
		return
	}
	parsed, err := syntax.Parse(w.Pattern, syntax.Perl)
	if err != nil {
		k.fail(path, "%s: this is no pattern (RE2): %s", path, strings.TrimPrefix(err.Error(), "error parsing regexp: "))
		return
	}
	if program, err := syntax.Compile(parsed.Simplify()); err != nil || len(program.Inst) > maxPatternSize {
		k.fail(path, "%s: it is too large; count with smaller numbers in {…}", path)
		return
	}
	if regexp.MustCompile(w.Pattern).MatchString("") {
		k.fail(path, "%s: it matches even where nothing stands, so it would be found in every mail", path)
	}
}

// learning checks who switched learning on, and for what.
func (k *checker) learning() {
	l := k.c.Learning
	if l == nil {
		return
	}
	const path = "learning"
	if l.DecidedBy == "" {
		k.fail(path, `learning: who writes to whom is personal data; say who decided that belay learns it, as "decided_by: ADDRESS"`)
	} else if strings.Contains(l.DecidedBy, "@") {
		k.address(l.DecidedBy, path+".decided_by")
	}
	if l.Why == "" {
		k.fail(path, `learning: say what it is for, as "why: to notice a wrong recipient"`)
	}
	k.span(path+".retention", l.Retention, 30*day, 10*year)
	for i, e := range l.Exclude {
		at := fmt.Sprintf("%s.exclude[%d]", path, i)
		switch domain := strings.TrimPrefix(e, "@"); {
		case domain != e:
			k.fail(at, "%s: write the domain alone: %s", at, domain)
		case strings.Contains(e, "@"):
			k.address(e, at)
		default:
			k.domain(e, at)
		}
	}
}

// organisations checks those that stand in the configuration.
func (k *checker) organisations() {
	domains := map[string]string{}
	for i, o := range k.c.Organisations {
		path := fmt.Sprintf("organisations[%d]", i)
		if o.Name == "" {
			k.fail(path, "%s has no name; write name: Falcon Energy", path)
		}
		if len(o.Domains) == 0 && len(o.Keywords) == 0 {
			k.fail(path, "%s: nothing tells when a mail is about %s; write domains: [falcon.test]", path, o.Name)
		}
		for n, d := range o.Domains {
			at := fmt.Sprintf("%s.domains[%d]", path, n)
			key := mail.DomainKey(d)
			k.domain(d, at)
			if other, taken := domains[key]; taken {
				k.fail(at, "%s: the domain %s belongs to %s already", at, d, other)
			} else if slices.ContainsFunc(k.c.Domains, func(own string) bool { return mail.DomainKey(own) == key }) {
				k.fail(at, "%s: %s is our own (domains)", at, d)
			}
			domains[key] = o.Name
		}
		for n, word := range o.Keywords {
			if at := fmt.Sprintf("%s.keywords[%d]", path, n); utf8.RuneCountInString(strings.TrimSpace(word)) < 3 {
				k.fail(at, "%s: %q would be found in every mail; write a longer word", at, word)
			}
		}
	}
}

// year is how long a year of a retention is.
const year = 365 * day

// Excludes tells whether an address is left out of learning.
func (l *Learning) Excludes(address string) bool {
	if l == nil {
		return false
	}
	key := mail.Base(mail.Key(address))
	for _, e := range l.Exclude {
		if strings.Contains(e, "@") {
			if mail.Base(mail.Key(e)) == key {
				return true
			}
			continue
		}
		domain, own := mail.Domain(key), mail.DomainKey(e)
		if domain == own || strings.HasSuffix(domain, "."+own) {
			return true
		}
	}
	return false
}

// defaultLearning is what holds in learning where it says nothing.
// DefaultRetention is for how long what was learned is remembered where the
// configuration does not say.
const DefaultRetention = 2 * year

func defaultLearning() Learning { return Learning{Retention: DefaultRetention} }

func defaultWords() Words { return Words{Weight: 0.8} }

// observeFor is for how long questions only watch where nothing is set.
const observeFor = 14 * day
