package guard_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"belay/internal/guard"
	"belay/internal/guard/rules"
	"belay/internal/mail"
	"belay/internal/worktime"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// judge lets a guard of corp.test judge a mail of Anna's.
func judge(t testing.TB, list []rules.Rule, message string, change func(*guard.Options, *guard.Facts), to ...string) guard.Verdict {
	t.Helper()
	set, err := rules.Compile(list)
	if err != nil {
		t.Fatal(err)
	}
	s := mail.Summarize([]byte(message))
	o := guard.Options{Rules: set, Domains: []string{"Corp.test"}, MaxHold: 24 * time.Hour}
	f := guard.Facts{Time: noon, Listener: "submission", Author: mail.Key(s.Author().Address), Size: int64(len(message)),
		Envelope: &mail.Envelope{ReversePath: "anna@corp.test"}, Summary: &s, Head: []byte(message), Whole: true}
	for _, a := range to {
		f.Envelope.Recipients = append(f.Envelope.Recipients, mail.Recipient{Address: a})
	}
	if change != nil {
		change(&o, &f)
	}
	return guard.New(o).Judge(t.Context(), f)
}

const letter = "From: Anna <anna@corp.test>\r\nTo: Jan <jan@corp.test>, Fred <fred@falcon.test>\r\nSubject: Contract\r\n\r\nhi\r\n"

var outside = rules.Rule{Name: "outside", When: "recipients.exists(r, r.external)", Delay: 5 * time.Minute}

func TestJudge_MailToTheOutsideWaits(t *testing.T) {
	v := judge(t, []rules.Rule{outside}, letter, nil, "jan@corp.test", "fred@falcon.test")
	if v.Action != guard.Delay || v.Delay != 5*time.Minute || v.Scope != guard.ScopeMessage || len(v.Rules) != 1 || v.Rules[0].Name != "outside" {
		t.Errorf("verdict %+v", v)
	}
	v = judge(t, []rules.Rule{outside}, letter, nil, "jan@corp.test", "EWA@Corp.Test", "postmaster")
	if v.Action != guard.Pass || v.Delay != 0 || len(v.Rules) != 0 {
		t.Errorf("verdict on internal mail %+v", v)
	}
	if text, _ := json.Marshal(v); !strings.Contains(string(text), `"rules":[]`) {
		t.Errorf("as JSON %s", text)
	}
}

func TestJudge_TheLongestDelayWinsAndEveryMatchIsListed(t *testing.T) {
	v := judge(t, []rules.Rule{outside,
		{Name: "contract", When: `message.subject.contains("Contract")`, Delay: 15 * time.Minute},
		{Name: "never", When: `false`, Delay: time.Hour},
		{Name: "reply", When: `!message.reply`, Delay: time.Minute},
	}, letter, nil, "fred@falcon.test")
	if v.Delay != 15*time.Minute || len(v.Rules) != 3 || v.Rules[0].Name != "outside" || v.Rules[1].Name != "contract" || v.Rules[2].Name != "reply" {
		t.Errorf("verdict %+v", v)
	}
}

func TestJudge_PerRecipientHoldsOnlyTheDoubtful(t *testing.T) {
	one := outside
	one.PerRecipient = true
	v := judge(t, []rules.Rule{one}, letter, nil, "jan@corp.test", "Fred@falcon.test", "x@other.test")
	if v.Scope != guard.ScopeRecipient || v.Action != guard.Delay || len(v.Rules) != 1 ||
		strings.Join(v.Rules[0].Recipients, " ") != "Fred@falcon.test x@other.test" {
		t.Errorf("verdict %+v", v)
	}
	v = judge(t, []rules.Rule{one, {Name: "all", When: "true", Delay: time.Minute}}, letter, nil, "jan@corp.test", "fred@falcon.test")
	if v.Scope != guard.ScopeRecipient || len(v.Rules) != 2 || v.Rules[1].Recipients != nil {
		t.Errorf("with a rule for all: %+v", v)
	}
	if v = judge(t, []rules.Rule{one}, letter, nil, "jan@corp.test"); v.Action != guard.Pass {
		t.Errorf("with nobody outside: %+v", v)
	}
}

func TestJudge_NamesOfRecipientsComeFromTheHeader(t *testing.T) {
	v := judge(t, []rules.Rule{{Name: "fred", When: `recipients.exists(r, r.name == "Fred") && author.name == "Anna"`, Delay: 1}},
		letter, nil, "FRED@falcon.test")
	if v.Action != guard.Delay {
		t.Errorf("verdict %+v", v)
	}
}

func TestJudge_HoldForIsADelayLikeAnyOther(t *testing.T) {
	hold := func(d time.Duration) func(*guard.Options, *guard.Facts) {
		return func(_ *guard.Options, f *guard.Facts) { f.Envelope.HoldUntil = noon.Add(d) }
	}
	v := judge(t, []rules.Rule{outside}, letter, hold(time.Hour), "fred@falcon.test")
	if v.Delay != time.Hour || len(v.Rules) != 2 || v.Rules[1].Name != guard.HitHold || v.Rules[1].Reason == "" {
		t.Errorf("verdict %+v", v)
	}
	v = judge(t, nil, letter, hold(time.Hour), "jan@corp.test")
	if v.Action != guard.Delay || v.Delay != time.Hour {
		t.Errorf("without rules: %+v", v)
	}
	if v = judge(t, nil, letter, hold(-time.Hour), "jan@corp.test"); v.Action != guard.Pass || len(v.Rules) != 0 {
		t.Errorf("a time that is past: %+v", v)
	}
	if v = judge(t, nil, letter, hold(100*time.Hour), "jan@corp.test"); v.Delay != 24*time.Hour {
		t.Errorf("longer than limits.hold: %+v", v)
	}
}

