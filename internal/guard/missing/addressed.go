package missing

import (
	"slices"
	"strings"

	"belay/internal/guard"
	"belay/internal/guard/greeting"
	"belay/internal/guard/lexicon"
	"belay/internal/reading"
)

// How sure it is that somebody should be there to whom the text speaks.
const (
	greetedToo = 0.55 // among others who are there
	atName     = 0.5  // "@Anna"
	closer     = 0.15 // more where they are of the thread, or often with the others
)

// addressed notices those to whom the text speaks beside others who are there.
func (k *looking) addressed() {
	k.greeted()
	k.calledOn()
}

// greeted notices who is greeted together with others: they are there, one is
// not. Where nobody who is greeted is there, greeting.mismatch says so.
func (k *looking) greeted() {
	list := greeting.Named(k.Look)
	if len(list) < 2 {
		return
	}
	var gone []greeting.Greeted
	for _, g := range list {
		if !k.mayBeThere(g.Words) {
			gone = append(gone, g)
		}
	}
	if len(gone) == 0 || len(gone) >= len(list) {
		return
	}
	for _, g := range gone {
		k.speaksTo(g.Words, g.Text, greetedToo)
	}
}

// calledOn notices who is called in the text, "@Anna", or put on the mail, "+Anna".
func (k *looking) calledOn() {
	for i := range k.Mail.Texts {
		t := &text{k.Mail.Texts[i].Own, k.Mail.Texts[i].Words(), k.forward}
		if !strings.ContainsAny(t.own, "@+") {
			continue
		}
		for at := range t.words {
			sign := t.signBefore(at)
			if sign == "" || !isNameWord(&t.words[at]) {
				continue
			}
			list, _ := t.namesFrom(at)
			if len(list) == 0 {
				continue
			}
			words := foldedOf(list[0])
			switch {
			case k.mayBeThere(words[:1]):
			case sign == "+":
				k.saidOf(t, &phrase{weak: true}, span{at, at + 1, list[:1]})
			default:
				k.speaksTo(words, sign+list[0][0].Text, atName)
			}
		}
	}
}

// signBefore is the "@" or "+" that stands before a word and behind none.
func (t *text) signBefore(at int) string {
	gap := t.gap(at)
	if gap == " " {
		return ""
	}
	for _, sign := range []string{"@", "+"} {
		before, ok := strings.CutSuffix(strings.TrimRight(gap, " "), sign)
		if !ok || at > 0 && before == "" || strings.HasSuffix(gap, " ") && sign == "@" {
			continue
		}
		if sign == "@" || strings.TrimSpace(before) == "" && (at == 0 || strings.Contains(before, "\n")) {
			return sign
		}
	}
	return ""
}

func foldedOf(name []reading.Word) []string {
	words := make([]string, len(name))
	for i := range name {
		words[i] = name[i].Folded
	}
	return words
}

// speaksTo notes somebody to whom the text speaks, if the author knows them.
func (k *looking) speaksTo(words []string, text string, score float64) {
	known := k.known(words)
	if len(known) == 0 && len(words) > 1 {
		known = k.known(words[:1])
	}
	if len(known) == 0 {
		return
	}
	near := slices.IndexFunc(known, func(main string) bool { return k.onThread()[main] || k.oftenWith(main) })
	if near >= 0 {
		score += closer
		known[0], known[near] = known[near], known[0]
	}
	k.note(absent{main: known[0], more: known[1:], say: "greeted", score: score,
		words: []guard.Found{{Text: lexicon.Shorten(text), Place: guard.InText}}})
}
