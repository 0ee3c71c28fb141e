package history

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"belay/internal/mail"
	"belay/internal/reading"
)

func summary(t *testing.T, header string) *mail.Summary {
	t.Helper()
	s := mail.Summarize([]byte(header + "\r\n\r\n"))
	return &s
}

func envelopeTo(addresses ...string) *mail.Envelope {
	e := &mail.Envelope{}
	for _, a := range addresses {
		e.Recipients = append(e.Recipients, mail.Recipient{Address: a})
	}
	return e
}

func TestEventOf_PositionsAreThoseOfTheEnvelope(t *testing.T) {
	s := summary(t, "From: Anna <anna@corp.test>\r\nTo: Eve Adams <EVE@there.test>\r\nCc: tom@there.test\r\nMessage-ID: <1@x>\r\nSubject: offer")
	e := EventOf(s, envelopeTo("tom@there.test", "tom@there.test", "hidden@there.test", "eve@there.test"), nil, nil, noon)
	if len(e.To) != 4 || e.To[0].Hidden || !e.To[2].Hidden || e.To[3].Name != "Eve Adams" || e.To[3].Hidden {
		t.Errorf("the recipients are %+v", e.To)
	}
	if e.ID != "1@x" || e.Author.Name != "Anna" || e.Automatic || e.Incoming {
		t.Errorf("the event is %+v", e)
	}
}

func TestEventOf_OfTheTextOnlyHashesAndAddressesAreKept(t *testing.T) {
	m := &reading.Mail{Texts: []reading.Text{{Own: "Please write to Tom.Jones@There.test, he knows about the secret project.\nOr <eve@there.test>; not to @nobody or x@y.",
		Quoted: "The figures of the secret project are attached"}}}
	s := summary(t, "From: anna@corp.test\r\nTo: jan@corp.test\r\nSubject: the secret project\r\nMessage-ID: <1@x>")
	e := EventOf(s, envelopeTo("jan@corp.test"), m, nil, noon)
	if !slices.Equal(e.Introduced, []string{"tom.jones@there.test", "eve@there.test"}) || len(e.Lines) != 2 || len(e.Quotes) != 1 {
		t.Errorf("the event is %+v", e)
	}
	stored := string(newStore(nil).Encode(&e))
	for _, word := range []string{"secret", "project", "figures"} {
		if strings.Contains(stored, word) {
			t.Errorf("what is stored has %q in it", word)
		}
	}
	if len(stored) > 200 {
		t.Errorf("a small mail takes %d octets", len(stored))
	}
}

func TestIncomingOf_WhoGotItStandsInTheHeader(t *testing.T) {
	s := summary(t, "From: tom@there.test\r\nTo: anna@corp.test\r\nCc: Jan <jan@corp.test>")
	if e := IncomingOf(s, envelopeTo("copies@corp.test"), nil, nil, noon); len(e.To) != 2 || e.To[1].Name != "Jan" || !e.Incoming {
		t.Errorf("the recipients are %+v", e.To)
	}
	s = summary(t, "From: tom@there.test\r\nTo: undisclosed-recipients:;")
	if e := IncomingOf(s, envelopeTo("anna@corp.test"), nil, nil, noon); len(e.To) != 1 || e.To[0].Address != "anna@corp.test" {
		t.Errorf("the recipients are %+v", e.To)
	}
}

// What is stored is read with care: a damaged record is an error and nothing
// else.
func FuzzRecords(f *testing.F) {
	e := wrote(1, "1", "anna@corp.test", "tom@there.test,eve@there.test")
	e.Terms = []uint16{7, 40000}
	e.Lines, e.Quotes, e.Named, e.InReplyTo = []uint64{1, 2}, []uint64{3}, []string{"Falcon"}, []string{"0"}
	d := deedOf(&e)
	m := NewMemory(MemoryOptions{Own: ours})
	if err := m.Learn(f.Context(), []Event{e}); err != nil {
		f.Fatal(err)
	}
	f.Add(d.encode())
	l := Lesson{Kind: LessonStopped, Author: "anna@corp.test", Recipient: "eve@there.test", At: noon}
	if err := m.Teach(f.Context(), l); err != nil {
		f.Fatal(err)
	}
	f.Add(l.deed().encode())
	f.Add(encodeDeeds([]*deed{d, d}))
	f.Add(m.r.profiles["anna@corp.test"].encode())
	f.Add(m.r.people["tom@there.test"].encode())
	f.Add(m.r.encode())
	f.Fuzz(func(t *testing.T, b []byte) {
		if d, err := decodeDeed(b); err == nil {
			newStore(nil).tell(d)
			if _, err := decodeDeed(d.encode()); err != nil {
				t.Errorf("a deed cannot be read again: %v", err)
			}
		}
		if p, err := decodeProfile(b); err == nil {
			p.oldest()
			again, err := decodeProfile(p.encode())
			if err != nil {
				t.Fatalf("a profile cannot be read again: %v", err)
			}
			if !bytes.Equal(again.encode(), again.encode()) {
				t.Error("a profile is written otherwise the second time")
			}
			p.trail.without("eve@there.test")
			p.trail.add(Trace{ID: 7, Sent: true}, []human{humanOf("eve@there.test")}, "", []uint16{1}, p.knows)
			p.trail.since(noon.Unix())
		}
		if k, err := decodeKnown(b); err == nil {
			k.oldest()
		}
		var l letter
		if l.decode(b) == nil && l.decode(l.encode()) != nil {
			t.Error("a mail cannot be read again")
		}
		decodeDeeds(b)
		decodeMemory(b)
	})
}

// FuzzNear asks for what is near anything.
func FuzzNear(f *testing.F) {
	m := NewMemory(MemoryOptions{Own: ours})
	for i := range established {
		if err := m.Learn(f.Context(), []Event{wrote(i, string(rune('a'+i)), "anna@corp.test", "tom.jones@falcon.test")}); err != nil {
			f.Fatal(err)
		}
	}
	f.Add("tom.jones@falcom.test", "Hello <tom@there.test>")
	f.Add("a@xn--.xn--a", "@@@@")
	f.Fuzz(func(t *testing.T, address, text string) {
		for _, n := range nearOf(t, m, mail.Key(address)) {
			if n.Address == mail.Key(address) {
				t.Errorf("%q is near itself", address)
			}
		}
		for _, a := range mail.AddressesIn(text, 5) {
			if !mail.ValidAddress(a) {
				t.Errorf("%q is no address", a)
			}
		}
	})
}

func nearOf(t testing.TB, m *Memory, address string) []Near {
	t.Helper()
	p, err := m.Past(t.Context(), Query{Author: "jan@corp.test", Recipients: []string{address}})
	if err != nil {
		t.Fatal(err)
	}
	return p.Near(address)
}
