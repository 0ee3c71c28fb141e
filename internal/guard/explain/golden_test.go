package explain_test

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"belay/internal/config"
	"belay/internal/guard"
	"belay/internal/guard/explain"
	"belay/internal/locale"
)

// variant is one sentence of a signal, as the catalogues have it.
type variant struct {
	code, say string
	counts    bool                // it has plural forms
	fields    []string            // its placeholders
	words     map[string][]string // facts that are words of belay's own
}

var field = regexp.MustCompile(`\{\{\s*\.(\w+)\s*\}\}`)

// variants reads the English catalogues for all sentences there are.
func variants(t *testing.T) (list []variant) {
	t.Helper()
	for _, catalogue := range explain.Words() {
		text, err := fs.ReadFile(catalogue, "en.yaml")
		if err != nil {
			t.Fatal(err)
		}
		var file struct {
			Signal map[string]map[string]map[string]any `yaml:"signal"`
		}
		if err := yaml.Unmarshal(text, &file); err != nil {
			t.Fatal(err)
		}
		for code, says := range file.Signal {
			words := map[string][]string{}
			for key, values := range says["fact"] {
				for word := range values.(map[string]any) {
					words[key] = append(words[key], word)
				}
				slices.Sort(words[key])
			}
			for say, parts := range says {
				if say == "fact" {
					continue
				}
				v := variant{code: code, say: say, words: words}
				for _, part := range parts {
					if _, forms := part.(map[string]any); forms {
						v.counts = true
					}
					for _, m := range field.FindAllStringSubmatch(fmt.Sprint(part), -1) {
						v.fields = append(v.fields, m[1])
					}
				}
				list = append(list, v)
			}
		}
	}
	slices.SortFunc(list, func(a, b variant) int {
		if n := slices.Index(config.SignalCodes, a.code) - slices.Index(config.SignalCodes, b.code); n != 0 {
			return n
		}
		return strings.Compare(a.say, b.say)
	})
	return list
}

// samples are what facts look like, by their names. What is not among them is
// shown as its name.
var samples = map[string]string{
	"Name": "Anna Nowak", "Greeting": "Hi Anna", "Usual": "anna@falcon.test", "Like": "anna@falcon.test", "Domain": "falcon.test", "To": "Jan Zając",
	"Author": "Ewa Lis", "First": "Falcon Energy", "Second": "Heron", "Named": "Falcon Energy", "Other": "Heron", "File": "offer.pdf",
	"Detector": "greeting", "By": "PGP", "Organisations": "11", "Broadcasts": "7", "Answered": "3", "Kinds": "IBAN, PESEL",
	"Number": "PL61 •••• 2874", "Secret": "hunt••••", "Organisation": "Falcon Energy", "Person": "Maria Rossi",
}

// example is a signal that the sentence can be said of.
func (v *variant) example(count int) guard.Signal {
	s := guard.Signal{Code: v.code, Say: v.say, Score: 1, Recipient: "jan@heron.test", Instead: []string{"anna@falcon.test"}, Facts: map[string]string{},
		Found: []guard.Found{{Text: "Project Falcon", Place: guard.InSubject}, {Text: "PL61 •••• 2874", Place: guard.InFile, File: "pay.xlsx", Where: "Pay"}}}
	if v.counts {
		s.Count = count
	}
	if v.code == "content.hidden" {
		s.Found = s.Found[1:]
	}
	for _, name := range v.fields {
		switch name {
		case "N", "Who", "Found", "Where", "Places", "Instead", "Recipient":
			continue
		}
		s.Facts[name] = samples[name]
		if words := v.words[name]; len(words) > 0 {
			s.Facts[name] = words[0]
		}
		if name == "Like" && slices.Contains([]string{"domain", "ending", "front"}, v.say) {
			s.Facts[name] = "falcon.test"
		}
		if s.Facts[name] == "" {
			s.Facts[name] = "‹" + name + "›"
		}
	}
	return s
}

