package lookback

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"belay/internal/guard"
	"belay/internal/source"
)

// facts are those of the n-th mail of a stream.
func facts(t testing.TB, n int, to string) *guard.Facts {
	t.Helper()
	l, err := source.ParseLine(fmt.Appendf(nil, `{"id":"%d@corp.test","date":%q,"from":"anna@corp.test","to":[%q],"subject":"hello","body":"Hello."}`, n,
		time.Date(2026, 3, 2, 9, n, 0, 0, time.UTC).Format(time.RFC3339), to))
	must(t, err)
	f, err := l.Facts()
	must(t, err)
	return f
}

func asks(v guard.Verdict) bool { return len(v.Questions) > 0 }

// A stream in which one mail in twenty looks odd is asked about once in a
// hundred; mail that is tried out changes nothing in that.
func TestP10_AStreamOfMailKeepsToTheShare(t *testing.T) {
	looks := 0
	in := input(compiled(t, doubt1), &looks)
	for _, tried := range []int{0, 1, 20} {
		replay := NewReplay(in.Options)
		asked, first := 0, 0
		for n := range 3000 {
			to := fmt.Sprintf("bob%d@client.test", n%30)
			if n%20 == 0 {
				to = "wrong" + to
			}
			f := facts(t, n, to)
			if asks(replay.Judge(t.Context(), f)) {
				if asked++; n < 500 {
					first++
				}
			}
			for range tried {
				replay.Judge(t.Context(), facts(t, n, "wrong@client.test"))
			}
			if tried > 0 {
				f = facts(t, n, to) // it is learned on a line of its own
			}
			must(t, replay.Learn(t.Context(), f))
		}
		if first != 25 || asked > first+25 {
			t.Errorf("%d more tried out for each: %d of the first 500 mails are asked about, and %d of 3,000", tried, first, asked)
		}
	}
}

func TestP10_MailThatIsOnlyJudgedDoesNotCount(t *testing.T) {
	looks := 0
	replay := NewReplay(input(compiled(t, doubt1), &looks).Options)
	for n := range 1200 {
		if !asks(replay.Judge(t.Context(), facts(t, n, "wrong@client.test"))) {
			t.Fatalf("mistake %d is not asked about", n)
		}
		must(t, replay.Learn(t.Context(), facts(t, n, "bob@client.test"))) // another one, that is not judged
	}
}

// A look back with other rules keeps to a budget for each.
func TestP10_ALookBackKeepsToTheShareForBothRules(t *testing.T) {
	looks := 0
	in := input(compiled(t, doubt1), &looks)
	other := in.Guard
	other.Detectors = nil
	in.Other = &other
	var mails [][3]string
	for n := range 2000 {
		to := "bob@client.test"
		if n%10 == 0 {
			to = fmt.Sprintf("wrong%d@client.test", n)
		}
		mails = append(mails, [3]string{"anna@corp.test", to, "hello"})
	}
	r, err := Run(t.Context(), past(t, mails...), in)
	must(t, err)
	if r.Question < 50 || r.Question > 80 || r.Compared.Question != r.Question {
		t.Errorf("%d are asked about, and %d by the other rules; want 50 of the first 500, and about one in a hundred then", r.Question, r.Compared.Question)
	}
}

// What was counted goes on where another run stopped.
func TestTheBudgetGoesOn(t *testing.T) {
	looks := 0
	o := input(compiled(t, doubt1), &looks).Options
	replay := NewReplay(o)
	for n := range 1000 {
		f := facts(t, n, fmt.Sprintf("%sbob%d@client.test", strings.Repeat("wrong", (n+1)%2), n%30))
		replay.Judge(t.Context(), f)
		must(t, replay.Learn(t.Context(), f))
	}
	o.Asked = replay.Asked()
	if asks(NewReplay(o).Judge(t.Context(), facts(t, 0, "wrong@client.test"))) {
		t.Error("it begins anew")
	}
	o.Asked = []byte("nonsense")
	if !asks(NewReplay(o).Judge(t.Context(), facts(t, 0, "wrong@client.test"))) {
		t.Error("nonsense does not begin anew")
	}
}
