package reading

import (
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzParse reads whatever it is given; in which pieces it comes makes no
// difference.
func FuzzParse(f *testing.F) {
	for _, m := range []string{
		parts("mixed", plainHello, aFile), parts("alternative", plainHello, htmlHello), letterOf(2000),
		"Content-Transfer-Encoding: base64\n\nQUJD=\nQUI=", "Content-Transfer-Encoding: quoted-printable\n\n=C5=\n=82 =\n\n=",
		"Content-Type: text/plain; format=flowed; delsp=yes\n\na \n> b \n> c\n-- \nd", "Content-Type: message/rfc822\n\nSubject: a\n\nb",
		parts("mixed", "Content-Type: message/rfc822\n\n"+parts("mixed", plainHello, aFile), picture),
	} {
		f.Add([]byte(m), 7)
	}
	f.Fuzz(func(t *testing.T, message []byte, n int) {
		ex := &reads{}
		whole := collected(t, string(message), 0, Options{Extractor: ex, Pool: NewPool(0)})
		checkMail(t, "fuzzed", whole, len(message))
		again := &reads{}
		pieces := collected(t, string(message), max(1, n%100), Options{Extractor: again, Pool: NewPool(0)})
		if !reflect.DeepEqual(ex.asked, again.asked) {
			t.Errorf("files are %v, in pieces %v", ex.asked, again.asked)
		}
		if len(whole.Texts) != len(pieces.Texts) {
			t.Fatalf("%d texts, in pieces %d", len(whole.Texts), len(pieces.Texts))
		}
		for i := range whole.Texts {
			a, b := &whole.Texts[i], &pieces.Texts[i]
			if a.Own != b.Own || a.Quoted != b.Quoted || a.Signature != b.Signature || a.Language != b.Language {
				t.Errorf("%q, in pieces %q", a.Own, b.Own)
			}
		}
	})
}

// FuzzSplit loses no letter of a text, and makes none up.
func FuzzSplit(f *testing.F) {
	for _, text := range []string{
		"Hello\n\nOn 1/1/2026 1:11, A wrote:\n> b\n\nRegards\nA", "From: a@b\nSent: 1\nTo: c\nSubject: d\n\ne", "-----Original Message-----\n",
		"a\n-- \nb", "\tа́\u200b>\n>From x", "Sent from my iPhone", "___________\nlist http://a", "PS\nRegards\n\nPS x",
		strings.Repeat(">", 40) + "\na\n> b", "Da: a\n> b\n[...]\n> c", "a.\nAnna Lis\ntel. 600 100 100\nconfidential message", "Anna\n1/1/26 1:11\nTo: b/c\ncc:\nSubject: d\n",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		text = strings.ToValidUTF8(text, "?")
		x := SplitText(text)
		if all, parts := lettersOf(normal(text)), lettersOf(x.Own)+lettersOf(x.Quoted)+lettersOf(x.Signature); all != parts {
			t.Errorf("%d letters became %d", all, parts)
		}
		x.Opening()
	})
}

// FuzzMarkup reads whatever calls itself HTML.
func FuzzMarkup(f *testing.F) {
	f.Add("<div class=gmail_quote><blockquote type=cite>a</blockquote></div><pre>\n</pre><table><td>b<td>c")
	f.Add("<div style='display:none'><div></div>x</div><script>a</script>&lt;b")
	f.Fuzz(func(t *testing.T, markup string) {
		x := split(htmlLines(strings.ToValidUTF8(markup, "?")))
		if !utf8.ValidString(x.Own) {
			t.Errorf("not UTF-8: %q", x.Own)
		}
	})
}

// FuzzWords: each word stands where it says, and folding twice changes nothing.
func FuzzWords(f *testing.F) {
	f.Add("Zażółć l'allegato İstanbul FE-2219 ﬁne e\u0301 ａＢ Ǆ")
	f.Fuzz(func(t *testing.T, text string) {
		last, line := 0, 0
		for _, w := range WordsOf(text) {
			if w.Start < last || text[w.Start:w.End] != w.Text || w.Folded != Fold(w.Text) || Fold(w.Folded) != w.Folded || w.Line < line {
				t.Fatalf("%+v in %q; folded %q, twice %q", w, text, Fold(w.Text), Fold(w.Folded))
			}
			if got := strings.Count(text[:w.Start], "\n"); got != w.Line {
				t.Fatalf("%+v stands in line %d", w, got)
			}
			last, line = w.End, w.Line
		}
		QuoteMarks(text)
		LanguageOf(text)
	})
}
