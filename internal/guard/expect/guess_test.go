package expect

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"belay/internal/guard"
	"belay/internal/mail"
)

// guessesOf are what the detector guesses about a mail.
func guessesOf(t *testing.T, x letter) []string {
	t.Helper()
	return New(Options{}).Guesses(x.look(t, newPast()))
}

// What belongs to the names on a mail is guessed in the domain of the author and
// in that of the recipient: the likeliest of everybody before the rest of anybody.
func TestGuessesAreMadeOfNames(t *testing.T) {
	x := letter{from: "ewa@corp.test", subject: "Re: offer", body: "fine\n\n-----Original Message-----\nFrom: Nora Quist\nTo: Sven Holt; Ewa Lis\nSubject: offer\n\nhere",
		to: []string{"jon.reed@falcon.test", "anna.smith@gmail.com", "Łucja.żak@falcon.test"}, id: "1"}
	got := guessesOf(t, x)
	for _, want := range []string{"jon.reed@corp.test", "jreed@falcon.test", "anna.smith@corp.test", "nora.quist@corp.test", "sven.holt@corp.test"} {
		if !slices.Contains(got, want) {
			t.Errorf("%s is not among %v", want, got)
		}
	}
	for _, never := range []string{"anna.smith@gmail.com", "asmith@gmail.com"} {
		if slices.Contains(got, never) {
			t.Errorf("%s is guessed at a provider", never)
		}
	}
	if slices.Index(got, "nora.quist@corp.test") > slices.Index(got, "jreed@corp.test") {
		t.Errorf("the second pattern of one comes before the first of another: %v", got)
	}
}

// Of very many recipients and names there are no more guesses than are looked at,
// and nothing that is no address.
func TestGuessesAreFew(t *testing.T) {
	x := letter{from: "ewa@corp.test", subject: "x", id: "1", body: "hello\n\n-----Original Message-----\nFrom: " + strings.Repeat("ё@", 3000) + "\nTo: x\n\nx"}
	for i := range 40 {
		x.to = append(x.to, fmt.Sprintf("given%c.family%c@house%d.test", 'a'+i%26, 'a'+i%26, i))
	}
	x.to = append(x.to, "@", "x", "ж@corp.test", "a..b@corp.test")
	got := guessesOf(t, x)
	if len(got) == 0 || len(got) > maxGuesses {
		t.Errorf("%d guesses", len(got))
	}
	for _, a := range got {
		if !mail.ValidAddress(a) {
			t.Errorf("%q is guessed", a)
		}
	}
}

func TestAddressesInATextAreFound(t *testing.T) {
	for text, want := range map[string]string{
		"from: jane [mailto:jane.doe@newco.test]\nto: x <y@corp.test>;": "jane.doe@newco.test y@corp.test",
		"@ a@ @b.test a@b 'q@r.test' q@r.test.":                         "q@r.test",
		"write to tom@x.test, tom@x.test or":                            "tom@x.test",
		strings.Repeat("@", 5000):                                       "",
		"":                                                              "",
	} {
		if got := strings.Join(mail.AddressesIn(text, maxAddresses), " "); got != want {
			t.Errorf("%.40q: %q, want %q", text, got, want)
		}
	}
	many := ""
	for i := range 100 {
		many += fmt.Sprintf("a%d@corp.test ", i)
	}
	if n := len(mail.AddressesIn(many, maxAddresses)); n != maxAddresses {
		t.Errorf("%d addresses", n)
	}
}

