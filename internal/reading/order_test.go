package reading

import (
	"math/rand"
	"strings"
	"testing"
)

// lettersOf counts the octets of all words.
func lettersOf(s string) (n int) {
	for _, w := range WordsOf(s) {
		n += len(w.Text)
	}
	return n
}

// TestSplit_LosesNothingInWhateverOrderLinesStand puts lines of all kinds in any
// order: no word is lost, none is there twice, nothing breaks.
func TestSplit_LosesNothingInWhateverOrderLinesStand(t *testing.T) {
	pieces := []string{"", "", "", "Hello Jan,", "The plan is fine, we can begin on Monday.", "a", ">", "> And you?", strings.Repeat(">", 40),
		">> " + strings.Repeat("long words ", 7), "rest", "From: Jan <jan@falcon.test>", "Sent: 10 March 2026 9:12", "To: Anna", "cc: Ewa", "Subject: Plan",
		"Od:", "-----Original Message-----", "---------- Forwarded message ---------", "________________________________", "--", "-- ", "—", "*", "-", ":", "：",
		"On 10/03/2026 9:12, Jan <jan@falcon.test> wrote:", "wrote:", "Anna Nowak", "tel. +48 22 555 01 02", "10/03/2026 09:12", "Best regards", "Thanks,", "Ciao",
		"PS. More.", "[1] https://corp.test", "[...]", "<snip>", "Sent from my iPhone", "This message is confidential and intended for the addressee; delete it if received in error.",
		"    set in", "\tset in", "Corp sp. z o.o.", "NIP 111-111-11-11", "_______________", "list http://lists.test", "\u00a0", "\u200b", "\u3000", "ß", "İ", "=", "|"}
	random := rand.New(rand.NewSource(1))
	for range 6_000 {
		var b strings.Builder
		for range 1 + random.Intn(14) {
			b.WriteString(pieces[random.Intn(len(pieces))] + "\n")
		}
		text := b.String()
		x := SplitText(text)
		if all, parts := lettersOf(normal(text)), lettersOf(x.Own)+lettersOf(x.Quoted)+lettersOf(x.Signature); all != parts {
			t.Fatalf("%d letters became %d: %q", all, parts, text)
		}
		markup := "<div>" + strings.ReplaceAll(text, "\n", "</div><blockquote><p>\n") + "</blockquote>"
		split(htmlLines(markup))
		split(plainLines(text, true, random.Intn(2) == 0))
	}
}
