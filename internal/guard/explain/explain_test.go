package explain_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"belay/internal/guard"
	"belay/internal/guard/explain"
	"belay/internal/locale"
)

var update = flag.Bool("update", false, "write the golden files anew; read them before committing")

var now = time.Date(2026, 3, 6, 12, 0, 0, 0, time.UTC) // a Friday

func name(address string) string {
	return map[string]string{"anna@corp.test": "Anna Nowak", "jan@corp.test": "Jan Kowalski", "ewa@corp.test": "Ewa Lis"}[address]
}

// scenes are verdicts of every kind, in the order of the golden files.
func scenes() (names []string, verdicts map[string]guard.Verdict) {
	verdicts = map[string]guard.Verdict{}
	add := func(name string, v guard.Verdict) {
		names, verdicts[name] = append(names, name), v
	}
	pause := guard.Hit{Name: "a pause for the outside world", Action: guard.Delay, Delay: 5 * time.Minute}
	monday := time.Date(2026, 3, 9, 16, 0, 0, 0, time.UTC)
	ask := guard.Question{Kind: guard.Ask, Of: []string{"anna@corp.test"}, Need: 1, Rules: []string{"is that the right person?"}, Silence: guard.SilenceReturn, Expires: monday}
	approve := guard.Question{Kind: guard.Approve, Of: []string{"jan@corp.test"}, Need: 1, Rules: []string{"salaries", "large files"}, Silence: guard.SilenceRelease, Expires: now.Add(time.Hour)}

	add("no rule", guard.Verdict{Action: guard.Pass})
	for _, hit := range []string{guard.HitReport, guard.HitCalendar, guard.HitProgram, guard.HitBypass} {
		add("passes: "+hit, guard.Verdict{Action: guard.Pass, Rules: []guard.Hit{{Name: hit}}})
	}
	add("a copy and nothing else", guard.Verdict{Action: guard.Pass, Rules: []guard.Hit{{Name: "assistants", Copy: []string{"ewa@corp.test"}}},
		Copies: []guard.Copy{{To: "ewa@corp.test"}}})
	add("a delay", guard.Verdict{Action: guard.Delay, Delay: 5 * time.Minute, Rules: []guard.Hit{pause}})
	add("two delays and a copy", guard.Verdict{Action: guard.Delay, Delay: time.Hour, Copies: []guard.Copy{{To: "ewa@corp.test"}, {To: "x@corp.test"}},
		Rules: []guard.Hit{pause, {Name: guard.HitHold, Action: guard.Delay, Delay: time.Hour}}})
	add("delays of some", guard.Verdict{Action: guard.Delay, Delay: 10 * time.Minute, Scope: guard.ScopeRecipient, Rules: []guard.Hit{
		{Name: "doubtful", Action: guard.Delay, Delay: 10 * time.Minute, Recipients: []string{"a@x.test", "b@x.test", "c@x.test"},
			Late: []time.Duration{time.Minute, 10 * time.Minute, time.Minute}}}})
	add("one delay for all, longer for one", guard.Verdict{Action: guard.Delay, Delay: 10 * time.Minute, Scope: guard.ScopeRecipient, Rules: []guard.Hit{
		pause, {Name: "private", Action: guard.Delay, Delay: 10 * time.Minute, Recipients: []string{"a@x.test"}}}})
	add("the sender is asked", guard.Verdict{Action: guard.Ask, Rules: []guard.Hit{{Name: ask.Rules[0]}}, Questions: []guard.Question{ask}})
	some := ask
	some.Recipients = []string{"fred@falcon.test"}
	add("the sender is asked about one", guard.Verdict{Action: guard.Ask, Delay: 5 * time.Minute, Rules: []guard.Hit{pause}, Questions: []guard.Question{some}})
	members := ask
	members.Of = []string{"anna@corp.test", "jan@corp.test"}
	add("the members are asked", guard.Verdict{Action: guard.Ask, Questions: []guard.Question{members}})
	add("an approval", guard.Verdict{Action: guard.Approve, Questions: []guard.Question{approve}})
	any := approve
	any.Of = []string{"jan@corp.test", "ewa@corp.test", "c@corp.test", "d@corp.test", "e@corp.test", "f@corp.test"}
	add("an approval by one of many", guard.Verdict{Action: guard.Approve, Questions: []guard.Question{any}})
	two := any
	two.Need, two.Of = 2, any.Of[:3]
	add("an approval by two", guard.Verdict{Action: guard.Approve, Questions: []guard.Question{two}})
	three := any
	three.Need = 3
	add("an approval by three of many", guard.Verdict{Action: guard.Approve, Questions: []guard.Question{three}})
	add("an approval, an ask and a delay", guard.Verdict{Action: guard.Approve, Delay: 2 * time.Hour, Scope: guard.ScopeRecipient,
		Rules: []guard.Hit{{Name: "late", Action: guard.Delay, Delay: 2 * time.Hour}}, Questions: []guard.Question{approve, some}})
	add("refused", guard.Verdict{Action: guard.Reject, Rules: []guard.Hit{pause, {Name: "portal", Action: guard.Reject, Reason: "Please use the portal."}}})
	add("refused for one", guard.Verdict{Action: guard.Reject, Rules: []guard.Hit{{Name: "never there", Action: guard.Reject, Recipients: []string{"a@x.test"}}}})
	add("a rule that watches", guard.Verdict{Action: guard.Delay, Delay: 5 * time.Minute, Rules: []guard.Hit{pause,
		{Name: "December", Action: guard.Reject, Observed: true}, {Name: "salaries", Action: guard.Approve, Observed: true}}})
	add("could not be judged", guard.Verdict{Action: guard.Delay, Delay: time.Minute, Rules: []guard.Hit{{Name: guard.HitUnhandled, Action: guard.Delay, Delay: time.Minute}}})
	add("restored", guard.Verdict{Action: guard.Delay, Delay: 48 * time.Hour, Rules: []guard.Hit{{Name: guard.HitRestored, Action: guard.Delay, Delay: 48 * time.Hour}}})
	add("unusually much", guard.Verdict{Action: guard.Delay, Delay: 12 * time.Hour, Rules: []guard.Hit{{Name: guard.HitBurst, Action: guard.Delay, Delay: 12 * time.Hour}}})
	return names, verdicts
}

