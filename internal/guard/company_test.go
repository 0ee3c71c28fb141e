package guard_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"belay/internal/config"
	"belay/internal/directory"
	"belay/internal/guard"
	"belay/internal/guard/rules"
	"belay/internal/mail"
	"belay/internal/worktime"
)

// company is who is who in the tests:
//
//	olga, the boss (board) ← jan (finance) ← anna (executives; assistant ewa, who gets the mail), ewa (finance), piotr (newcomers)
//	piotr, away in June, with deputy ewa ← kasia
//	otto, who is his own manager; tomek, the admin
//	nina and lena, whose manager is a mailbox: desk@, shared by nina and jan
//	sales@ is shared by jan and ewa, all@ is a list with somebody outside, robot@ a program that ewa looks after
func company(t testing.TB) *directory.Directory {
	t.Helper()
	at := func(name string) string { return name + "@corp.test" }
	person := func(name, manager string, groups ...string) *directory.Person {
		p := &directory.Person{Name: strings.ToUpper(name[:1]) + name[1:], Addresses: []string{at(name)}, Groups: groups}
		if manager != "" {
			p.Manager = at(manager)
		}
		return p
	}
	anna, piotr := person("anna", "jan", "Executives"), person("piotr", "jan", "newcomers")
	anna.Addresses = append(anna.Addresses, at("a.nowak"))
	anna.Assistants, anna.AssistantsSee = []string{at("ewa")}, directory.SeeMail
	piotr.Deputy, piotr.Absent = at("ewa"), []directory.Period{{From: "2026-06-01", To: "2026-06-30"}}
	jan := person("jan", "olga", "finance")
	jan.Assistants = []string{at("kasia")}
	d, problems := directory.New(&directory.Facts{
		People: []*directory.Person{person("olga", "", "board"), jan, anna, person("ewa", "jan", "finance"), piotr,
			person("kasia", "piotr"), person("otto", "otto"), person("tomek", "olga"), person("nina", "desk"), person("lena", "desk")},
		Mailboxes: []*directory.Mailbox{
			{Address: at("sales"), Kind: directory.KindShared, Members: []string{at("jan"), at("ewa")}},
			{Address: at("all"), Kind: directory.KindList, Members: []string{at("anna"), "partner@x.test"}},
			{Address: at("desk"), Kind: directory.KindShared, Members: []string{at("nina"), at("jan")}},
			{Address: at("robot"), Kind: directory.KindProgram, Members: []string{at("ewa")}},
		},
		Organisations: []*directory.Organisation{{Name: "Falcon Energy", Kind: "client", Domains: []string{"falcon.test"}}},
		Roles:         directory.Roles{Admin: []string{at("tomek")}},
	}, []string{"corp.test"}, time.UTC)
	for _, p := range problems {
		if !strings.Contains(p, "otto") {
			t.Fatal(p)
		}
	}
	return d
}

// scene is a mail, and what a detector and people said about it, as the tables
// write it: "anna > fred@falcon.test, jan | Subject: Prices | file a.xlsx".
type scene struct {
	author, principal string
	to                []string
	head              []string
	files             []string
	body              string
	at                time.Time
	signals           []guard.Signal
	failed            []string
	right             map[string]bool // recipient and code
	null              bool            // the null reverse-path
}

func address(name string) string {
	if name = strings.TrimSpace(name); name != "" && !strings.Contains(name, "@") {
		name += "@corp.test"
	}
	return name
}

func parseScene(t testing.TB, text string) *scene {
	t.Helper()
	s := &scene{at: noon, body: "hello", right: map[string]bool{}}
	parts := strings.Split(text, " | ")
	author, to, ok := strings.Cut(parts[0], " > ")
	if !ok {
		t.Fatalf("%q is no mail", text)
	}
	s.author = address(author)
	for name := range strings.SplitSeq(to, ", ") {
		s.to = append(s.to, address(name))
	}
	for _, part := range parts[1:] {
		word, rest, _ := strings.Cut(part, " ")
		words := strings.Fields(rest)
		switch word {
		case "file":
			s.files = append(s.files, rest)
		case "body":
			s.body = rest
		case "principal":
			s.principal = address(rest)
		case "null":
			s.null = true
		case "failed":
			s.failed = append(s.failed, rest)
		case "right":
			s.right[address(words[0])+" "+words[1]] = true
		case "at":
			at, err := time.Parse("2006-01-02 15:04", rest)
			if err != nil {
				t.Fatal(err)
			}
			s.at = at
		case "signal": // CODE SCORE [RECIPIENT]
			score, err := strconv.ParseFloat(words[1], 64)
			if err != nil {
				t.Fatal(err)
			}
			signal := guard.Signal{Code: words[0], Score: score}
			if len(words) > 2 {
				signal.Recipient = address(words[2])
			}
			s.signals = append(s.signals, signal)
		default:
			if !strings.HasSuffix(word, ":") {
				t.Fatalf("%q: what is %q?", text, part)
			}
			s.head = append(s.head, part)
		}
	}
	return s
}

// message is the scene's mail.
func (s *scene) message() string {
	var b strings.Builder
	if s.author != "" {
		fmt.Fprintf(&b, "From: %s\r\n", s.author)
	}
	fmt.Fprintf(&b, "To: %s\r\n", strings.Join(s.to, ", "))
	for _, h := range s.head {
		b.WriteString(h + "\r\n")
	}
	if len(s.files) == 0 {
		return b.String() + "\r\n" + s.body + "\r\n"
	}
	b.WriteString("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n" + s.body + "\r\n")
	for _, f := range s.files {
		fmt.Fprintf(&b, "--b\r\nContent-Type: application/octet-stream\r\nContent-Disposition: attachment; filename=\"%s\"\r\n\r\ncontent of a file\r\n", f)
	}
	return b.String() + "--b--\r\n"
}

