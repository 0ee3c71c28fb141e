package history

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// usual is a history in which ours write to these.
func usual(t testing.TB, addresses ...string) *Memory {
	t.Helper()
	m := NewMemory(MemoryOptions{Own: ours})
	for i, a := range addresses {
		for n := range established {
			check(t, m.Learn(t.Context(), []Event{wrote(n, fmt.Sprint(i, "-", n), "jan@corp.test", a)}))
		}
	}
	return m
}

func nearTo(t testing.TB, m *Memory, author, address string) []string {
	t.Helper()
	p, err := m.Past(t.Context(), Query{Author: author, Recipients: []string{address}})
	check(t, err)
	var list []string
	for _, n := range p.Near(address) {
		list = append(list, n.Address)
	}
	return list
}

func TestNear_FindsWhatIsASlipAway(t *testing.T) {
	m := usual(t, "tom.jones@falcon.test", "anna.zajac@gmail.com", "sales@bank-north.co.uk", "office@xn--mnchen-3ya.de", "info@modern.example", "k@abc.test")
	for wrong, want := range map[string]string{
		"tom.jones@falcom.test":         "tom.jones@falcon.test", // a neighbour on the keyboard
		"tom.jones@faclon.test":         "tom.jones@falcon.test", // swapped
		"tom.jones@falccon.test":        "tom.jones@falcon.test", // doubled
		"tom.jones@falon.test":          "tom.jones@falcon.test", // dropped
		"tom.jones@fa1con.test":         "tom.jones@falcon.test", // a digit for a letter
		"tom.jones@f\u0430lcon.test":    "tom.jones@falcon.test", // a Cyrillic letter
		"tom.jones@falcon.example":      "tom.jones@falcon.test", // another ending
		"tom.jones@falcon.tst":          "tom.jones@falcon.test",
		"tom.jones@fal-con.test":        "tom.jones@falcon.test", // a hyphen
		"tom.jones@falcon.test.co":      "tom.jones@falcon.test", // the domain in front of another
		"tom.jones@falcon.test.mail.io": "tom.jones@falcon.test",
		"new.one@falcom.test":           "falcon.test", // nobody is known there by that name
		"tom.jnoes@falcon.test":         "tom.jones@falcon.test",
		"tom.jone@falcon.test":          "tom.jones@falcon.test",
		"tomjones@falcon.test":          "tom.jones@falcon.test",
		"tom_jones@falcon.test":         "tom.jones@falcon.test",
		"tom.jomes@falcon.test":         "tom.jones@falcon.test",
		"anna.zajac@gmial.com":          "anna.zajac@gmail.com",
		"sales@banknorth.co.uk":         "sales@bank-north.co.uk",
		"sales@bank-north.com":          "sales@bank-north.co.uk",
		"office@muenchen.de":            "office@xn--mnchen-3ya.de",
		"office@munchen.de":             "office@xn--mnchen-3ya.de", // the dots forgotten
		"info@modem.example":            "info@modern.example",      // rn looks like m
		"tom.jones@falcom.com":          "",                         // two slips
		"eva.zajac@gmail.com":           "",
		"tom.jones@eagle.test":          "",
		"tom.jones@mail.falcon.test":    "", // theirs as well
		"k@abd.test":                    "", // too short to tell
		"tom.jones@falcon.test":         "", // it is itself
	} {
		got := nearTo(t, m, "anna@corp.test", wrong)
		if want == "" && len(got) > 0 || want != "" && !slices.Equal(got, []string{want}) {
			t.Errorf("near %s are %q, want %q", wrong, got, want)
		}
	}
}

func TestNear_ContactsOfOnesOwnCountFromTheFirstMail(t *testing.T) {
	m := learned(t, wrote(1, "1", "anna@corp.test", "tom.jones@there.test"), wrote(2, "2", "jan@corp.test", "eve.adams@there.test"))
	if got := nearTo(t, m, "anna@corp.test", "tom.jonse@there.test"); !slices.Equal(got, []string{"tom.jones@there.test"}) {
		t.Errorf("Anna is offered %q", got)
	}
	if got := nearTo(t, m, "anna@corp.test", "eve.adms@there.test"); got != nil {
		t.Errorf("one mail of a colleague makes %q", got)
	}
	for n := range hesitant {
		check(t, m.Learn(t.Context(), []Event{wrote(3, fmt.Sprint("more", n), "anna@corp.test", "tom.jonse@there.test")}))
	}
	if got := nearTo(t, m, "anna@corp.test", "tom.jonse@there.test"); got != nil {
		t.Errorf("whom Anna writes to often looks like %q", got)
	}
}

// Any name a slip away from an established one is found by its keys.
func TestNear_NoSlipIsMissed(t *testing.T) {
	letters := rapid.StringOfN(rapid.RuneFrom([]rune("aeostkpbxyz")), shortest, 14, -1)
	rapid.Check(t, func(rt *rapid.T) {
		name := letters.Draw(rt, "name")
		r := []rune(name)
		i := rapid.IntRange(0, len(r)-1).Draw(rt, "where")
		switch rapid.IntRange(0, 3).Draw(rt, "what") {
		case 0:
			r[i] = 'h'
		case 1:
			r = slices.Insert(r, i, 'h')
		case 2:
			r = slices.Delete(r, i, i+1)
		case 3:
			j := min(i+1, len(r)-1)
			r[i], r[j] = r[j], r[i]
		}
		wrong := string(r)
		if len(r) < shortest {
			return
		}
		if !slip(skeleton(name), skeleton(wrong)) {
			rt.Fatalf("%q is no slip away from %q", wrong, name)
		}
		keys := nearKeys("there.test", name)
		if !slices.ContainsFunc(probes("there.test", wrong), func(p uint64) bool { return slices.Contains(keys, p) }) {
			rt.Fatalf("%q is not found from %q", name, wrong)
		}
	})
}

// BenchmarkNear asks among 1,000,000 addresses of 100,000 domains.
func BenchmarkNear(b *testing.B) {
	m := NewMemory(MemoryOptions{Own: ours})
	r := rand.New(rand.NewPCG(1, 2))
	syllables := strings.Fields("ka lo mi ne ru sa ti vo ze bra klu dor fen gal hin jor pel")
	word := func(n int) (s string) {
		for range n {
			s += syllables[r.IntN(len(syllables))]
		}
		return s
	}
	m.mu.Lock()
	for d := range 100_000 {
		domain := word(4) + fmt.Sprint(d%10) + ".test"
		k := m.r.domain(domain)
		k.sent, k.last = established, time.Now()
		m.r.settle(domain, k)
		for range 10 {
			a := word(2) + "." + word(3) + "@" + domain
			k := m.r.address(a)
			k.sent, k.last = established, time.Now()
			m.r.settle(a, k)
		}
	}
	m.mu.Unlock()
	for b.Loop() {
		nearTo(b, m, "anna@corp.test", word(2)+"."+word(3)+"@"+word(4)+"1.test")
	}
}