func TestP9_EveryVerdictIsASentenceInSixLanguages(t *testing.T) {
	catalogue, err := explain.Load()
	if err != nil {
		t.Fatal(err)
	}
	if err := catalogue.Complete(); err != nil {
		t.Fatal(err)
	}
	names, verdicts := scenes()
	for _, code := range locale.Codes {
		var b strings.Builder
		for _, scene := range names {
			text := explain.Sentence(catalogue.For(code), verdicts[scene], name, now)
			if text == "" || strings.Contains(text, "explain.") || strings.Contains(text, "<no value>") {
				t.Errorf("%s: %s: %q", code, scene, text)
			}
			fmt.Fprintf(&b, "%s:\n  %s\n", scene, text)
		}
		file := "testdata/" + code + ".txt"
		if *update {
			if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil || string(want) != b.String() {
			t.Errorf("%s differs; look at it with -update and git diff (%v)", file, err)
		}
	}
}

func TestSentence_WithoutNamesShowsAddresses(t *testing.T) {
	catalogue, err := explain.Load()
	if err != nil {
		t.Fatal(err)
	}
	v := guard.Verdict{Action: guard.Ask, Questions: []guard.Question{{Kind: guard.Ask, Of: []string{"anna@corp.test"}, Rules: []string{"x"}, Expires: now}}}
	if got := explain.Sentence(catalogue.For("en"), v, nil, now); !strings.HasPrefix(got, "It waits until anna@corp.test says") {
		t.Error(got)
	}
}
