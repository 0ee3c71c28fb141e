package names

import (
	"testing"
	"unicode/utf8"
)

// FuzzParse reads what stands in headers: nothing breaks, and what is given back
// is whole words.
func FuzzParse(f *testing.F) {
	for _, s := range [][2]string{{"Nowak, Anna", "anna.nowak@x.test"}, {"\"MYHRE, Jan (HR)\" <x@y>", "jr@x.test"}, {"Ż, \xff", "\"a b\"@x"}, {"Łukasz@CORP", "l'@"}, {"", ""}} {
		f.Add(s[0], s[1])
	}
	f.Fuzz(func(t *testing.T, display, address string) {
		n := Parse(display, address)
		for _, w := range append(append(n.Given, n.Family...), n.Words...) {
			if w == "" || utf8.ValidString(display) && utf8.ValidString(address) && !utf8.ValidString(w) {
				t.Errorf("%q <%q>: %q", display, address, w)
			}
			if !Same(w, w) && fold(w) != "" {
				t.Errorf("%q is not itself", w)
			}
		}
		_ = Kin(display, address)
	})
}