// The domain that a slip was made in is the same one each time, whatever the
// order in which others are looked at.
func TestTheNearestDomainIsAlwaysTheSame(t *testing.T) {
	for _, c := range []struct {
		domain, want string
		known        map[string]int
	}{
		{"gmial.com", "gmail.com", nil},
		{"heorn.test", "heron.test", map[string]int{"heron.test": 3, "other.test": 9}},
		{"kestral.test", "kestrel.test", map[string]int{"kestrel.test": 2, "kestrol.test": 2, "kastral.test": 1}},
		{"kestrel.test", "", map[string]int{"kestrel.test": 2, "kestrol.test": 2}},
		{"mail.heron.test", "", map[string]int{"heron.test": 3}},
		{"yahoo.fr", "", nil},
		{"", "", nil},
	} {
		for range 30 {
			o := &occasion{circle: &circle{domains: map[string]int{}}, author: &who{domain: "corp.test"}}
			for d, n := range c.known {
				o.circle.domains[d] = n
			}
			if got := o.nearDomain(c.domain).domain; got != c.want {
				t.Fatalf("%s is near %q, want %q", c.domain, got, c.want)
			}
		}
	}
}

// P11: what only a colleague or two know is offered neither as a slip away nor as
// the same name in one's own house.
func TestP11_WhomFewColleaguesKnowIsNotProposed(t *testing.T) {
	past := newPast()
	write := func(times int, from, to string) {
		for i := range times {
			(&letter{from: from, subject: "x", body: "y", id: fmt.Sprint(i, from, to), to: []string{to}}).learn(t, past, 9)
		}
	}
	for i := range 8 {
		write(4, "ewa@corp.test", fmt.Sprintf("p%d@falcon.test", i))
	}
	write(1, "kim@corp.test", "hr.case@corp.test")
	write(5, "kim@corp.test", "sam.hill@lawyer.test")
	write(5, "kim@corp.test", "desk.team@corp.test")
	for _, colleague := range []string{"kim@corp.test", "lee@corp.test", "max@corp.test"} {
		write(1, colleague, "jo.carr@carrier.test")
	}
	for to, want := range map[string]string{
		"hr.csae@corp.test":     "",
		"sam.hlil@lawyer.test":  "",
		"desk.taem@corp.test":   "desk.team@corp.test",
		"jo.crar@carrier.test":  "jo.carr@carrier.test",
		"sam.hill@gmail.com":    "",
		"desk.team@hotmail.com": "desk.team@corp.test",
	} {
		x := letter{from: "ewa@corp.test", subject: "new", body: "hello", id: "new", to: []string{to}}
		var seen []string
		d := New(Options{Watch: func(_ *guard.Look, s *Seen) {
			for _, c := range s.s.all {
				if c.contact < 0 {
					seen = append(seen, c.main)
				}
			}
		}})
		if _, _, err := d.Close(t.Context(), x.look(t, past), nil); err != nil {
			t.Fatal(err)
		}
		known := []string{"hr.case@corp.test", "sam.hill@lawyer.test", "desk.team@corp.test", "jo.carr@carrier.test"}
		seen = slices.DeleteFunc(seen, func(a string) bool { return !slices.Contains(known, a) })
		if got := strings.Join(seen, " "); got != want {
			t.Errorf("%s: proposed is %q, want %q", to, got, want)
		}
	}
}

// Two addresses of one mail that are a slip apart: the one that is compared is
// the one with the slip, whoever else is alike.
func TestASlipBesideTheRightAddressIsSeen(t *testing.T) {
	past := newPast()
	for i := range 8 {
		(&letter{from: "ewa@corp.test", subject: "x", body: "y", id: fmt.Sprint(i), to: []string{fmt.Sprintf("p%d@falcon.test", i)}}).learn(t, past, 4)
	}
	x := letter{from: "ewa@corp.test", subject: "new", body: "hello", id: "new", to: []string{"jan.kowlaski@falcon.test", "jan.kowlaski@gmail.com", "jan.kowalski@falcon.test"}}
	d := New(Options{Watch: func(_ *guard.Look, s *Seen) {
		row := s.s.row(0)
		if row[sBesideSlip] > 2 || row[sBesideTwin] != 2 || s.s.slots[0].like != 2 {
			t.Errorf("slip %v, twin %v, like %d", row[sBesideSlip], row[sBesideTwin], s.s.slots[0].like)
		}
	}})
	if _, _, err := d.Close(t.Context(), x.look(t, past), nil); err != nil {
		t.Fatal(err)
	}
}
