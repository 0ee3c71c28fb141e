package source

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"belay/internal/guard"
	"belay/internal/mail"
	"belay/internal/reading"
)

func TestALineIsAMail(t *testing.T) {
	l, err := ParseLine([]byte(`{"id":"<7@corp.test>","date":"2026-03-10T09:12:00","from":"Anna Nowak <anna@corp.test>","to":["Bob <bob@client.test>","BOB@client.test","nobody"],
		"cc":null,"bcc":["eve@x.test"],"subject":"The offer","body":"Dear Bob,\n\nhere it is.\n\n> and before?","in_reply_to":"<6@corp.test>","references":["<5@corp.test>"],
		"attachments":[{"name":"offer.pdf","text":"Falcon"},{"name":"logo.png"}],"judge":true,"learn":false,"something":"else"}`))
	must(t, err)
	f, err := l.Facts()
	must(t, err)
	says, err := f.Read(t.Context())
	must(t, err)
	s := f.Summary
	for what, ok := range map[string]bool{
		"judge": l.Judge && !l.Learn, "id": s.MessageID == "7@corp.test", "author": f.Author == "anna@corp.test" && s.Author().Name == "Anna Nowak",
		"recipients, each once":    len(f.Envelope.Recipients) == 2 && f.Envelope.Recipients[0].Address == "bob@client.test",
		"thread":                   s.InReplyTo[0] == "6@corp.test" && s.References[0] == "5@corp.test",
		"a time without a zone":    f.Time.Equal(time.Date(2026, 3, 10, 9, 12, 0, 0, time.UTC)),
		"the files, all of them":   f.Listed && says.Listed && len(says.Files) == 2 && says.Files[0].Doc.Text == "Falcon" && says.Files[1].Doc == nil,
		"own words and quotes":     strings.Contains(says.Texts[0].Own, "here it is") && strings.Contains(says.Texts[0].Quoted, "and before"),
		"there are no octets":      f.NoBytes,
		"a name belongs to whom":   s.To[0].Name == "Bob",
		"what is hidden is hidden": s.Bcc[0].Address == "eve@x.test",
	} {
		if !ok {
			t.Errorf("not so: %s (%+v)", what, f)
		}
	}
	unknown, err := ParseLine([]byte(`{"from":"a@b.test","to":["c@d.test"]}`))
	must(t, err)
	if f, err := unknown.Facts(); err != nil || f.Listed {
		t.Errorf("files of which nobody knows are said to be known (%v)", err)
	}
}