// Name, Codes and Detect make a scene a detector of what it says.
func (s *scene) Name() string { return "scene" }

func (s *scene) Codes() []string { return s.failed }

func (s *scene) Detect(context.Context, *guard.Look) ([]guard.Signal, error) {
	if len(s.failed) > 0 {
		return nil, errors.New("it is broken")
	}
	return s.signals, nil
}

// judge lets a guard with these rules judge the scene.
func (s *scene) judge(t testing.TB, set *rules.Set, d *directory.Directory, change func(*guard.Options)) guard.Verdict {
	t.Helper()
	calendar, err := worktime.New("UTC", "", nil, "")
	if err != nil {
		t.Fatal(err)
	}
	o := guard.Options{Rules: set, Domains: []string{"corp.test"}, MaxHold: 30 * 24 * time.Hour, Calendar: calendar,
		Directory: func() *directory.Directory { return d }, Admins: []string{"postmaster@corp.test"},
		Programs: map[string]guard.Program{"billing@corp.test": {Hold: true, Owner: "kasia@corp.test"}, "alarm@corp.test": {}},
		Unlisted: guard.Unlisted{Recognise: true, Program: guard.Program{Hold: true}},
		Right: func(_ context.Context, _ string, recipients, codes []string) (map[string]bool, error) {
			said := map[string]bool{}
			for _, r := range recipients {
				said[r] = !slices.ContainsFunc(codes, func(c string) bool { return !s.right[r+" "+c] })
			}
			return said, nil
		},
		Detectors: []guard.Detector{guard.Opaque{}, s},
		Settings:  map[string]guard.Setting{},
	}
	for _, signal := range s.signals { // whatever its score, it fires
		o.Settings[signal.Code] = guard.Setting{Threshold: 1e-9}
	}
	if change != nil {
		change(&o)
	}
	return guard.New(o).Judge(t.Context(), s.facts())
}

func (s *scene) facts() guard.Facts {
	message := s.message()
	summary := mail.Summarize([]byte(message))
	f := guard.Facts{Time: s.at, Listener: "submission", Principal: s.principal, Author: mail.Key(s.author), Size: int64(len(message)),
		Envelope: &mail.Envelope{ReversePath: s.author}, Summary: &summary, Head: []byte(message), Whole: true}
	if s.null {
		f.Envelope.ReversePath = ""
	}
	for _, a := range s.to {
		f.Envelope.Recipients = append(f.Envelope.Recipients, mail.Recipient{Address: a})
	}
	return f
}

// ruleSet reads rules as they stand in a file, one a line.
func ruleSet(t testing.TB, text string) *rules.Set {
	t.Helper()
	file := "domains: [corp.test]\ndirectory: people.yaml\ncalendar: {timezone: UTC}\nrules:\n"
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			file += "  - {" + line + "}\n"
		}
	}
	c, err := config.Parse("belay.yaml", []byte(file))
	if err != nil {
		t.Fatal(err)
	}
	set, err := rules.FromConfig(c)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// inShort writes a verdict on one line: "ask anna about fred@falcon.test; delay 5m".
func inShort(v guard.Verdict) string {
	var parts []string
	about := func(recipients []string) string {
		if len(recipients) == 0 {
			return ""
		}
		return " about " + names(recipients)
	}
	for _, h := range v.Rules {
		if h.Action == guard.Reject && !h.Observed {
			parts = append(parts, "reject"+about(h.Recipients)+": "+h.Reason)
		}
	}
	for _, q := range v.Questions {
		text := string(q.Kind) + " "
		if q.Need > 1 {
			text += fmt.Sprintf("%d of ", q.Need)
		}
		text += names(q.Of) + about(q.Recipients)
		if q.Silence == guard.SilenceRelease {
			text += " or it leaves"
		}
		parts = append(parts, text)
	}
	switch {
	case v.Delay > 0 && v.Scope == guard.ScopeMessage:
		parts = append(parts, "delay "+config.FormatDuration(v.Delay))
	case v.Delay > 0:
		for _, h := range v.Rules {
			switch {
			case h.Observed || h.Delay == 0:
			case len(h.Late) > 0:
				for i, r := range h.Recipients {
					parts = append(parts, "delay "+config.FormatDuration(h.Late[i])+about([]string{r}))
				}
			default:
				parts = append(parts, "delay "+config.FormatDuration(h.Delay)+about(h.Recipients))
			}
		}
	}
	for _, c := range v.Copies {
		text := "tell " + names([]string{c.To}) + about(c.Recipients)
		if c.Whole {
			text += " with the mail"
		}
		parts = append(parts, text)
	}
	for _, h := range v.Rules {
		if h.Observed {
			parts = append(parts, "watch "+string(h.Action))
		}
	}
	if len(parts) == 0 {
		return string(v.Action)
	}
	return strings.Join(parts, "; ")
}

func names(addresses []string) string {
	short := make([]string, len(addresses))
	for i, a := range addresses {
		short[i] = strings.TrimSuffix(a, "@corp.test")
	}
	return strings.Join(short, " ")
}
