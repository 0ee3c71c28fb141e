package greeting

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"belay/internal/guard/names"
)

// post passes over a greeting behind the name.
func (r *reader) post() bool {
	mark := *r
	if strings.Trim(r.gap(), " ,") != "" || r.at >= len(r.words) || r.words[r.at].Capital && strings.Contains(r.gap(), ",") {
		return false
	}
	if n := r.phrase(); n > 1 || posts[r.words[r.at].Folded] {
		r.at += max(n, 1)
		r.end = r.words[r.at-1].End
		return true
	}
	*r = mark
	return false
}

// atTurn tells whether a character stands behind what was read.
func (r *reader) atTurn(c byte) bool {
	return strings.HasPrefix(strings.TrimSpace(r.line[r.end:]), string(c))
}

// ending looks at what stands behind.
func (r *reader) ending() {
	rest := r.line[r.end:]
	r.o.alone = !strings.ContainsFunc(rest, unicode.IsLetter) && !strings.ContainsFunc(rest, unicode.IsDigit)
	trimmed := strings.TrimLeft(rest, " \t*_")
	next, _ := utf8.DecodeRuneInString(trimmed)
	switch {
	case trimmed == "":
	case strings.ContainsRune(",:;!–—…", next), strings.HasPrefix(trimmed, "--"), strings.HasPrefix(trimmed, "- "), trimmed == "-", strings.HasPrefix(trimmed, ".."):
		r.o.ended = true
	case next == '.':
		r.o.ended = r.o.saluted
	}
}

// bare tells whether names without a greeting before them are one: "Bob,",
// "Ania!", "Pani Kasiu, proszę o …".
func (r *reader) bare() bool {
	if len(r.o.greeted) == 0 {
		return false
	}
	for i := range r.o.greeted {
		g := &r.o.greeted[i]
		if !g.titled && (len(g.words) > 2 || len(g.words) == 2 && len(r.o.greeted) == 1 && !names.Listed(g.words[1])) {
			return false // "Stephen Bennett, meteorologist": not to, but about
		}
		if !g.titled && (notAlone[g.words[0]] || !names.Listed(g.words[0]) && (len(g.words[0]) < 7 || !names.Known(g.words[0]))) {
			return false
		}
		if r.small && (ordinary[g.words[0]] || len(g.words[0]) < 4) {
			return false
		}
	}
	if r.o.alone {
		return true
	}
	if r.at >= len(r.words) || !r.o.ended && !r.small {
		return false
	}
	next := &r.words[r.at] // "Bob, can you", but not "Austin, Texas" or "Florence, 3 May"
	first, _ := utf8.DecodeRuneInString(next.Text)
	if !r.o.ended { // "ramon las llaves …"
		w := r.o.greeted[0].words[0]
		return len(r.o.greeted) == 1 && len(w) >= 5 && names.IsUsual(w) && strings.TrimSpace(r.gap()) == "" && (goesOn[next.Folded] || unicode.IsDigit(first))
	}
	if strings.HasPrefix(r.line[next.End:], ",") && !isPlain(next.Folded) && !r.o.greeted[0].titled {
		return false // "Deniz, güneş, kum"
	}
	return (!unicode.IsDigit(first) || r.small) && (!next.Capital || next.Folded == "i" || r.o.greeted[0].titled || strings.Contains(r.gap(), "!") || isPlain(next.Folded))
}

// isPlain tells a word that begins a sentence and hardly is a name or a place.
func isPlain(folded string) bool { return groups[folded] || filler[folded] || plain[folded] }

var plain = words(`a an the i'm im it is are do does did have has had let see any my our his her he she they there these those not no yes ok okay
thanks thank please attached could can would will what when where who why which while following per regarding as if in on at by to
prosze dzieki dziekuje czy jak kiedy co w na do po z za od mam masz moge mozesz bardzo wysylam przesylam potrzebuje
te le me lo la el en por para con como que cuando puedes podrias gracias adjunto si ya he ha mi
ti il lo la in per con come che quando puoi potresti grazie allego ho hai non mi se
kan har er det du jeg vi takk vedlagt som hva nar hvor ikke om pa i
bu su bir ben sen siz biz ekte rica lutfen tesekkurler nasil ne zaman`)