func TestWhatIsWrongWithALineIsSaid(t *testing.T) {
	for text, want := range map[string]string{
		`{`: "it is no JSON object", `[]`: "it is no JSON object", `{"from":"a@b.test","to":"c@d.test"}`: `"to" is a string`, `{"subject":"x"}`: `it has no "from"`,
		`{"from":"a@b.test","date":17}`: "the date 17 is no text", `{"from":"a@b.test","date":"tomorrow"}`: `the date "tomorrow" is none`, `null`: `it has no "from"`, ``: "it is no JSON object",
	} {
		if _, err := ParseLine([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}

// Some servers take addresses that the standard does not, and some archives
// write an author in no form at all: it is mail all the same.
func TestOddAddressesAreMailToo(t *testing.T) {
	l, err := ParseLine([]byte(`{"from":"???","to":[".taro@docomo.test","taro..@docomo.test","a b@c.test","","@","x@y@z.test", "<bob@client.test>"]}`))
	must(t, err)
	f, err := l.Facts()
	must(t, err)
	var to []string
	for _, r := range f.Envelope.Recipients {
		to = append(to, r.Address)
	}
	if f.Author != "" || strings.Join(to, " ") != ".taro@docomo.test taro..@docomo.test bob@client.test" {
		t.Errorf("author %q, to %q", f.Author, to)
	}
}

func TestALineToNobodyIsAnErrorWithItsFacts(t *testing.T) {
	l, err := ParseLine([]byte(`{"from":"a@b.test","to":[]}`))
	must(t, err)
	if f, err := l.Facts(); err == nil || f == nil {
		t.Errorf("%v, %v", f, err)
	}
}

func TestTheVerdictInALine(t *testing.T) {
	f := &guard.Facts{Summary: &mail.Summary{MessageID: "1@corp.test"}, Envelope: &mail.Envelope{Recipients: []mail.Recipient{{Address: "Bob@Client.test"}, {Address: "eve@x.test"}}}}
	v := &guard.Verdict{Action: guard.Ask,
		Signals: []guard.Signal{
			{Code: "greeting.mismatch", Score: 0.6, Instead: []string{"max@x.test", "eve@x.test"}, Evidence: "It greets Max."},
			{Code: "recipient.twin", Recipient: "bob@client.test", Score: 0.9, Instead: []string{"bob@corp.test"}},
			{Code: "recipient.lookalike", Recipient: "bob@client.test", Score: 0.7, Instead: []string{"bob@clients.test", "bob@corp.test"}},
			{Code: "content.secret", Score: 1, Observed: true},
		},
		Rules: []guard.Hit{{Name: "right?", Action: guard.Ask}, {Name: "watched", Observed: true}, {Name: "right?", Action: guard.Ask}}}
	j := JudgedOf(f, v)
	bob, eve := j.Recipients[0], j.Recipients[1]
	for what, ok := range map[string]bool{
		"the score is that of the worst": j.Score == bob.Score && bob.Score > eve.Score && eve.Score > 0.0025,
		"the surest word stands first":   strings.Join(bob.Instead, " ") == "bob@corp.test bob@clients.test max@x.test",
		"who gets it is not offered":     strings.Join(eve.Instead, " ") == "max@x.test",
		"what is watched is not in it":   len(j.Signals) == 3 && strings.Join(j.Verdict.Rules, " ") == "right?",
		"the address is as it was":       bob.Address == "Bob@Client.test" && j.Verdict.Action == "ask",
	} {
		if !ok {
			t.Errorf("not so: %s (%+v)", what, j)
		}
	}
}

func TestAMailIsReadAsAStream(t *testing.T) {
	long := letter(2, "a") + strings.Repeat("A line of text that is there to be long.\n", 100_000)
	for name, text := range map[string]string{"short": letter(2, "a"), "long": long} {
		f, release, err := Read(strings.NewReader(text), reading.Options{Pool: reading.NewPool(0)}, time.Now())
		must(t, err)
		if f.Author != "anna@corp.test" || len(f.Envelope.Recipients) != 1 || f.Size != int64(len(text)) || f.Whole != (name == "short") || len(f.Head) > 1<<17 {
			t.Errorf("%s: author %q, %d octets, whole %v, head %d", name, f.Author, f.Size, f.Whole, len(f.Head))
		}
		says, err := f.Read(t.Context())
		must(t, err)
		if !strings.Contains(says.Texts[0].Own, "Hello.") {
			t.Errorf("%s: it says %.80q", name, says.Texts[0].Own)
		}
		release()
	}
	if _, _, err := Read(strings.NewReader(""), reading.Options{Pool: reading.NewPool(0)}, time.Now()); !errors.Is(err, ErrEmpty) {
		t.Errorf("nothing at all: %v", err)
	}
	if _, _, err := Read(io.MultiReader(strings.NewReader("From: a@b.test\n"), broken{}), reading.Options{Pool: reading.NewPool(0)}, time.Now()); !errors.Is(err, errBroken) {
		t.Errorf("half of it: %v", err)
	}
}

var errBroken = errors.New("the line is cut")

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errBroken }

func TestAsSomebodyElse(t *testing.T) {
	f, err := FactsOf([]byte(letter(2, "a")), time.Now(), nil)
	must(t, err)
	must(t, As(f, "Eve <eve@corp.test>", []string{"x@client.test", "X@client.test", "y@client.test"}))
	if f.Author != "eve@corp.test" || len(f.Envelope.Recipients) != 2 || f.Envelope.ReversePath != "eve@corp.test" {
		t.Errorf("%+v", f)
	}
	if err := As(f, "", []string{"nobody"}); err == nil {
		t.Error("nobody is an address")
	}
}

func FuzzLine(f *testing.F) {
	f.Add([]byte(`{"id":"1","date":"2026-03-10T09:12:00Z","from":"a@b.test","to":["c@d.test"],"attachments":[{"name":"x"}],"to_names":["C"],"judge":true}`))
	f.Add([]byte(`{"from":"<@>","to":["\u0000@x","a@b@c"],"references":[""],"attachments":[]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		l, err := ParseLine(text)
		if err != nil {
			return
		}
		facts, err := l.Facts()
		if facts == nil || (err != nil) != (len(facts.Envelope.Recipients) == 0) {
			t.Fatalf("%v, %v", facts, err)
		}
		if _, err := facts.Read(t.Context()); err != nil {
			t.Fatal(err)
		}
		JudgedOf(facts, &guard.Verdict{})
	})
}

func FuzzFromBytes(f *testing.F) {
	f.Add([]byte("From a Mon Mar  2 09:00:00 2026\n" + letter(2, "a") + "\nFrom b\n\n>From x\n"))
	f.Add([]byte(letter(2, "a")))
	f.Add([]byte("{\"from\":\"a@b.test\"}\n{}\n\n{\"date\":null,\"from\":\"x@y.test\"}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := FromBytes(t.Context(), "it", data)
		if err != nil {
			return
		}
		all := 0
		var packed []byte
		must(t, s.Each(t.Context(), 0, func(_ int, m *Mail) error {
			all += len(m.raw)
			packed = m.AppendTo(packed, 1<<20)
			facts, err := m.Facts(nil)
			if (err != nil) != (len(facts.Envelope.Recipients) == 0) {
				t.Fatalf("%v, %v", facts, err)
			}
			_, err = facts.Read(t.Context())
			return err
		}))
		if all > len(data) {
			t.Fatalf("%d octets out of %d", all, len(data))
		}
		if len(packed) == 0 || bytes.HasPrefix(data, []byte("{")) {
			return
		}
		again, err := FromBytes(t.Context(), "again", packed)
		must(t, err)
		if again.Len() != s.Len() {
			t.Fatalf("%d mails became %d:\n%q\n%q", s.Len(), again.Len(), data, packed)
		}
	})
}
