package lexicon

import (
	"fmt"
	"strings"
	"testing"

	"belay/internal/directory"
	"belay/internal/guard"
	"belay/internal/mail"
	"belay/internal/reading"
)

func find(m *Matcher, text string) string {
	words := reading.WordsOf(text)
	var found []string
	for _, one := range m.Find(text, words) {
		found = append(found, fmt.Sprintf("%s=%s", one.Entry.Kind, text[words[one.From].Start:words[one.To-1].End]))
	}
	return strings.Join(found, ", ")
}

func TestPhrasesAreFound(t *testing.T) {
	m := New([]Entry{{Phrase: "do not forward", Kind: "a"}, {Phrase: "salar*", Kind: "b"}, {Phrase: "letting _ go", Kind: "c"},
		{Phrase: "w załączniku", Kind: "d"}, {Phrase: "no", Kind: "e"}, {Phrase: "_ x", Kind: "never"}, {Phrase: "", Kind: "never"}})
	for text, want := range map[string]string{
		"Please DO NOT\nforward this.":      "a=DO NOT\nforward",
		"I do not. Forward it.":             "",
		"Salaries and the salary":           "b=Salaries, b=salary",
		"we are letting poor Dean go":       "c=letting poor Dean go",
		"letting go":                        "c=letting go",
		"letting one two three go":          "",
		"Umowa W ZAŁĄCZNIKU":                "d=W ZAŁĄCZNIKU",
		"no":                                "e=no",
		"do not\n\nforward":                 "",
		"nothing here, sal, salad, forward": "",
	} {
		if got := find(m, text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestPhraseFilesAreRead(t *testing.T) {
	entries, err := readPhrases(nil, "en", "# remark\n[a 0.5]\none; two three # more\n\n[b]\nfour\n")
	if err != nil || len(entries) != 3 || entries[1].Phrase != "two three" || entries[1].Weight != 0.5 || entries[2].Kind != "b" || entries[2].Weight != 1 {
		t.Errorf("%+v (%v)", entries, err)
	}
	if _, err := readPhrases(nil, "en", "[a x]\none\n"); err == nil || !strings.Contains(err.Error(), "line 1") {
		t.Errorf("a weight that is no number: %v", err)
	}
}

func TestOrganisationsAreFoundByWhatPeopleCallThem(t *testing.T) {
	facts := &directory.Facts{Organisations: []*directory.Organisation{
		{Name: "Falcon Energy Ltd", Domains: []string{"falcon.test"}, Keywords: []string{"FE-2219"}},
		{Name: "Heron", Domains: []string{"heron.test"}}, {Name: "Nordic Bank", Domains: []string{"nb.test"}}}}
	d, _ := directory.New(facts, []string{"corp.test"}, nil)
	var o Organisations
	for text, want := range map[string]string{
		FileWords("offer_Falcon_v2.pdf"): "Falcon Energy Ltd", FileWords("OfferHeron2026.docx"): "Heron", "a falcon sat there": "",
		"for FE-2219 as agreed": "Falcon Energy Ltd", "Oferta dla Falconu": "Falcon Energy Ltd", "our Bank": "", "Nordic Bank": "Nordic Bank", "": "",
	} {
		var names []string
		for _, org := range o.Named(d, text) {
			names = append(names, org.Name)
		}
		if got := strings.Join(names, ", "); got != want {
			t.Errorf("%q names %q, want %q", text, got, want)
		}
	}
	if o.Named(nil, "Falcon") != nil {
		t.Error("without a directory nobody is named")
	}
}

func TestForwardedMailIsTold(t *testing.T) {
	for subject, want := range map[string]bool{"Fwd: x": true, "FW: x": true, "PD: x": true, "İLT: x": true, "VS: x": true, "RV: x": true, "I: x": true, "Inoltro: x": true, "Fwd[2]: x": true,
		"fw x": true, "PD - x": true,
		"Re: x": false, "Odp: x": false, "I am here": false, "": false} {
		l := &guard.Look{Facts: &guard.Facts{Summary: &mail.Summary{}}, Mail: &reading.Mail{Subject: subject}}
		if got := IsForward(l); got != want {
			t.Errorf("%q: %v", subject, got)
		}
	}
}

func FuzzFind(f *testing.F) {
	m := New([]Entry{{Phrase: "do not _ forward"}, {Phrase: "salar*"}, {Phrase: "a b* _ c"}})
	f.Add("do not ever, forward\nsalary a bb x c")
	f.Fuzz(func(t *testing.T, text string) {
		words := reading.WordsOf(text)
		for _, one := range m.Find(text, words) {
			if one.From < 0 || one.To > len(words) || one.From >= one.To {
				t.Errorf("%+v of %d words", one, len(words))
			}
		}
		for i := range words {
			if from, to := Sentence(text, words, i); from > i || to <= i {
				t.Errorf("sentence of %d: %d to %d", i, from, to)
			}
		}
	})
}
