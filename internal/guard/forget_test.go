package guard

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestP11_WhoWasErasedIsProposedToNobody(t *testing.T) {
	fresh := func() *Verdict {
		return &Verdict{Action: Ask,
			Ratings: []Rating{{Recipient: "bob@falcon.test", Probability: 0.4, Instead: []string{"Bob+x@Other.test", "rob@falcon.test"}}},
			Signals: []Signal{
				{Code: "recipient.twin", Recipient: "bob@falcon.test", Score: 0.9, Instead: []string{"bob@other.test"}, Evidence: "Mail usually goes to Bob Stone <bob@other.test>.", Advice: "Choose.",
					Facts: map[string]string{"Usual": "Bob Stone <bob@other.test>", "Recipient": "bob@falcon.test"}},
				{Code: "recipient.missing", Recipient: "bob@other.test", Score: 0.7, Instead: []string{"bob@other.test"}, Facts: map[string]string{"Name": "Bob Stone"}, Evidence: "Bob Stone was on your last mail.",
					Found: []Found{{Text: "bob@other.test has it"}}},
				{Code: "recipient.lookalike", Recipient: "bob@falcon.test", Score: 0.6, Facts: map[string]string{"Like": "jbob@other.test"}, Evidence: "It looks like bob@other.test.pl."},
			},
			Questions: []Question{{Kind: Ask, Of: []string{"anna@corp.test"}, Recipients: []string{"bob@falcon.test"}}}}
	}
	v := fresh()
	told := 0
	if !v.Forget("BOB@other.test", false, func(s *Signal) { told++; s.Evidence = "Usually: " + s.Facts["Usual"] + s.Facts["Name"] }) || told != 2 {
		t.Errorf("it found him in %d signals", told)
	}
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.ReplaceAll(strings.ToLower(string(raw)), "jbob@other.test", "")
	if strings.Contains(strings.ReplaceAll(text, "bob@other.test.pl", ""), "bob@other.test") || strings.Contains(text, "bob stone") || strings.Contains(text, "bob+x") {
		t.Errorf("he still stands in it: %s", raw)
	}
	for what, ok := range map[string]bool{
		"the other who may be meant":    len(v.Ratings[0].Instead) == 1 && v.Ratings[0].Recipient == "bob@falcon.test",
		"what is to happen":             v.Action == Ask && v.Questions[0].Recipients[0] == "bob@falcon.test",
		"the signals":                   len(v.Signals) == 3 && v.Signals[0].Evidence == "Usually: "+Erased && v.Signals[1].Recipient == "",
		"somebody with such an address": v.Signals[2].Facts["Like"] == "jbob@other.test" && strings.Contains(v.Signals[2].Evidence, "other.test.pl"),
	} {
		if !ok {
			t.Errorf("gone is %s: %s", what, raw)
		}
	}
	if v.Forget("bob@other.test", false, nil) {
		t.Error("and he is found again")
	}

	v = fresh() // he gets this very mail: what is said of it stays
	if !v.Forget("bob@other.test", true, nil) || v.Signals[0].Evidence == Erased || v.Signals[0].Facts["Usual"] == Erased || len(v.Signals[0].Instead) > 0 {
		t.Errorf("of a mail to him: %+v", v.Signals[0])
	}
	if fresh().Forget("falcon@corp.test", false, nil) || (&Verdict{}).Forget("", false, nil) {
		t.Error("somebody is found who was never there")
	}
}

// Some sentences call whoever may be meant by their name alone.
func TestP11_WhoWasErasedIsNotNamedEither(t *testing.T) {
	v := &Verdict{Signals: []Signal{{Code: "recipient.unlikely", Recipient: "bob@falcon.test", Say: "text", Instead: []string{"bob@other.test"},
		Facts: map[string]string{"Usual": "Bob Stone", "Recipient": "Bob Marsh"}, Evidence: "This goes to Bob Marsh, but it reads like your mail with Bob Stone."}}}
	v.Forget("bob@other.test", false, nil)
	s := v.Signals[0]
	if s.Facts["Usual"] != Erased || s.Facts["Recipient"] != "Bob Marsh" || s.Evidence != "This goes to Bob Marsh, but it reads like your mail with "+Erased+"." {
		t.Errorf("%+v", s)
	}
}

func TestAnAddressIsForgottenInTheLettersThatPeopleSee(t *testing.T) {
	v := &Verdict{Signals: []Signal{{Code: "recipient.twin", Recipient: "jan@corp.test", Facts: map[string]string{"Usual": "Żaneta <zaneta@ŻÓŁW.test>"}, Instead: []string{"zaneta@xn--w-uga1v8h.test"}}}}
	if !v.Forget("zaneta@żółw.test", false, nil) || v.Signals[0].Facts["Usual"] != Erased || len(v.Signals[0].Instead) != 0 {
		t.Errorf("%+v", v.Signals[0])
	}
}

func FuzzForget(f *testing.F) {
	f.Add("Bob <bob@a.test>, x", "bob@a.test")
	f.Fuzz(func(t *testing.T, text, address string) {
		v := &Verdict{Signals: []Signal{{Evidence: text, Advice: text, Instead: []string{address}, Facts: map[string]string{"Usual": text}}}}
		v.Forget(address, false, nil)
		if v.Forget(address, false, nil) {
			t.Fatalf("%q is twice in %q", address, text)
		}
	})
}
