package guard_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"belay/internal/config"
	"belay/internal/directory"
	"belay/internal/guard"
	"belay/internal/guard/rules"
	"belay/internal/mail"
)

// policies are conditions as companies write them.
var policies = []string{
	`recipients.exists(r, r.external)`,
	`recipients.exists(r, "executives" in r.groups)`,
	`signals.exists(s, s.code in ["recipient.unlikely", "recipient.lookalike", "recipient.twin", "greeting.mismatch"])`,
	`message.subject.lowerAscii().contains("contract") && recipients.exists(r, r.external)`,
	`time.getHours("Europe/Warsaw") >= 21 && recipients.exists(r, r.external)`,
	`recipients.filter(r, r.external).size() >= 10`,
	`attachments.exists(a, a.extension in ["xlsx", "csv", "ods"]) && recipients.exists(r, !r.known)`,
	`author.manager == "" && size > 1000000`,
	`recipients.exists(r, r.organisation == "Falcon Energy") && !("sales" in author.groups)`,
	`message.subject.matches("(?i)salar(y|ies)|payroll") || message.sensitivity == "company-confidential"`,
}

// bench judges a mail of 10 KB to three recipients with n rules.
func bench(b *testing.B, n int) {
	list := make([]rules.Rule, n)
	for i := range list {
		list[i] = rules.Rule{Name: fmt.Sprint("rule ", i), When: policies[i%len(policies)], Delay: time.Minute}
	}
	set, err := rules.Compile(list)
	if err != nil {
		b.Fatal(err)
	}
	d := company(b)
	message := letter + strings.Repeat("ten kilobytes of text\r\n", 450)
	s := mail.Summarize([]byte(message))
	g := guard.New(guard.Options{Rules: set, Domains: []string{"corp.test"}, Directory: func() *directory.Directory { return d },
		Detectors: []guard.Detector{guard.Opaque{}}})
	f := guard.Facts{Time: noon, Listener: "relay", Author: "anna@corp.test", Size: int64(len(message)), Summary: &s, Head: []byte(message), Whole: true, Listed: true,
		Envelope: &mail.Envelope{ReversePath: "anna@corp.test", Recipients: []mail.Recipient{{Address: "fred@falcon.test"}, {Address: "jan@corp.test"}, {Address: "sales@corp.test"}}}}
	b.ReportAllocs()
	for b.Loop() {
		g.Judge(b.Context(), f)
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/float64(max(n, 1)), "µs/rule")
}

// The aim is at most 10 µs for each rule, and 2 ms for 200.
func BenchmarkNoRule(b *testing.B)   { bench(b, 0) }
func BenchmarkOneRule(b *testing.B)  { bench(b, 1) }
func BenchmarkTenRules(b *testing.B) { bench(b, 10) }
func Benchmark200Rules(b *testing.B) { bench(b, 200) }
func BenchmarkDefaultRules(b *testing.B) {
	set, err := rules.FromConfig(config.Default())
	if err != nil {
		b.Fatal(err)
	}
	s := parseScene(b, "anna > fred@falcon.test, jan, olga")
	d, f := company(b), s.facts()
	g := guard.New(guard.Options{Rules: set, Domains: []string{"corp.test"}, Directory: func() *directory.Directory { return d }, Detectors: []guard.Detector{guard.Opaque{}}})
	b.ReportAllocs()
	for b.Loop() {
		g.Judge(b.Context(), f)
	}
}

// FuzzRules reads rules as they may stand in a file, and judges with those that
// are good.
func FuzzRules(f *testing.F) {
	for _, seed := range []string{pause, sure + "\n" + pause, `when: "recipients[9].external", reject: true, observe: true`,
		`when: "true", approve: 2 of finance, show: mail, agreed_by: olga@corp.test, on_silence: release`,
		`when: "true", copy: [a@b.test], delay: 0s..15m, start: 2026-12-01, end: "2026-12-24T00:00:00Z", groups: [x]`,
		`name: "x", when: '"a" in recipient.groups', ask: sender, scope: recipient`, `when: {}`, `when: &a "true", delay: *a`} {
		f.Add(seed)
	}
	d := company(f)
	scenes := []*scene{parseScene(f, "anna > fred@falcon.test, jan | signal recipient.unlikely 0.7 jan"), parseScene(f, "no-reply > anna | failed recipient.twin")}
	f.Fuzz(func(t *testing.T, text string) {
		file := "domains: [corp.test]\ndirectory: people.yaml\nrules:\n"
		for line := range strings.Lines(text) {
			file += "  - {" + strings.TrimSpace(line) + "}\n"
		}
		c, err := config.Parse("belay.yaml", []byte(file))
		if err != nil {
			return
		}
		_ = rules.CheckPeople(c, d)
		set, err := rules.FromConfig(c)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "belay.yaml:") {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		for _, s := range scenes {
			v := s.judge(t, set, d, nil)
			if v.Delay < 0 || v.Delay > 30*24*time.Hour {
				t.Fatalf("%q: a delay of %s", text, v.Delay)
			}
			for _, q := range v.Questions {
				if len(q.Of) == 0 || q.Need < 1 || q.Expires.Before(s.at) {
					t.Fatalf("%q: %+v", text, q)
				}
			}
		}
	})
}
