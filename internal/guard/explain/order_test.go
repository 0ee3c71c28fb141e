package explain_test

import (
	"fmt"
	"strings"
	"testing"

	"belay/internal/guard"
	"belay/internal/guard/explain"
)

// TestFirstContactsStandBehindWhatSaysMore: a mail to many new people is not a
// page of them, with the one thing that matters below.
func TestFirstContactsStandBehindWhatSaysMore(t *testing.T) {
	words, err := explain.Load()
	if err != nil {
		t.Fatal(err)
	}
	first := func(n int, observed bool) guard.Signal {
		return guard.Signal{Code: "recipient.first-contact", Recipient: fmt.Sprintf("p%d@x%d.test", n, n), Score: 0.5 + float64(n)/100, Observed: observed}
	}
	codes := func(list []guard.Signal) string {
		var b strings.Builder
		for _, s := range list {
			fmt.Fprintf(&b, "%s/%d ", strings.TrimPrefix(s.Code, "recipient."), s.Count)
		}
		return b.String()
	}
	visible, twin := guard.Signal{Code: "crowd.visible", Count: 11}, guard.Signal{Code: "recipient.twin", Recipient: "p1@x1.test"}
	given := []guard.Signal{first(1, false), first(2, false), twin, visible, first(3, true)}
	if got := codes(explain.InOrder(words.For("en"), given)); got != "twin/0 crowd.visible/11 first-contact/0 first-contact/0 first-contact/0 " {
		t.Errorf("two: %s", got)
	}
	if given[0].Code != "recipient.first-contact" {
		t.Error("what was given was changed")
	}
	given = nil
	for n := range 11 {
		given = append(given, first(n, false))
	}
	list := explain.InOrder(words.For("en"), append(given, visible))
	if got := codes(list); got != "crowd.visible/11 first-contact/11 " {
		t.Fatalf("eleven: %s", got)
	}
	want := "This is the first mail to 11 addresses: p0@x0.test, p1@x1.test, p2@x2.test and 8 more."
	if got := explain.Signal(words.For("en"), list[1], nil).Evidence; got != want {
		t.Errorf("got %s", got)
	}
	if list[1].Score != 0.6 {
		t.Errorf("its score is %v", list[1].Score)
	}
}
