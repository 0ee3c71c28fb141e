package identifier

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"belay/internal/guard"
	"belay/internal/guard/lexicon"
	"belay/internal/mail"
	"belay/internal/reading"
)

func detect(t testing.TB, d *Detector, subject, body string) *guard.Signal {
	t.Helper()
	l := &guard.Look{Facts: &guard.Facts{Time: time.Date(2026, 3, 10, 9, 0, 0, 0, time.UTC), Summary: &mail.Summary{}},
		Mail: reading.FromTexts(subject, body, nil, true)}
	signals, err := d.Detect(t.Context(), l)
	if err != nil {
		t.Fatal(err)
	}
	if len(signals) == 0 {
		return nil
	}
	return &signals[0]
}

func TestTheNeighbourhoodDecides(t *testing.T) {
	d := New(Options{})
	for _, c := range []struct {
		body  string
		fires bool
		kinds string
	}{
		{"Przelew na PL61 1090 1014 0000 0712 1981 2874, dziękuję.", true, "IBAN"},
		{"PESEL: 44051401359", true, "PESEL"},
		{"Numer zamówienia: 44051401359", false, ""},
		{"Nr przesyłki 44051401359 jest już w drodze do Państwa.", false, ""},
		{"My card is 4539 5787 6362 1486, exp 04/28.", true, "Visa"},
		{"Use the test card 4539 5787 6362 1486 in the sandbox.", false, ""},
		{"Il mio codice fiscale è RSSMRA85T10A562S.", true, "codice fiscale"},
		{"My SSN is 536-22-1234.", true, "SSN"},
		{"Ring +48 440514013 59 any time.", false, ""},
		{"Fødselsnummer 010107 50160.", true, "fødselsnummer"},
	} {
		s := detect(t, d, "", c.body)
		switch {
		case (s != nil && s.Score >= 0.5) != c.fires:
			t.Errorf("%q: %+v, want it to fire: %v", c.body, s, c.fires)
		case c.fires && s.Facts["Kinds"] != c.kinds:
			t.Errorf("%q: %s, want %s", c.body, s.Facts["Kinds"], c.kinds)
		}
	}
}

func TestAListIsCounted(t *testing.T) {
	var b strings.Builder
	b.WriteString("Lista uczestników z numerami PESEL:\n")
	n := 0
	for i := 0; n < 40; i++ {
		number := fmt.Sprintf("8%d0101%05d", i%9, i*37)
		if isPESEL(number, 2026) {
			n++
			fmt.Fprintf(&b, "%d. Osoba\t%s\n", n, number)
		}
	}
	if s := detect(t, New(Options{}), "", b.String()); s == nil || s.Count != n || s.Score < 0.9 {
		t.Errorf("a list of %d people: %+v", n, s)
	}
}

// A program that reckons drops the zero in front.
func TestANumberThatLostItsZeroCountsBelowItsName(t *testing.T) {
	for body, kinds := range map[string]string{
		"Staff\nName\tPESEL\tRoom\nAnna\t2070803628\t12\n":                    "PESEL",
		"Staff\nPESEL\n2070803628\n":                                          "PESEL",
		"| Navn | Fødselsnummer |\n| Kari | 1010750160 |\n":                   "fødselsnummer",
		"Cliente\tPartita IVA\nRossi\t0743110157\n":                           "partita IVA",
		"Name\tPhone\nAnna\t2070803628\n":                                     "",
		"Name\tPESEL\tPhone\nAnna\t\t2070803628\n":                            "",
		"Name\tPESEL\nAnna\t2070803629\n":                                     "",
		"Name\tPESEL\nAnna\t44051401359\n\nName\tTelefon\nAnna\t2070803628\n": "PESEL",
	} {
		s := detect(t, New(Options{}), "", body)
		switch {
		case kinds == "" && s != nil && s.Score >= 0.5:
			t.Errorf("%q: %+v", body, s)
		case kinds != "" && (s == nil || s.Score < 0.5 || s.Facts["Kinds"] != kinds || s.Count != 1):
			t.Errorf("%q: %+v, want one %s", body, s, kinds)
		}
	}
}

func TestAnAdminsPatternCounts(t *testing.T) {
	d := New(Options{Patterns: []lexicon.Pattern{{Name: "our patient number", Code: Code, Re: regexp.MustCompile(`P-\d{6}`)},
		{Name: "another signal's", Code: "content.secret", Re: regexp.MustCompile(`room`)}}})
	s := detect(t, d, "", "P-204511 waits in room 3")
	if s == nil || s.Say != "own" || s.Facts["Kinds"] != "our patient number" || s.Count != 1 || strings.Contains(s.Found[0].Text, "204511") {
		t.Errorf("%+v", s)
	}
}

func FuzzDetect(f *testing.F) {
	f.Add("PL61 1090 1014 0000 0712 1981 2874")
	f.Add("RSS MRA 85T10 A562S | 4539\n 5787 6362 1486")
	f.Add("X-1234567-L ES12345678Z NO 974 760 673 MVA")
	d := New(Options{})
	f.Fuzz(func(t *testing.T, text string) {
		if s := detect(t, d, text, text); s != nil && (s.Score < 0 || s.Score > 1 || s.Count < 1) {
			t.Errorf("%+v", s)
		}
	})
}
