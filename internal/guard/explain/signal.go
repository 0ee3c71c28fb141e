package explain

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"belay/internal/guard"
	"belay/internal/locale"
)

// Said is a signal in words.
type Said struct {
	Evidence string   // what was noticed
	Advice   string   // what to do; "" where there is nothing to say
	Found    []string // the words that were found, each with its place, best first
}

// Signal says a signal in words. name gives what people call an address; nil
// shows addresses. say must know Words. The texts hold names and words out of
// mail: whoever shows them escapes them.
//
// The sentences stand in words/<package>/<language>.yaml, one folder for each
// detector's package, and belong to whoever writes the detector:
//
//	signal:
//	  greeting.mismatch:
//	    plain:                       # Signal.Say, "plain" where that is ""
//	      evidence: "The mail greets {{.Name}}, but goes to {{.Who}}."
//	      advice: "Look whether it goes to the right person."
//	    several:                     # Say: "several"
//	      evidence: {one: "…{{.N}}…", other: "…{{.N}}…"}
//
// A sentence may use every key of Facts, and {{.N}} (Signal.Count; its plural
// forms go by that), {{.Who}} (the recipient: name, or address), {{.Found}} (the
// words that were found, in quotation marks), {{.Recipient}} (their address),
// {{.Where}} ("in the subject", "in
// the file “Pay.xlsx” (Salaries)": where the first of them stands), {{.Places}}
// (all the places), {{.Instead}} (who may have been meant, the best one). Where a
// fact is a word of belay's own ("card") and no name, the folder translates it:
// signal.<code>.fact.<Key>.<value>. A sentence whose fact is missing is not said:
// the plain one takes its place. An advice may be left out.
//
// The sentences speak to the reader as pages and letters do: Polish "Ty"
// (sprawdź), Spanish "tú" (revisa), Italian "tu" (controlla), Turkish "siz",
// Norwegian "du", and blame nobody. Apostrophes are ’.
func Signal(say *locale.Locale, s guard.Signal, name func(address string) string) Said {
	t := &teller{say: say, s: &s, name: name, prefix: "signal." + s.Code + "."}
	return t.tell()
}

// Reader is who reads about a signal.
type Reader int

const (
	Sender  Reader = iota // whose mail it is
	Shown                 // somebody who may read the mail, but not whom its sender writes to (P11)
	Covered               // somebody who may not read it either (P8)
)

// For is Signal for a reader: others than the sender are told what kind of thing
// was noticed, and where it stands, and no words of it, unless the mail is
// shown to them anyway. What was learned of the sender's correspondence is said
// to the sender alone.
func For(reader Reader, say *locale.Locale, s guard.Signal, name func(address string) string) Said {
	if reader == Sender || reader == Shown && !isOfPairs(&s) || open[s.Code] {
		return Signal(say, s, name)
	}
	t := &teller{say: say, s: &s, name: name, covered: true}
	text := say.N("covered."+s.Code, max(1, s.Count))
	if text == "covered."+s.Code {
		text = say.T(text)
	}
	if text == "covered."+s.Code {
		text = say.T("covered.anything")
	}
	if places := t.places(); len(places) > 0 {
		text = say.T("covered.at", "Text", text, "Places", t.list(places))
	}
	return Said{Evidence: capital(say, text) + "."}
}

// Cover is a signal without the words that were found and without what is known
// of the sender's correspondence, for those who may not see them.
func Cover(say *locale.Locale, s guard.Signal) guard.Signal {
	if open[s.Code] {
		return s
	}
	return guard.Signal{Code: s.Code, Recipient: s.Recipient, Score: s.Score, Count: s.Count, Observed: s.Observed,
		Evidence: For(Covered, say, s, nil).Evidence}
}

// ofPairs are the signals whose evidence tells to whom the sender writes, and who
// answers.
var ofPairs = map[string]bool{
	"recipient.unlikely": true, "recipient.first-contact": true, "recipient.lookalike": true, "recipient.twin": true,
	"recipient.missing": true, "thread.returned": true, "crowd.reply-all": true, "crowd.broadcast": true,
}

// isOfPairs tells whether a signal's evidence does. That a mail is about another
// client may be known from the directory, or from the sender's other mail.
func isOfPairs(s *guard.Signal) bool {
	return ofPairs[s.Code] || s.Code == "organisation.wrong" && slices.Contains([]string{"learned", "label", "thread"}, s.Say)
}

// open are the signals whose evidence quotes nothing.
var open = map[string]bool{guard.CodeFailed: true, guard.CodeOpaque: true, "crowd.visible": true}

// Check tells why a signal cannot be said as its detector meant it: there is no
// such sentence, or a fact that it names is missing. Detectors' tests call it.
func Check(say *locale.Locale, s guard.Signal) error {
	t := &teller{say: say, s: &s, prefix: "signal." + s.Code + "."}
	t.values = t.facts()
	which := t.prefix + cmp.Or(s.Say, "plain")
	if _, ok := t.phrase(which + ".evidence"); !ok {
		return fmt.Errorf("%s: the sentence %s.evidence is not there, or lacks a fact; given are %v", say.Code(), which, t.values)
	}
	if _, ok := t.phrase(which + ".advice"); !ok && t.has(which+".advice") {
		return fmt.Errorf("%s: the sentence %s.advice lacks a fact; given are %v", say.Code(), which, t.values)
	}
	return nil
}

// Name is what a signal is called in a list: "a namesake". Of what is remembered
// of a rule ("rule:" and its name) it is that name.
func Name(say *locale.Locale, code string) string {
	if rule, ok := strings.CutPrefix(code, "rule:"); ok {
		return say.T("explain.quoted", "Name", RuleName(say, rule))
	}
	if name := say.T("code." + code); name != "code."+code {
		return name
	}
	return code
}

