package demo

import (
	"bytes"
	"context"
	"errors"
	"io"
	netmail "net/mail"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-message"
	_ "github.com/emersion/go-message/charset"

	"belay/internal/config"
	"belay/internal/directory"
	"belay/internal/guard"
	"belay/internal/guard/rules"
	"belay/internal/locale"
)

var now = time.Date(2025, 11, 14, 20, 0, 0, 0, time.UTC) // a Friday evening

func TestSomeFortyMailsInSixLanguages(t *testing.T) {
	perLanguage, perFate, names := map[string]int{}, map[Fate]int{}, map[string]bool{}
	for _, m := range Mails(now) {
		perLanguage[m.Language]++
		perFate[m.Fate]++
		if names[m.Name] {
			t.Errorf("two mails are called %s", m.Name)
		}
		names[m.Name] = true
		if nameOf(m.From) == "" || !strings.HasSuffix(m.From, "@"+Domain) {
			t.Errorf("%s: %s is nobody of the company", m.Name, m.From)
		}
		if m.Fate == Held && (m.Wait <= 0 || !slices.ContainsFunc(m.Recipients(), company().External) && !m.Tell) {
			t.Errorf("%s: a held mail goes outside, or to somebody whose assistant knows first, and waits", m.Name)
		}
		if m.Answers != "" && !names[m.Answers] {
			t.Errorf("%s answers %s, which is not older", m.Name, m.Answers)
		}
	}
	for _, code := range locale.Codes {
		if perLanguage[code] < 6 {
			t.Errorf("%d mails in %s, want 6 or more", perLanguage[code], code)
		}
	}
	if perFate[Held] < 12 || perFate[Sent] < 8 || perFate[Stopped] < 4 {
		t.Errorf("fates are badly mixed: %v", perFate)
	}
	if n := len(Directory().People()); n != 12 {
		t.Errorf("%d people, want a dozen", n)
	}
}

func TestEveryAddressIsUnderTest(t *testing.T) {
	for _, m := range Mails(now) {
		for _, address := range append(m.Recipients(), m.From) {
			if !strings.HasSuffix(address, ".test") {
				t.Errorf("%s: %s could be a real address", m.Name, address)
			}
		}
	}
}

func TestEveryMailReadsBackAsWritten(t *testing.T) {
	for _, m := range Mails(now) {
		raw := m.Raw(now)
		if bytes.Contains(bytes.ReplaceAll(raw, []byte("\r\n"), nil), []byte("\n")) || bytes.Contains(bytes.ReplaceAll(raw, []byte("\r\n"), nil), []byte("\r")) {
			t.Errorf("%s: a bare CR or LF", m.Name)
		}
		for _, line := range bytes.Split(raw, []byte("\r\n")) {
			if len(line) > 78 && !bytes.HasPrefix(line, []byte("Content-")) {
				t.Errorf("%s: line of %d octets: %s", m.Name, len(line), line)
			}
			for _, c := range line {
				if c > 126 {
					t.Fatalf("%s: an octet over 126 in %q", m.Name, line)
				}
			}
		}
		readBack(t, m, raw)
	}
}

func readBack(t *testing.T, m Mail, raw []byte) {
	t.Helper()
	entity, err := message.Read(bytes.NewReader(raw))
	if err != nil {
		t.Fatalf("%s: %v", m.Name, err)
	}
	if got, err := entity.Header.Text("Subject"); err != nil || got != m.Subject {
		t.Errorf("%s: subject reads back as %q (%v)", m.Name, got, err)
	}
	if entity.Header.Has("Bcc") {
		t.Errorf("%s: Bcc stands in the header", m.Name)
	}
	if list, err := netmail.ParseAddressList(entity.Header.Get("To")); err != nil || len(list) != len(m.To) {
		t.Errorf("%s: To reads back as %v (%v)", m.Name, list, err)
	}
	var text string
	files := 0
	err = entity.Walk(func(_ []int, part *message.Entity, err error) error {
		if err != nil {
			return err
		}
		kind, _, _ := part.Header.ContentType()
		if disposition, p, _ := part.Header.ContentDisposition(); disposition == "attachment" {
			data, err := io.ReadAll(part.Body)
			// Parts of text/* are converted to UTF-8 without their mark of order.
			if want := m.Attachments[files]; err != nil || p["filename"] != want.Name || len(data) < len(want.Data)-3 {
				t.Errorf("%s: attachment %s reads back as %s, %d octets (%v)", m.Name, want.Name, p["filename"], len(data), err)
			}
			files++
		} else if kind == "text/plain" {
			body, _ := io.ReadAll(part.Body)
			text = strings.ReplaceAll(string(body), "\r\n", "\n")
		}
		return nil
	})
	if err != nil || files != len(m.Attachments) {
		t.Errorf("%s: %d attachments, want %d (%v)", m.Name, files, len(m.Attachments), err)
	}
	if text != m.Text && text+"\n" != m.Text {
		t.Errorf("%s: text reads back as %q", m.Name, text)
	}
}

