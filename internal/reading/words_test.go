package reading

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
)

func TestFold(t *testing.T) {
	for in, want := range map[string]string{
		"Ałła": "alla", "ŁÓDŹ": "lodz", "Øster": "oster", "İstanbul": "istanbul", "ışık": "isik", "Straße": "strasse",
		"señor": "senor", "perché": "perche", "Åse": "ase", "Ærlig": "aerlig", "e\u0301": "e", "ZAŻÓŁĆ gęślą": "zazolc gesla",
		"Đorđe": "dorde", "ﬁne": "fine", "ＡＢ": "ab", "Жук": "жук", "plain": "plain", "": "", "so\u00ADft": "soft", "Ớ": "o",
	} {
		if got := Fold(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
		if Fold(want) != want {
			t.Errorf("%q: folding twice gives %q", in, Fold(want))
		}
	}
}

func TestWords(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"Cześć Aniu,\nw załączniku", "czesc^0 aniu^0 w1 zalaczniku1"},
		{"don't l'allegato Ahmet'e FE-2219", "don0 t0 l0 allegato0 ahmet^0 e0 fe^0 22190"},
		{"Łódź\n\nŚwidnica", "lodz^0 swidnica^2"},
		{"anna@corp.test", "anna0 corp0 test0"},
		{"\u0301 — …", ""},
	} {
		var got []string
		for _, w := range WordsOf(c.text) {
			if c.text[w.Start:w.End] != w.Text {
				t.Errorf("%q: %+v stands elsewhere", c.text, w)
			}
			mark := ""
			if w.Capital {
				mark = "^"
			}
			got = append(got, fmt.Sprintf("%s%s%d", w.Folded, mark, w.Line))
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%q: %q, want %q", c.text, s, c.want)
		}
	}
}

func TestWords_AreTheSameForAllWhoAskAtOnce(t *testing.T) {
	m := FromTexts("Subject here", strings.Repeat("Some words of a mail.\n", 200), nil, true)
	var all sync.WaitGroup
	first := make([]*Word, 8)
	for i := range first {
		all.Go(func() { first[i] = &m.Words()[0] })
	}
	all.Wait()
	for _, w := range first {
		if w != first[0] {
			t.Fatal("words were parted twice")
		}
	}
	if m.SubjectWords()[1].Folded != "here" {
		t.Error(m.SubjectWords())
	}
	bare := &Mail{Subject: "a b", Texts: []Text{{Own: "one"}, {Own: "two", Quoted: "three"}}}
	if len(bare.Words()) != 2 || len(bare.SubjectWords()) != 2 || len(bare.Texts[1].QuotedWords()) != 1 {
		t.Error("a mail that somebody put together has words too")
	}
}

func TestQuoteMarks_OutliveWhatMailProgramsDoToAQuote(t *testing.T) {
	const text = "Hello Anna,\n\nthe transport costs are higher than last year, mainly because of the new warehouse in Łódź. " +
		"Mr Zając will send the details on Thursday, and we can talk about them next week when everybody is back from the fair in Oslo.\n\nRegards\nJan\n"
	own := QuoteMarks(text)
	if len(own) < 3 {
		t.Fatalf("only %d marks", len(own))
	}
	for name, quoted := range map[string]string{
		"broken anew, with signs": "> Hello Anna,\n>\n> the transport costs are higher than last year, mainly because\n> of the new warehouse in Łódź. Mr Zając will send the details on\n> Thursday, and we can talk about them next week when everybody\n> is back from the fair in Oslo.\n>\n> Regards\n> Jan\n",
		"without diacritics":      "Hello Anna, the transport costs are higher than last year, mainly because of the new warehouse in Lodz.\nMr Zajac will send the details on Thursday, and we can talk about them next week when everybody is back from the fair in Oslo.\nRegards Jan",
		"in the middle":           "On Monday Jan wrote:\n\n>> and I think so. Hello Anna, the transport costs are higher than last year, mainly because of the new warehouse in Łódź. Mr Zając will send the details on Thursday, and we can talk about them next week when everybody is back from the fair in Oslo. Regards. More stands here.",
	} {
		same := 0
		for _, mark := range QuoteMarks(quoted) {
			if slices.Contains(own, mark) {
				same++
			}
		}
		if same < 2 {
			t.Errorf("%s: %d of %d marks are there", name, same, len(own))
		}
	}
	for _, mark := range QuoteMarks("Hello Anna,\n\nthe figures for the second quarter are done and will be shown to the board on Tuesday by Kari.\n\nRegards\nJan\n") {
		if slices.Contains(own, mark) {
			t.Error("another mail has the same mark")
		}
	}
	if n := len(QuoteMarks(strings.Repeat(text+fmt.Sprint(strings.Repeat("x", 3)), 500))); n > 200 {
		t.Errorf("%d marks", n)
	}
	if QuoteMarks("ok, thanks") != nil {
		t.Error("too little has a mark")
	}
}

func TestLanguageOf_ShortAndLongTexts(t *testing.T) {
	for text, want := range map[string]string{
		"Hi Bob, please see the attached file.":                                          "en",
		"ok, thanks":                                                                     "en",
		"Cześć, w załączniku umowa.":                                                     "pl",
		"Czesc, w zalaczniku umowa, prosze o podpis.":                                    "pl",
		"Hola, te adjunto el contrato.":                                                  "es",
		"Buenos días, ¿puede enviarme la factura?":                                       "es",
		"Ciao, ti mando il contratto in allegato.":                                       "it",
		"Buongiorno, in allegato la fattura.":                                            "it",
		"Merhaba, sözleşme ekte.":                                                        "tr",
		"Merhaba, sozlesme ektedir, iyi calismalar":                                      "tr",
		"Hei, kontrakten er vedlagt.":                                                    "nb",
		"Hei! Her er filen du ba om, si fra om noe mangler":                              "nb",
		"Sehr geehrte Frau Nowak, anbei die Rechnung für den Mai. Bitte prüfen Sie sie.": "",
		"":      "",
		"12345": "",
	} {
		if got := LanguageOf(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
