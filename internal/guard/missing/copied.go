package missing

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"belay/internal/guard"
	"belay/internal/guard/lexicon"
	"belay/internal/guard/names"
	"belay/internal/reading"
)

// How sure it is that somebody should be there of whom the text says so.
const (
	saidSure     = 0.75
	saidUnsure   = 0.6
	saidStranger = 0.55
)

// text is one of a mail's texts, in words.
type text struct {
	own    string
	words  []reading.Word
	pasted bool // it may be another mail's
}

// copied notices those of whom the text says that they get a copy.
func (k *looking) copied() {
	for i := range k.Mail.Texts {
		t := &text{k.Mail.Texts[i].Own, k.Mail.Texts[i].Words(), k.forward}
		for at := range t.words {
			folded := t.words[at].Folded
			if !mayBegin[len(folded)&63][folded[0]] {
				continue // nearly all words
			}
			for _, p := range phrases[folded] {
				if s, ok := t.before(&p, at); ok && k.saidOf(t, &p, s) {
					break
				}
			}
			if at > 0 && behindFirst[folded] {
				for _, p := range phrases["_ "+folded] {
					if s, ok := t.behind(&p, at); ok && k.saidOf(t, &p, s) {
						break
					}
				}
			}
		}
	}
}

// behindFirst are the words with which phrases begin that stand behind a name.
var behindFirst = func() map[string]bool {
	m := map[string]bool{}
	for key := range phrases {
		if word, ok := strings.CutPrefix(key, "_ "); ok {
			m[word] = true
		}
	}
	return m
}()

// mayBegin tells by length and first letter whether a word may be beside a name in
// a phrase, at less cost than looking for it.
var mayBegin = func() (m [64][256]bool) {
	for key := range phrases {
		word := strings.TrimPrefix(key, "_ ")
		m[len(word)&63][word[0]] = true
	}
	return m
}()

// span is a phrase found in a text: from its first word to its last, with the
// names in it.
type span struct {
	from, to int
	names    [][]reading.Word
}

// before finds a phrase of which the last word before the name stands at a place.
func (t *text) before(p *phrase, at int) (s span, ok bool) {
	s.from = at - len(p.before) + 1
	if s.from < 0 || !t.are(s.from, p.before) {
		return s, false
	}
	name := at + 1
	for n := 0; n < 5 && name < len(t.words) && besideName[t.words[name].Folded] && t.joined(name); n++ {
		name++
	}
	if name >= len(t.words) || !t.parted(at+1, p.sign) || name > at+1 && !t.joined(name) {
		return s, false
	}
	s.names, s.to = t.namesFrom(name)
	if len(s.names) == 0 {
		return s, false
	}
	if len(p.after) == 0 {
		return s, t.fits(p, &s)
	}
	for n, i := 0, s.to; n < 4 && i < len(t.words) && t.joined(i); n, i = n+1, i+1 {
		if t.begin(i, p.after) {
			s.to = i + len(p.after)
			return s, t.fits(p, &s)
		}
	}
	return s, false
}

// behind finds a phrase of which the first word behind the name stands at a place.
func (t *text) behind(p *phrase, at int) (s span, ok bool) {
	if !t.begin(at, p.after) || !t.joined(at) {
		return s, false
	}
	last := at - 1
	for n := 0; n < 3 && last > 0 && afterName[t.words[last].Folded] && t.joined(last); n++ {
		last--
	}
	first := last
	for n := 0; n < 8 && first > 0 && t.goesOn(first); n++ {
		first--
	}
	for ; first <= last; first++ {
		if names, end := t.namesFrom(first); len(names) > 0 && end > last {
			s = span{first, at + len(p.after), names}
			return s, t.fits(p, &s)
		}
	}
	return s, false
}

// goesOn tells whether the word before one belongs to the same list of names.
func (t *text) goesOn(i int) bool {
	w := &t.words[i-1]
	gap := strings.TrimSpace(t.gap(i))
	return (gap == "" || gap == "," || gap == "&" || gap == "/" || gap == ".") && (w.Capital || joiners[w.Folded] || besideName[w.Folded])
}

// are tells whether some words stand at a place, in one sentence.
func (t *text) are(from int, words []string) bool {
	for i, w := range words {
		if t.words[from+i].Folded != w || i > 0 && !t.joined(from+i) {
			return false
		}
	}
	return true
}

// begin is are, where the last of the words may only begin so ("ekl").
func (t *text) begin(from int, words []string) bool {
	if from+len(words) > len(t.words) {
		return false
	}
	last := len(words) - 1
	if words[last] == "ekl" {
		return t.are(from, words[:last]) && t.joined(from+last) && strings.HasPrefix(t.words[from+last].Folded, "ekl")
	}
	return t.are(from, words)
}

// gap is what stands before a word.
func (t *text) gap(i int) string {
	if i == 0 {
		return t.own[:t.words[0].Start]
	}
	return t.own[t.words[i-1].End:t.words[i].Start]
}

// joined tells whether a word goes on with what the one before it says.
func (t *text) joined(i int) bool {
	if i == 0 {
		return false
	}
	gap := t.gap(i)
	if len(gap) == 1 && (gap == " " || gap == "'") {
		return true
	}
	return !strings.ContainsAny(gap, ",;:!?<@") && strings.Count(gap, "\n") < 2 && (!strings.Contains(gap, ".") || len(t.words[i-1].Text) < 5)
}