// TestP9_EverySignalIsASentenceInSixLanguages shows every sentence of every
// signal, with its counts, in testdata/signals.
func TestP9_EverySignalIsASentenceInSixLanguages(t *testing.T) {
	words, err := explain.Load()
	if err != nil {
		t.Fatal(err)
	}
	all := variants(t)
	for _, code := range locale.Codes {
		say := words.For(code)
		var b strings.Builder
		for _, v := range all {
			counts := []int{0}
			if v.counts {
				counts = []int{1, 3, 25}
			}
			fmt.Fprintf(&b, "%s, %s:\n", v.code, v.say)
			for _, n := range counts {
				s := v.example(n)
				if err := explain.Check(say, s); err != nil {
					t.Error(err)
				}
				said := explain.Signal(say, s, nil)
				fmt.Fprintf(&b, "  %s\n", said.Evidence)
				if n <= 1 && said.Advice != "" {
					fmt.Fprintf(&b, "    → %s\n", said.Advice)
				}
			}
		}
		for _, v := range wordsOf(all) {
			fmt.Fprintf(&b, "%s: %s\n", v, say.T(v))
		}
		compare(t, "testdata/signals/"+code+".txt", b.String())
	}
}

// wordsOf are the ids of all facts that are words of belay's own.
func wordsOf(all []variant) []string {
	ids := map[string]bool{}
	for _, v := range all {
		for key, words := range v.words {
			for _, word := range words {
				ids["signal."+v.code+".fact."+key+"."+word] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(ids))
}

func compare(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil || string(want) != got {
		t.Errorf("%s differs; look at it with -update and git diff (%v)", file, err)
	}
}

func TestP9_EveryCodeHasAPlainSentenceANameAndOneForThoseWhoMayNotReadTheMail(t *testing.T) {
	words, err := explain.Load()
	if err != nil {
		t.Fatal(err)
	}
	if err := words.Complete(); err != nil {
		t.Error(err)
	}
	all := variants(t)
	for _, code := range config.SignalCodes {
		plain := slices.ContainsFunc(all, func(v variant) bool { return v.code == code && v.say == "plain" })
		if !plain {
			t.Errorf("%s has no plain sentence", code)
		}
		for _, lang := range locale.Codes {
			say := words.For(lang)
			if name := explain.Name(say, code); name == code {
				t.Errorf("%s: %s has no name", lang, code)
			}
			s := guard.Signal{Code: code, Facts: map[string]string{"By": "PGP", "Detector": "x"}, Found: []guard.Found{{Text: "secret words", Place: guard.InText}}}
			if covered := explain.For(explain.Covered, say, s, nil); covered.Evidence == "" || strings.Contains(covered.Evidence, "covered.") {
				t.Errorf("%s: %s: %q", lang, code, covered.Evidence)
			}
		}
	}
	for _, v := range all {
		if !slices.Contains(config.SignalCodes, v.code) {
			t.Errorf("there are sentences for %s, which is no signal", v.code)
		}
	}
}

// TestP8_WhoMayNotReadTheMailReadsNoWordOfIt: whatever a detector puts into a
// signal, nothing of it comes through but the files' names.
func TestP8_WhoMayNotReadTheMailReadsNoWordOfIt(t *testing.T) {
	words, err := explain.Load()
	if err != nil {
		t.Fatal(err)
	}
	const secret = "XYZZY"
	for _, v := range variants(t) {
		if v.code == guard.CodeFailed || v.code == guard.CodeOpaque || v.code == "crowd.visible" {
			continue
		}
		s := v.example(3)
		for key := range s.Facts {
			s.Facts[key] = secret
		}
		s.Evidence, s.Advice, s.Instead = secret, secret, []string{secret + "@x.test"}
		s.Found = []guard.Found{{Text: secret, Place: guard.InText}, {Text: secret, Place: guard.InFile, File: "pay.xlsx", Where: secret}}
		for _, lang := range locale.Codes {
			if said := fmt.Sprintf("%+v", explain.For(explain.Covered, words.For(lang), s, nil)); strings.Contains(said, secret) {
				t.Errorf("%s: %s: %s", lang, v.code, said)
			}
		}
		if covered := fmt.Sprintf("%+v", explain.Cover(words.For("en"), s)); strings.Contains(covered, secret) {
			t.Errorf("%s: %s", v.code, covered)
		}
	}
}
