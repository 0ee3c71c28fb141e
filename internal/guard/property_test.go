package guard_test

import (
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"belay/internal/config"
	"belay/internal/guard"
	"belay/internal/guard/rules"
	"belay/internal/mail"
)

var someConditions = []string{"true", "true", "true", "false", "recipients.exists(r, r.external)", "recipients[9].external", `"finance" in author.groups`,
	`signals.exists(s, s.code == "recipient.unlikely")`, `signals.exists(s, s.code == "recipient.twin")`, "recipients.exists(r, r.score > 0.5)",
	"recipients.exists(r, !r.known)", "attachments.size() > 0", "message.encrypted"}

// anyRule is a rule that a configuration could hold.
func anyRule(t *rapid.T, label string) rules.Rule {
	pick := func(what string, n int) int { return rapid.IntRange(0, n-1).Draw(t, label+" "+what) }
	r := rules.Rule{Name: label, When: someConditions[pick("condition", len(someConditions))], PerRecipient: pick("scope", 2) == 1,
		OnSilence: []string{"", "return", "release"}[pick("silence", 3)], Observe: pick("observe", 6) == 0}
	r.Delay = time.Duration(pick("delay", 4)) * time.Minute
	if pick("range", 3) == 0 {
		r.MaxDelay = r.Delay + 10*time.Minute
	}
	if pick("groups", 4) == 0 {
		r.Groups = []string{"finance"}
	}
	if pick("copy", 4) == 0 {
		r.Copy = config.Copies{Assistants: true}
	}
	switch pick("action", 7) {
	case 0, 1:
		r.Ask = true
	case 2:
		r.Approve = config.Approvers{Manager: true}
	case 3:
		r.Approve = config.Approvers{Group: "finance", Need: 1 + pick("need", 2)}
	case 4:
		r.Approve, r.Show = config.Approvers{Addresses: []string{"olga@corp.test", "jan@corp.test"}}, true
	case 5:
		if pick("reject", 4) == 0 {
			r.Reject, r.Delay, r.MaxDelay, r.Copy = "No.", 0, 0, config.Copies{}
		}
	}
	return r
}

func anyScene(t *rapid.T) *scene {
	people := []string{"anna@corp.test", "jan@corp.test", "ewa@corp.test", "sales@corp.test", "olga@corp.test", "fred@falcon.test", "x@x.test"}
	s := &scene{at: noon, body: "hello", right: map[string]bool{}}
	s.author = rapid.SampledFrom([]string{"anna@corp.test", "jan@corp.test", "sales@corp.test", "billing@corp.test", "olga@corp.test"}).Draw(t, "author")
	s.to = rapid.SliceOfNDistinct(rapid.SampledFrom(people), 1, 4, rapid.ID).Draw(t, "to")
	for i, to := range s.to {
		for _, code := range []string{"recipient.unlikely", "recipient.twin"} {
			switch rapid.IntRange(0, 4).Draw(t, fmt.Sprint(code, i)) {
			case 0:
				s.signals = append(s.signals, guard.Signal{Code: code, Recipient: to, Score: rapid.Float64Range(0, 1).Draw(t, "score")})
			case 1:
				s.right[to+" "+code] = true
			}
		}
	}
	if rapid.IntRange(0, 5).Draw(t, "fails") == 0 {
		s.failed = []string{"recipient.twin"}
	}
	return s
}

// lot is what a verdict means for one recipient.
type lot struct {
	refused   bool
	delay     time.Duration
	questions []guard.Question
}

func lotOf(v guard.Verdict, address string) lot {
	has := func(list []string) bool { return len(list) == 0 || slices.Contains(list, address) }
	l := lot{refused: v.Action == guard.Reject}
	for _, h := range v.Rules {
		switch i := slices.Index(h.Recipients, address); {
		case h.Observed || !has(h.Recipients) && v.Scope == guard.ScopeRecipient:
		case len(h.Late) > 0 && i >= 0 && v.Scope == guard.ScopeRecipient:
			l.delay = max(l.delay, h.Late[i])
		default:
			l.delay = max(l.delay, h.Delay)
		}
	}
	for _, q := range v.Questions {
		if has(q.Recipients) {
			l.questions = append(l.questions, q)
		}
	}
	return l
}