const report = "From: MAILER-DAEMON@corp.test\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n" +
	"--b\n\nno\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; x\n--b--\n"

const answer = "From: anna@corp.test\nContent-Type: text/calendar; method=REPLY\n\nBEGIN:VCALENDAR\nMETHOD:REPLY\nEND:VCALENDAR\n"

func TestP5_ReportsAnswersAndProgramsPassWithoutDelay(t *testing.T) {
	null := func(_ *guard.Options, f *guard.Facts) { f.Envelope.ReversePath = "" }
	for _, c := range []struct {
		name, message string
		change        func(*guard.Options, *guard.Facts)
		hit           string
	}{
		{"a delivery report", report, null, guard.HitReport},
		{"one that is no answer to a null reverse-path", report, nil, ""},
		{"an answer to an invitation", answer, nil, guard.HitCalendar},
		{"a request to meet", strings.ReplaceAll(answer, "REPLY", "REQUEST"), nil, ""},
		{"an answer of which only the beginning is known", answer, func(_ *guard.Options, f *guard.Facts) { f.Whole = false }, ""},
		{"a program", letter, func(o *guard.Options, _ *guard.Facts) { o.Programs = map[string]guard.Program{"Anna@corp.test": {}} }, guard.HitProgram},
		{"a program that may be held", letter, func(o *guard.Options, _ *guard.Facts) {
			o.Programs = map[string]guard.Program{"anna@corp.test": {Hold: true}}
		}, ""},
		{"mail that calls itself automatic", "Auto-Submitted: auto-replied\nPrecedence: bulk\n" + letter, nil, ""},
		{"automatic mail from the null reverse-path", "Auto-Submitted: auto-replied\n" + letter, null, ""},
	} {
		v := judge(t, []rules.Rule{outside}, c.message, c.change, "fred@falcon.test")
		want := guard.Delay
		if c.hit != "" {
			want = guard.Pass
		}
		if v.Action != want || len(v.Rules) != 1 || c.hit != "" && (v.Rules[0].Name != c.hit || v.Rules[0].Reason == "") {
			t.Errorf("%s: %+v", c.name, v)
		}
	}
}

func TestP6_ARuleThatFailsMakesTheMailWaitAndTheOthersCount(t *testing.T) {
	v := judge(t, []rules.Rule{{Name: "broken", When: "recipients[7].external", Delay: time.Hour}, outside}, letter, nil, "fred@falcon.test")
	if v.Action != guard.Delay || v.Delay != time.Hour || len(v.Rules) != 2 {
		t.Fatalf("verdict %+v", v)
	}
	if r := v.Rules[0].Reason; !strings.Contains(r, "broken") || !strings.Contains(r, "index out of bounds") {
		t.Errorf("the reason is %q", r)
	}
	if v.Rules[1].Reason != "" {
		t.Errorf("the good rule has the reason %q", v.Rules[1].Reason)
	}
}

func TestP6_WhereJudgingItselfFailsTheMailWaits(t *testing.T) {
	v := judge(t, []rules.Rule{outside}, letter, func(_ *guard.Options, f *guard.Facts) { f.Summary = nil }, "fred@falcon.test")
	if v.Action != guard.Delay || v.Delay <= 0 || len(v.Rules) != 1 || v.Rules[0].Reason == "" {
		t.Errorf("verdict %+v", v)
	}
}

func TestJudge_DelaysStayWithinTheLimit(t *testing.T) {
	v := judge(t, []rules.Rule{{Name: "long", When: "true", Delay: 100 * time.Hour}}, letter, nil, "fred@falcon.test")
	if v.Delay != 24*time.Hour {
		t.Errorf("delay %s", v.Delay)
	}
}

// Silence counts in working time, and nothing waits longer than anything may.
func TestP6_WhenAQuestionRunsOut(t *testing.T) {
	at := func(day int) time.Time { return time.Date(2026, 3, day, 12, 0, 0, 0, time.UTC) }
	for _, c := range []struct {
		about     string
		asked     time.Time
		expire    worktime.Span
		maxHold   time.Duration
		wantUntil time.Time
	}{
		{"two working days where nothing is set", at(2), worktime.Span{}, 0, at(4)},
		{"over the weekend", at(6), worktime.Span{}, 0, at(10)},
		{"as configured", at(6), worktime.Span{Time: time.Hour}, 0, at(6).Add(time.Hour)},
		{"never after max_hold", at(6), worktime.Span{}, 24 * time.Hour, at(7)},
		{"max_hold far away", at(6), worktime.Span{}, 30 * 24 * time.Hour, at(10)},
	} {
		v := judge(t, []rules.Rule{{Name: "sure", When: "true", Ask: true}}, letter, func(o *guard.Options, f *guard.Facts) {
			calendar, err := worktime.New("UTC", "", nil, "")
			if err != nil {
				t.Fatal(err)
			}
			o.Calendar, o.MaxHold, o.Question.Expire, f.Time = calendar, c.maxHold, c.expire, c.asked
		}, "fred@falcon.test")
		if len(v.Questions) != 1 || !v.Questions[0].Expires.Equal(c.wantUntil) {
			t.Errorf("%s: %+v, want one question until %s", c.about, v.Questions, c.wantUntil)
		}
	}
}
