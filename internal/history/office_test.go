package history

import (
	"context"
	"slices"
	"testing"
)

// P11: of the guesses who may be meant, an author is told what is no colleague's
// secret: addresses of their own domain that are in use, others from three
// colleagues on; nothing of those who are excluded, nothing that came later.
func TestP11_GuessesTellNoSecretOfAColleague(t *testing.T) {
	m := NewMemory(MemoryOptions{Own: ours, Excluded: func(address string) bool { return address == "council@corp.test" }})
	var events []Event
	write := func(from, to string) {
		events = append(events, wrote(len(events), "", from, to))
	}
	for range 5 {
		write("bob@corp.test", "lawyer@two.test")
		write("cora@corp.test", "lawyer@two.test")
		write("bob@corp.test", "carrier@three.test")
		write("bob@corp.test", "council@corp.test")
	}
	write("cora@corp.test", "carrier@three.test")
	write("dan@corp.test", "carrier@three.test")
	write("bob@corp.test", "slpi@corp.test")
	write("eve@corp.test", "bob@corp.test")
	for range 3 {
		write("bob@corp.test", "desk@corp.test")
	}
	write("anna@corp.test", "known@four.test")
	check(t, m.Learn(context.Background(), events))
	q := Query{Author: "anna@corp.test", Recipients: []string{"x@two.test"}, Time: noon.AddDate(1, 0, 0),
		Guesses: []string{"lawyer@two.test", "carrier@three.test", "council@corp.test", "slpi@corp.test", "desk@corp.test", "bob@corp.test", "known@four.test", "nobody@corp.test", "x@two.test", "anna@corp.test"}}
	told := sortedKeys(past(t, m, q).Office)
	if want := []string{"carrier@three.test", "desk@corp.test"}; !slices.Equal(told, want) {
		t.Errorf("told of %v, want %v", told, want)
	}
	q.Time = noon.AddDate(-1, 0, 0)
	if p := past(t, m, q); p != nil && len(p.Office) > 0 {
		t.Errorf("told of %v before it was known", p.Office)
	}
}