// weaker says how a lot lets a mail leave earlier, or with fewer words, than
// another one; "" where it does not.
func (l lot) weaker(before lot) string {
	switch {
	case l.refused:
		return ""
	case before.refused:
		return "it is not refused any more"
	case l.delay < before.delay:
		return fmt.Sprintf("it waits %s, not %s", l.delay, before.delay)
	}
	for _, q := range before.questions {
		if !slices.ContainsFunc(l.questions, func(p guard.Question) bool { return holdsAsMuch(p, q) }) {
			return fmt.Sprintf("nobody answers for %s of %v any more (%s)", q.Kind, q.Of, q.Silence)
		}
	}
	return ""
}

func holdsAsMuch(p, q guard.Question) bool {
	people := slices.Equal(sorted(p.Of), sorted(q.Of)) && p.Need >= q.Need
	if q.Kind == guard.Ask && p.Kind == guard.Approve {
		people = true // the stricter word counts for both
	}
	return people && !q.Kind.Stricter(p.Kind) && (q.Silence != guard.SilenceReturn || p.Silence == guard.SilenceReturn) &&
		(p.Silence == guard.SilenceReturn || !p.Expires.Before(q.Expires))
}

func sorted(list []string) []string {
	list = slices.Clone(list)
	slices.Sort(list)
	return list
}

// repeatedly makes more tries than rapid alone, since what goes wrong needs
// several rules that fit together.
func repeatedly(t *testing.T, prop func(*rapid.T)) {
	for range 6 {
		rapid.Check(t, prop)
	}
}

func TestP6_AnotherRuleNeverLetsAMailLeaveEarlier(t *testing.T) {
	d := company(t)
	repeatedly(t, func(r *rapid.T) {
		s := anyScene(r)
		var list []rules.Rule
		for i := range rapid.IntRange(0, 5).Draw(r, "rules") {
			list = append(list, anyRule(r, fmt.Sprint("rule ", i)))
		}
		another := anyRule(r, "another rule")
		at := rapid.IntRange(0, len(list)).Draw(r, "at")
		before := s.judge(t, compiled(r, list), d, nil)
		after := s.judge(t, compiled(r, slices.Insert(slices.Clone(list), at, another)), d, nil)
		for _, to := range s.to {
			if how := lotOf(after, to).weaker(lotOf(before, to)); how != "" {
				r.Fatalf("%+v lets the mail to %s leave earlier: %s\nbefore %s\nafter  %s", another, to, how, inShort(before), inShort(after))
			}
		}
		for _, c := range before.Copies {
			if after.Action != guard.Reject && !slices.ContainsFunc(after.Copies, func(o guard.Copy) bool { return o.To == c.To && (o.Whole || !c.Whole) }) {
				r.Fatalf("%s is not told any more", c.To)
			}
		}
		if another.Observe {
			after.Rules = before.Rules
			if !reflect.DeepEqual(before, after) {
				r.Fatalf("a rule that only watches changed the verdict:\nbefore %s\nafter  %s", inShort(before), inShort(after))
			}
		}
	})
}

func TestQuestions_AreAlwaysOnesThatSomebodyMayAnswer(t *testing.T) {
	d := company(t)
	rapid.Check(t, func(r *rapid.T) {
		s := anyScene(r)
		var list []rules.Rule
		for i := range rapid.IntRange(1, 5).Draw(r, "rules") {
			list = append(list, anyRule(r, fmt.Sprint("rule ", i)))
		}
		v := s.judge(t, compiled(r, list), d, nil)
		asks := map[string]bool{}
		for _, q := range v.Questions {
			switch {
			case len(q.Of) == 0, q.Need < 1, len(q.Rules) == 0, len(q.Codes) == 0, q.Expires.IsZero(), q.Silence == "":
				r.Fatalf("the question is not whole: %+v", q)
			case q.Kind == guard.Approve && slices.Contains(q.Of, d.Main(s.author)):
				r.Fatalf("the author approves: %+v", q)
			}
			for _, of := range q.Of {
				if mail.Key(of) != of || d.Main(of) != of {
					r.Fatalf("%s is no main address", of)
				}
			}
			key := fmt.Sprint(q.Kind, sorted(q.Of), sorted(q.Recipients))
			if asks[key] {
				r.Fatalf("asked twice: %+v", v.Questions)
			}
			asks[key] = true
		}
		if v.Action == guard.Reject && (len(v.Questions) > 0 || len(v.Copies) > 0) {
			r.Fatalf("people are bothered about mail that is refused: %+v", v)
		}
	})
}

func compiled(t *rapid.T, list []rules.Rule) *rules.Set {
	set, err := rules.Compile(list)
	if err != nil {
		t.Fatal(err)
	}
	return set
}
