package explain_test

import (
	"fmt"
	"reflect"
	"slices"
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
	visible, twin := guard.Signal{Code: "crowd.visible", Count: 11}, guard.Signal{Code: "recipient.twin", Recipient: "p9@x9.test"}
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

// TestWhatAStrongerSignalImpliesIsNotSaidAgain: four detectors notice one slip;
// the reader needs it once.
func TestWhatAStrongerSignalImpliesIsNotSaidAgain(t *testing.T) {
	signal := func(code, say string, score float64, instead ...string) guard.Signal {
		return guard.Signal{Code: code, Say: say, Recipient: "rob@falcom.test", Score: score, Instead: instead}
	}
	const meant, other = "rob@falcon.test", "rob@heron.test"
	first := signal("recipient.first-contact", "", 0.9)
	watched := func(s guard.Signal) guard.Signal { s.Observed = true; return s }
	for name, c := range map[string]struct {
		given []guard.Signal
		want  string
	}{
		"a slip, noticed three times": {[]guard.Signal{first, signal("recipient.lookalike", "domain", 0.85, meant), signal("recipient.unlikely", "slip", 0.98, meant)}, "unlikely:slip"},
		"the detector is surer":       {[]guard.Signal{signal("recipient.unlikely", "slip", 0.6, meant), signal("recipient.lookalike", "domain", 0.85, meant)}, "lookalike:domain"},
		"a name and an address":       {[]guard.Signal{signal("recipient.twin", "", 0.7, "ROB@falcon.test"), signal("recipient.lookalike", "domain", 0.85, meant), first}, "lookalike:domain"},
		"two people may be meant":     {[]guard.Signal{signal("recipient.twin", "", 0.7, other), signal("recipient.lookalike", "domain", 0.85, meant)}, "lookalike:domain twin:"},
		"unusual, without a reason":   {[]guard.Signal{signal("recipient.unlikely", "stranger", 0.95, meant), signal("organisation.wrong", "", 0.7, meant)}, "wrong:"},
		"unusual, and somebody else":  {[]guard.Signal{signal("recipient.unlikely", "stranger", 0.95, other), signal("organisation.wrong", "", 0.7, meant)}, "unlikely:stranger wrong:"},
		"the rating repeats a thread": {[]guard.Signal{signal("recipient.unlikely", "thread", 0.95), signal("thread.outsider", "", 0.6)}, "outsider:"},
		"a thread, and more":          {[]guard.Signal{signal("recipient.unlikely", "apart", 0.95), signal("thread.outsider", "", 0.6)}, "unlikely:apart outsider:"},
		"what earlier mail came to":   {[]guard.Signal{signal("recipient.unlikely", "doubted", 0.95, meant), signal("recipient.lookalike", "domain", 0.85, meant), first}, "unlikely:doubted lookalike:domain"},
		"new, and nothing else":       {[]guard.Signal{first}, "first-contact:"},
		"new, and on a conversation":  {[]guard.Signal{first, signal("thread.outsider", "", 0.6)}, "outsider: first-contact:"},
		"the other is only watched":   {[]guard.Signal{first, watched(signal("recipient.lookalike", "domain", 0.95, meant))}, "first-contact: lookalike:domain"},
	} {
		given := slices.Clone(c.given)
		words, err := explain.Load()
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, s := range explain.InOrder(words.For("en"), c.given) {
			got = append(got, s.Code[strings.LastIndex(s.Code, ".")+1:]+":"+s.Say)
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: %s, want %s", name, strings.Join(got, " "), c.want)
		}
		if !reflect.DeepEqual(given, c.given) {
			t.Errorf("%s: what was given was changed", name)
		}
	}
}

func TestWhatIsSaidOfARecipientStandsTogether(t *testing.T) {
	given := []guard.Signal{{Code: "crowd.visible"}, {Code: "greeting.mismatch", Recipient: "a@x.test", Score: 0.6}, {Code: "recipient.twin", Recipient: "b@x.test", Score: 0.7},
		{Code: "content.secret"}, {Code: "thread.outsider", Recipient: "a@x.test", Score: 0.8}}
	var got []string
	for _, s := range explain.Telling(given) {
		got = append(got, s.Code)
	}
	if want := "crowd.visible thread.outsider greeting.mismatch recipient.twin content.secret"; strings.Join(got, " ") != want {
		t.Errorf("%v, want %s", got, want)
	}
}
