package names

import (
	"strings"
	"testing"

	"belay/internal/reading"
)

// TestEachLanguageHasItsNames counts what is promised: 300 names and more.
func TestEachLanguageHasItsNames(t *testing.T) {
	for _, lang := range []string{"en", "es", "it", "nb", "pl", "tr"} {
		names := map[string]bool{}
		for line := range linesOf(lang) {
			names[reading.Fold(line[0])] = true
			for _, form := range line {
				if strings.ContainsAny(form, ",;:0123456789") {
					t.Errorf("%s: %q is no name", lang, form)
				}
			}
		}
		if len(names) < 300 {
			t.Errorf("%s has %d names", lang, len(names))
		}
	}
}

func TestOneNameInTwoLanguagesIsKin(t *testing.T) {
	for _, c := range [][2]string{{"Jan", "John"}, {"Juan", "Giovanni"}, {"Kasia", "Catherine"}, {"Pepe", "Joseph"}, {"Ania", "Anne"}} {
		if !Kin(c[0], c[1]) || !Kin(c[1], c[0]) {
			t.Errorf("%v are not kin", c)
		}
	}
	for _, c := range [][2]string{{"Kari", "Anne"}, {"Marta", "Maria"}, {"Tom", "Tim"}, {"", "Anna"}} {
		if Kin(c[0], c[1]) {
			t.Errorf("%v are kin", c)
		}
	}
}

// TestATwofoldNameDoesNotMakeItsHalvesOne: Karianne is Kari and is Anne, and yet
// Kari is not Anne.
func TestATwofoldNameDoesNotMakeItsHalvesOne(t *testing.T) {
	if Same("Kari", "Anne") || !Same("Kari", "Karianne") || !Same("Anne", "Karianne") {
		t.Error("the halves of a name are mixed up")
	}
}

func TestFormsOfNamesAreKnown(t *testing.T) {
	for _, w := range []string{"Aniu", "Zeynepciğim", "Pedrito", "Bjoern", "Jean-Luc", "Elifçiğim", "Wojtku"} {
		if !Known(w) {
			t.Errorf("%s is not known", w)
		}
	}
	for _, w := range []string{"Faktura", "Offer", "Xqzw", ""} {
		if Known(w) {
			t.Errorf("%s is taken for a name", w)
		}
	}
	if !IsUsual("Anna") || IsUsual("Ania") {
		t.Error("Anna is usual, Ania is not")
	}
}

func BenchmarkParse(b *testing.B) {
	b.ReportAllocs()
	for range b.N {
		Parse("Nowak, Anna Maria (HR)", "anna.nowak@corp.test")
	}
}