// Describe gives guard.Options.Describe: it writes evidence and advice in
// English.
func Describe(words *locale.Catalogue, name func(address string) string) func(*guard.Signal) {
	english := words.For("en")
	return func(s *guard.Signal) {
		said := Signal(english, *s, name)
		s.Evidence, s.Advice = said.Evidence, said.Advice
	}
}

// teller says one signal.
type teller struct {
	say    *locale.Locale
	s      *guard.Signal
	name   func(string) string
	prefix string
	values map[string]any
	// covered tells that what stands inside files is not named: a sheet's name
	// is text too.
	covered bool
}

func (t *teller) tell() Said {
	t.values = t.facts()
	said := Said{Evidence: t.text("evidence"), Advice: t.text("advice"), Found: t.found()}
	if said.Evidence == "" {
		said.Evidence, said.Advice = t.s.Evidence, t.s.Advice // as an older belay wrote it
	}
	if said.Evidence == "" {
		said.Evidence = t.say.T("explain.noticed", "Code", t.s.Code)
	}
	return said
}

// text is the evidence or the advice: of the sentence that the detector chose,
// else of the plain one; "" where neither can be said.
func (t *teller) text(part string) string {
	for _, which := range []string{t.s.Say, "plain"} {
		if which == "" {
			continue
		}
		if text, ok := t.phrase(t.prefix + which + "." + part); ok {
			return text
		}
		if part == "advice" && which != "plain" && t.has(t.prefix+which+".evidence") {
			return "" // this sentence has no advice
		}
	}
	return ""
}

func (t *teller) has(id string) bool { return t.say.T(id, t.values) != id }

// noValue is what a template writes where a value is missing.
const noValue = "<no value>"

// phrase is the text of an id, in the plural form for the signal's count.
func (t *teller) phrase(id string) (string, bool) {
	text := id
	if t.s.Count > 0 {
		text = t.say.N(id, t.s.Count, t.values)
	}
	if text == id { // it counts nothing
		text = t.say.T(id, t.values)
	}
	if text == id || strings.Contains(text, noValue) {
		return "", false
	}
	return strings.TrimSpace(text), true
}

// facts are the values of placeholders.
func (t *teller) facts() map[string]any {
	values := map[string]any{"N": t.say.Number(t.s.Count)}
	for key, value := range t.s.Facts {
		value = strings.ReplaceAll(value, noValue, "")
		id := t.prefix + "fact." + key + "." + value
		if word := t.say.T(id); value != "" && word != id {
			value = word
		}
		values[key] = value
	}
	if t.s.Recipient != "" {
		values["Who"] = t.called(t.s.Recipient)
		if values["Recipient"] == nil {
			values["Recipient"] = t.s.Recipient
		}
	}
	if len(t.s.Instead) > 0 {
		values["Instead"] = t.called(t.s.Instead[0])
	}
	if words := t.quoted(); len(words) > 0 {
		values["Found"] = t.list(words)
		places := t.places()
		values["Where"], values["Places"] = places[0], t.list(places)
	}
	return values
}

func (t *teller) called(address string) string {
	if t.name != nil {
		if name := t.name(address); name != "" {
			return name
		}
	}
	return address
}

// quoted are the words that were found, each once, in quotation marks.
func (t *teller) quoted() (words []string) {
	for _, f := range t.s.Found {
		words = add(words, t.say.T("explain.quoted", "Name", oneLine(f.Text)))
	}
	return words
}

// places are where they stand, each once.
func (t *teller) places() (places []string) {
	for i := range t.s.Found {
		places = add(places, t.place(&t.s.Found[i]))
	}
	return places
}

// found are the words with their places.
func (t *teller) found() (list []string) {
	for i := range t.s.Found {
		f := &t.s.Found[i]
		list = add(list, t.say.T("explain.found", "Text", t.say.T("explain.quoted", "Name", oneLine(f.Text)), "Where", t.place(f)))
	}
	return list
}

// placeIDs are the sentences for places.
var placeIDs = map[guard.PlaceKind]string{
	guard.InSubject: "explain.place.subject", guard.InText: "explain.place.text", guard.InQuote: "explain.place.quote",
	guard.InFile: "explain.place.file", guard.InFileName: "explain.place.filename", guard.InAddress: "explain.place.address",
}

// place says where something stands.
func (t *teller) place(f *guard.Found) string {
	id := placeIDs[f.Place]
	switch {
	case id == "":
		id = "explain.place.text"
	case f.Place == guard.InFile && f.File == "":
		id = "explain.place.somefile"
	case f.Place == guard.InFile && f.Where != "" && !t.covered:
		id = "explain.place.within"
	}
	return t.say.T(id, "File", t.say.T("explain.quoted", "Name", oneLine(f.File)), "Where", oneLine(f.Where))
}

// add puts a text on a list that does not have it.
func add(list []string, text string) []string {
	for _, have := range list {
		if have == text {
			return list
		}
	}
	return append(list, text)
}

func (t *teller) list(items []string) string {
	return shortList(t.say, items, func(rest int) string { return t.say.T("explain.further", "N", t.say.Number(rest)) })
}

// oneLine brings words out of a mail onto one line.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// shortList names a few and counts the rest.
func shortList(say *locale.Locale, items []string, more func(rest int) string) string {
	if len(items) > most {
		items = append(append([]string{}, items[:most-1]...), more(len(items)-most+1))
	}
	return say.List(items)
}
