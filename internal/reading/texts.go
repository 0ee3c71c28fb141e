package reading

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"belay/internal/mail"
)

// readTexts chooses among the texts that were kept, and splits them.
func (m *Mail) readTexts(parts []*kept) {
	texts := shown(parts)
	for _, k := range texts {
		m.Texts = append(m.Texts, split(k.lines()))
		m.Cut = m.Cut || k.cut
	}
	for _, k := range parts {
		m.Cut = m.Cut || k.cut && len(k.data) == 0
	}
	m.readOthers(parts, texts)
}

// readOthers reads what the markup of an alternative says beyond the plain text
// that was chosen: most programs show the markup, and who wrote both wrote the
// same in both, as a rule.
func (m *Mail) readOthers(parts, chosen []*kept) {
	var said map[string]bool
	for _, k := range parts {
		if k.part.File || len(k.data) == 0 || !k.isMarkup() || slices.Contains(chosen, k) || !k.isBeside(chosen) {
			continue
		}
		if said == nil {
			said = map[string]bool{}
			for i := range m.Texts {
				t := &m.Texts[i]
				for _, text := range []string{t.Own, t.Quoted, t.Signature} {
					eachTerm(text, func(term string) { said[term] = true })
				}
			}
		}
		lines := k.lines()
		if !slices.ContainsFunc(lines, func(l line) bool { return isNews(l.text, said) }) {
			continue
		}
		markAll(lines)
		lines = slices.DeleteFunc(lines, func(l line) bool { return !isNews(l.text, said) })
		m.Texts = append(m.Texts, assembled(lines))
		m.Cut = m.Cut || k.cut
	}
}

// isBeside tells whether a part stands in the same alternative as a chosen one.
func (k *kept) isBeside(chosen []*kept) bool {
	for _, a := range k.part.Around {
		if a.Type != "multipart/alternative" {
			continue
		}
		for _, c := range chosen {
			if slices.ContainsFunc(c.part.Around, func(b mail.Around) bool { return b.Number == a.Number && b.Child != a.Child }) {
				return true
			}
		}
	}
	return false
}

// isNews tells whether a line says something that was not said.
func isNews(text string, said map[string]bool) (news bool) {
	eachTerm(text, func(term string) { news = news || !said[term] })
	return news
}

// eachTerm gives the words of a text, in small letters: what is long enough to
// say something, and numbers.
func eachTerm(text string, do func(string)) {
	const least = 3
	for term := range strings.FieldsFuncSeq(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) }) {
		if utf8.RuneCountInString(term) >= least || '0' <= term[0] && term[0] <= '9' {
			do(strings.ToLower(term))
		}
	}
}

// lines are the lines of a text.
func (k *kept) lines() []line {
	text := mail.DecodeText(k.data, k.part.Charset)
	if k.isMarkup() {
		return htmlLines(text)
	}
	return plainLines(text, k.part.Flowed, k.part.DelSp)
}

func (k *kept) isMarkup() bool {
	switch k.part.Type {
	case "text/html", "text/enriched", "text/richtext", "text/x-amp-html", "text/watch-html":
		return true
	}
	return false
}

// shown are the texts that people see when they open the mail: of alternatives
// the plain one, unless it only says that there is another.
func shown(parts []*kept) []*kept {
	var texts []*kept
	for _, k := range parts {
		if !k.part.File && len(k.data) > 0 {
			texts = append(texts, k)
		}
	}
	if len(texts) < 2 {
		return texts
	}
	chosen := map[int]int{} // of each multipart/alternative: which of its parts
	for _, k := range texts {
		for _, a := range k.part.Around {
			if a.Type != "multipart/alternative" {
				continue
			}
			if _, found := chosen[a.Number]; !found || k.better(texts, a, chosen[a.Number]) {
				chosen[a.Number] = a.Child
			}
		}
	}
	var all []*kept
	for _, k := range texts {
		if k.isChosen(chosen) {
			all = append(all, k)
		}
	}
	return all
}

func (k *kept) isChosen(chosen map[int]int) bool {
	for _, a := range k.part.Around {
		if a.Type == "multipart/alternative" && chosen[a.Number] != a.Child {
			return false
		}
	}
	return true
}

// better tells whether a part of an alternative is to be read rather than the
// one that was chosen before: only where that is empty, or a stub.
func (k *kept) better(texts []*kept, a mail.Around, before int) bool {
	if before == a.Child {
		return false
	}
	for _, other := range texts {
		for _, b := range other.part.Around {
			if b.Number == a.Number && b.Child == before && !other.isStub() {
				return other.part.Type != "text/plain" && k.part.Type == "text/plain" && !k.isStub()
			}
		}
	}
	return !k.isStub()
}

// isStub tells a text without a word of its writer: empty, or one that says
// that a better program would show more.
func (k *kept) isStub() bool {
	const long = 600
	if len(k.data) > long || k.part.Type == "text/html" && len(k.data) > 0 {
		return false
	}
	text := strings.TrimSpace(mail.DecodeText(k.data, k.part.Charset))
	if text == "" {
		return true
	}
	folded := Fold(text)
	return strings.Contains(folded, "html") && hasAny(folded, stubs)
}

// stubs are what programs write in place of a text.
var stubs = list("support|view|display|browser|client|program|reader|enabled|format|obslug|wyswietl|przegladar|czytnik|klient|admite|soporta|" +
	"visualiz|navegador|cliente|supporta|browser|lettore|destekle|goruntule|tarayici|istemci|stotter|vise|nettleser|klient|leser")