func TestSeedHandsOverOldestFirstAndStopsAtAnError(t *testing.T) {
	var last time.Time
	var bcc, held int
	err := Seed(t.Context(), now, func(_ context.Context, s Submission) error {
		if s.Received.Before(last) {
			t.Errorf("%s came out of order", s.Mail.Name)
		}
		last = s.Received
		if s.Bcc != "" {
			bcc++
		}
		if s.Due.After(now) {
			held++
		}
		if len(s.Envelope.Recipients) != len(s.Mail.Recipients()) || s.Envelope.ReversePath != s.Mail.From {
			t.Errorf("%s: envelope %+v", s.Mail.Name, s.Envelope)
		}
		return nil
	})
	if err != nil || bcc < 2 || held < 12 {
		t.Errorf("err %v, %d with Bcc, %d held", err, bcc, held)
	}
	full := errors.New("disk full")
	if err := Seed(t.Context(), now, func(context.Context, Submission) error { return full }); !errors.Is(err, full) {
		t.Errorf("the error of submit got lost: %v", err)
	}
}

// TestThePeopleAreWhatTheDemoPromises: everything that a rule can go by is
// there to be tried.
func TestThePeopleAreWhatTheDemoPromises(t *testing.T) {
	facts, warnings, err := directory.ParseYAML("people.yaml", PeopleFile(), true)
	if err != nil || len(warnings) > 0 {
		t.Fatalf("%v %v", err, warnings)
	}
	d, warnings := directory.New(facts, []string{Domain}, nil)
	if len(warnings) > 0 {
		t.Error(warnings)
	}
	if anna, whole := d.Assistants("a.nowak@corp.test"); len(anna) != 1 || !whole {
		t.Errorf("Anna's assistants are %v, %v", anna, whole)
	}
	if kari, whole := d.Assistants("tom.whitaker@corp.test"); len(kari) != 1 || whole {
		t.Errorf("Tom's assistants are %v, %v", kari, whole)
	}
	if len(d.Group("executives")) != 3 || d.Deputy("anna.nowak@corp.test") == "" || d.Manager("marta.wojcik@corp.test") == "" {
		t.Error("there are no executives, deputies or managers")
	}
	if !d.External("crane-team@corp.test") || d.External("sales@corp.test") || d.Kind("billing@corp.test") != directory.KindProgram {
		t.Error("the list has nobody outside, or a mailbox is not what it should be")
	}
	if len(d.Organisations()) != 3 || len(d.Role("admin")) == 0 {
		t.Error("an organisation or the administrator is missing")
	}
}

// TestAnswersAreOfThoseWhoWereAsked: what the demo shows could have happened.
func TestAnswersAreOfThoseWhoWereAsked(t *testing.T) {
	kinds := map[guard.Action]int{}
	for _, m := range Mails(now) {
		if m.Asks == nil {
			continue
		}
		kinds[m.Asks.Kind]++
		for _, who := range m.Asks.Of {
			if company().Person(who) == nil || m.Asks.Kind == guard.Approve && who == m.From {
				t.Errorf("%s asks %s", m.Name, who)
			}
		}
		for _, said := range m.Asks.Said {
			if !slices.Contains(m.Asks.Of, said.By) {
				t.Errorf("%s: %s answers without having been asked", m.Name, said.By)
			}
		}
		if m.Fate == Held && len(m.Asks.Said) >= max(1, m.Asks.Need) || m.Fate == Stopped && len(m.Asks.Said) == 0 {
			t.Errorf("%s is %s with %d answers", m.Name, m.Fate, len(m.Asks.Said))
		}
	}
	if kinds[guard.Ask] < 2 || kinds[guard.Approve] < 3 {
		t.Errorf("the demo asks %v", kinds)
	}
}

// TestTheRulesOfTheDemo: each can be tried with a mail whose subject says it.
func TestTheRulesOfTheDemo(t *testing.T) {
	c := config.Default()
	c.Domains, c.Rules, c.Programs = []string{Domain}, Rules(c.Rules, time.Minute), Programs()
	set, err := rules.FromConfig(c)
	if err != nil {
		t.Fatal(err)
	}
	for subject, want := range map[string]string{"The offer": c.Rules[0].Name, "Next year's salaries": RulePay, "Yeni sözleşme": RuleManager,
		"Contract for signature": RuleManager, "Kvartalsrapport": RuleFigures, "Raport kwartalny": RuleFigures} {
		facts := &rules.Facts{Recipients: []rules.Mailbox{{Address: "x@falcon.test", External: true}}, Message: rules.Message{Subject: subject}}
		var names []string
		for _, hit := range set.Matches(facts) {
			names = append(names, hit.Rule.Name)
		}
		if !slices.Contains(names, want) || want == c.Rules[0].Name && len(names) > 1 {
			t.Errorf("%q matches %v, want %q", subject, names, want)
		}
	}
}
