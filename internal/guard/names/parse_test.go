package names

import (
	"fmt"
	"testing"
)

func TestNamesAreReadFromDisplayNamesAndAddresses(t *testing.T) {
	for _, c := range []struct{ display, address, want string }{
		{"Nowak, Anna", "x@y.test", "[anna] [nowak]  true"},
		{"Anna Maria Nowak (HR)", "x@y.test", "[anna maria] [nowak]  true"},
		{"dr hab. A. Nowak", "anowak@y.test", "[] [nowak] a false"},
		{"MYHRE, Jan Roar", "x@y.test", "[jan roar] [myhre]  true"},
		{"MYHRE Jan Roar", "x@y.test", "[jan roar] [myhre]  true"},
		{"Jan MYHRE", "x@y.test", "[jan] [myhre]  true"},
		{"Nowak Anna", "x@y.test", "[anna] [nowak]  true"},
		{"", "anna.nowak@y.test", "[anna] [nowak]  true"},
		{"", "nowak.anna@y.test", "[anna] [nowak]  true"},
		{"", "a.nowak@y.test", "[] [nowak] a false"},
		{"", "nowak_a@y.test", "[] [nowak] a false"},
		{"", "anowak@y.test", "[] []  false"},
		{"", "bob@y.test", "[bob] []  true"},
		{"", "info@y.test", "[] []  false"},
		{"", "jk1983@y.test", "[] []  false"},
		{"Sales Team", "sales@y.test", "[] []  false"},
		{"anna.nowak@y.test", "anna.nowak@y.test", "[anna] [nowak]  true"},
		{"Phillip K Allen", "phillip.allen@y.test", "[phillip] [allen] k true"},
		{"María José García López", "x@y.test", "[maria jose] [garcia lopez]  true"},
		{"Anna Nowak, PhD", "x@y.test", "[anna] [nowak]  true"},
		{"Anna Nowak, Falcon", "x@y.test", "[anna] [nowak]  true"},
		{"Anna Nowak | Falcon Energy", "x@y.test", "[anna] [nowak]  true"},
		{"Prof. Ewa Zielińska-Lis", "x@y.test", "[ewa] [zielinska lis]  true"},
		{"Sean O'Brien", "x@y.test", "[sean] [obrien]  true"},
		{"Xiaoming Wu", "xiaoming.wu@y.test", "[xiaoming] [wu]  true"},
		{"Robert Smith", "jsmith@y.test", "[robert] [smith] j true"},
		{"Jan Reed", "jan.reed@y.test", "[jan] [reed]  true"},
		{"Ola Berg", "ola.berg@y.test", "[ola] [berg]  true"},
		{"Anna Reed", "jk.reed@y.test", "[anna] [reed] jk true"},
	} {
		n := Parse(c.display, c.address)
		if got := fmt.Sprintf("%v %v %s %v", n.Given, n.Family, n.Initials, n.Sure); got != c.want {
			t.Errorf("%q <%s>: %s, want %s", c.display, c.address, got, c.want)
		}
	}
}