// parted tells whether what stands between a phrase and the name is right: a
// colon or bracket, or nothing of the kind.
func (t *text) parted(i int, sign bool) bool {
	gap := t.gap(i)
	if sign {
		return strings.Contains(gap, ":") && strings.Count(gap, "\n") < 2
	}
	return t.joined(i)
}

// most of a name, and of names beside each other.
const (
	maxWords = 4
	maxNames = 6
)

// namesFrom reads names: words with a capital letter, with "and" or commas between
// them. end is behind the last.
func (t *text) namesFrom(at int) (list [][]reading.Word, end int) {
	var name []reading.Word
	done := func() {
		if len(name) > 0 {
			list = append(list, name)
			name = nil
		}
	}
	for end = at; at < len(t.words) && len(list) < maxNames; at++ {
		w := &t.words[at]
		listed := len(list)+len(name) > 0
		gap := strings.TrimSpace(t.gap(at))
		switch {
		case listed && strings.Contains(t.gap(at), "\n") && gap != ",":
			done()
			return list, end
		case listed && (gap == "," || gap == "&" || gap == "+" || gap == "/"):
			done()
		case listed && gap != "" && gap != "-" && gap != ".":
			done()
			return list, end
		}
		switch {
		case isNameWord(w) && len(name) < maxWords && !afterName[w.Folded]:
			name = append(name, *w)
			end = at + 1
		case listed && joiners[w.Folded] && at+1 < len(t.words) && isNameWord(&t.words[at+1]):
			done()
		case listed && besideName[w.Folded] && at+1 < len(t.words) && isNameWord(&t.words[at+1]):
		default:
			done()
			return list, end
		}
	}
	done()
	return list, end
}

// isNameWord tells whether a word may be part of a name.
func isNameWord(w *reading.Word) bool {
	first, _ := utf8.DecodeRuneInString(w.Text)
	return w.Capital && unicode.IsLetter(first) && len(w.Folded) > 1 && (!reading.IsSmallWord(w.Folded) || names.IsUsual(w.Folded))
}

// fits tells whether a phrase stands where it says what it says.
func (t *text) fits(p *phrase, s *span) bool {
	if p.first && !t.begins(s.from) || p.sign && (t.pasted || t.isHead()) {
		return false
	}
	for n, i := 0, s.from; n < 5 && i > 0; n, i = n+1, i-1 {
		gap := t.gap(i)
		if strings.ContainsAny(gap, ".!?;:,") || strings.Count(gap, "\n") > 1 {
			break
		}
		if asks[t.words[i-1].Folded] {
			return false
		}
	}
	for i := s.from; i < min(s.to+3, len(t.words)); i++ {
		if asksBehind[t.words[i].Folded] {
			return false
		}
		if i+1 >= s.to && strings.ContainsAny(t.behindWord(i), ".!?;:\n") {
			break
		}
	}
	return !t.goesOtherwise(s.to)
}

// goesOtherwise tells whether what stands behind a phrase makes something else of
// it: a question, an address, "Anna's files".
func (t *text) goesOtherwise(to int) bool {
	next := strings.TrimLeft(t.behindWord(to-1), " ")
	if next != "" && strings.IndexByte("?<[@", next[0]) >= 0 {
		return true
	}
	return (next == "'" || next == "’") && to < len(t.words) && t.words[to].Folded == "s"
}

// behindWord is what stands behind a word, up to the next.
func (t *text) behindWord(i int) string {
	if i+1 < len(t.words) {
		return t.own[t.words[i].End:t.words[i+1].Start]
	}
	return t.own[t.words[i].End:]
}

// begins tells whether a sentence, or what somebody does, begins at a word.
func (t *text) begins(i int) bool {
	if i == 0 {
		return true
	}
	return strings.ContainsAny(t.gap(i), ".!?;:\n(-–—") || beginners[t.words[i-1].Folded]
}

// isHead tells whether the text holds the head of a mail or a memo: its copies are
// that one's.
func (t *text) isHead() bool {
	fields := 0
	for line := range strings.Lines(t.own) {
		label, _, ok := strings.Cut(strings.TrimSpace(line), ":")
		if ok && len(label) < 12 && heads[reading.Fold(label)] {
			fields++
		}
	}
	return fields > 0
}

// saidOf notes those of a phrase who are not there.
func (k *looking) saidOf(t *text, p *phrase, s span) (any bool) {
	for _, name := range s.names {
		if a, ok := k.absentOf(name); ok {
			switch {
			case a.main == "" && p.weak:
				continue
			case a.main == "":
				a.say, a.score = "stranger", saidStranger
			case p.weak:
				a.say, a.score = "copied", saidUnsure
			default:
				a.say, a.score = "copied", saidSure
			}
			from, to := t.words[s.from].Start, max(t.words[s.to-1].End, name[len(name)-1].End)
			a.words = []guard.Found{{Text: lexicon.Shorten(t.own[from:to]), Place: guard.InText}}
			k.note(a)
			any = true
		}
	}
	return any
}
