package mail_test

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"belay/internal/mail"
)

// split sends message through a splitter in pieces and gives what came out.
func split(t testing.TB, message []byte, dropBcc bool, piece func() int) (*mail.HeaderSplitter, []byte) {
	t.Helper()
	var out bytes.Buffer
	s := mail.NewHeaderSplitter(&out, dropBcc, 100)
	for rest := message; len(rest) > 0; {
		n := min(len(rest), piece())
		if _, err := s.Write(rest[:n]); err != nil {
			t.Fatalf("write: %v", err)
		}
		rest = rest[n:]
	}
	if err := s.Close(); err != nil {
		t.Fatalf("close: %v", err)
	}
	return s, out.Bytes()
}

func whole() int { return 1 << 30 }

// putBack undoes what the splitter took out.
func putBack(out []byte, taken []mail.Field) []byte {
	var b []byte
	for _, f := range taken {
		n := f.Offset - len(b)
		b = append(b, out[:n]...)
		b = append(b, f.Raw...)
		out = out[n:]
	}
	return append(b, out...)
}

func TestP4_HeaderSplitterTakesBccOutInAllItsForms(t *testing.T) {
	for _, c := range []struct{ name, in, out, bcc string }{
		{"none", "From: a\r\nTo: b\r\n\r\nx\r\n", "From: a\r\nTo: b\r\n\r\nx\r\n", ""},
		{"plain", "From: a\r\nBcc: c@d.test\r\nTo: b\r\n\r\nx\r\n", "From: a\r\nTo: b\r\n\r\nx\r\n", "Bcc: c@d.test\r\n"},
		{"folded", "Bcc: c@d.test,\r\n\te@f.test,\r\n g@h.test\r\nTo: b\r\n\r\nx", "To: b\r\n\r\nx", "Bcc: c@d.test,\r\n\te@f.test,\r\n g@h.test\r\n"},
		{"folded with a blank line of spaces", "Bcc: c@d.test,\r\n \r\n e@f.test\r\nTo: b\r\n\r\nx", "To: b\r\n\r\nx", "Bcc: c@d.test,\r\n \r\n e@f.test\r\n"},
		{"mixed case", "bCC: c\r\nTo: b\r\n\r\nx", "To: b\r\n\r\nx", "bCC: c\r\n"},
		{"several", "Bcc: c\r\nTo: b\r\nBCC:\r\nbcc: e\r\n\r\nx", "To: b\r\n\r\nx", "Bcc: c\r\nBCC:\r\nbcc: e\r\n"},
		{"a blank before the colon", "Bcc : c\r\nTo: b\r\n\r\nx", "To: b\r\n\r\nx", "Bcc : c\r\n"},
		{"a tab before the colon", "Bcc\t \t: c\r\nTo: b\r\n\r\nx", "To: b\r\n\r\nx", "Bcc\t \t: c\r\n"},
		{"last of the header", "To: b\r\nBcc: c\r\n\r\nBcc: not this\r\n", "To: b\r\n\r\nBcc: not this\r\n", "Bcc: c\r\n"},
		{"the only field", "Bcc: c\r\n\r\nx", "\r\nx", "Bcc: c\r\n"},
		{"header without body", "To: b\r\nBcc: c\r\n", "To: b\r\n", "Bcc: c\r\n"},
		{"header without end", "To: b\r\nBcc: c", "To: b\r\n", "Bcc: c"},
		{"resent", "Resent-Bcc: c\r\nTo: b\r\n\r\n", "To: b\r\n\r\n", "Resent-Bcc: c\r\n"},
		{"bare line feeds", "To: b\nBcc: c\n d\nCc: e\n\nBcc: x\n", "To: b\nCc: e\n\nBcc: x\n", "Bcc: c\n d\n"},
		{"behind a line that is no field", "To: b\r\nwhat is this\r\nBcc: c\r\n\r\nx", "To: b\r\nwhat is this\r\n\r\nx", "Bcc: c\r\n"},
		{"behind an mbox line", "From a@b.test Mon\r\nBcc: c\r\n\r\nx", "From a@b.test Mon\r\n\r\nx", "Bcc: c\r\n"},
		{"behind a byte order mark", "\ufeffTo: b\r\nBcc: c\r\n\r\nx", "\ufeffTo: b\r\n\r\nx", "Bcc: c\r\n"},
		{"behind blanks", "  \r\nTo: b\r\nBcc: c\r\n\r\nx", "  \r\nTo: b\r\n\r\nx", "Bcc: c\r\n"},
		{"names that only look alike", "X-Bcc: c\r\nBccx: d\r\nSubject: Bcc: e\r\n Bcc: f\r\n\r\nx", "X-Bcc: c\r\nBccx: d\r\nSubject: Bcc: e\r\n Bcc: f\r\n\r\nx", ""},
		{"no header", "\r\nBcc: c\r\n", "\r\nBcc: c\r\n", ""},
		{"no header and no empty line", "Hello\r\nBcc: c\r\n\r\n", "Hello\r\nBcc: c\r\n\r\n", ""},
		{"empty", "", "", ""},
		{"one line feed", "\n", "\n", ""},
		{"one carriage return", "\r", "\r", ""},
	} {
		for size := range 9 {
			s, out := split(t, []byte(c.in), true, func() int { return size + 1 })
			if string(out) != c.out || s.Bcc() != c.bcc {
				t.Errorf("%s, in pieces of %d:\n got %q, Bcc %q\nwant %q, Bcc %q", c.name, size+1, out, s.Bcc(), c.out, c.bcc)
			}
			if back := putBack(out, s.Taken()); string(back) != c.in {
				t.Errorf("%s: with the Bcc put back it is %q", c.name, back)
			}
			if s.Size() != int64(len(c.out)) {
				t.Errorf("%s: size %d, want %d", c.name, s.Size(), len(c.out))
			}
			if _, out := split(t, []byte(c.in), false, func() int { return size + 1 }); string(out) != c.in {
				t.Errorf("%s: relayed as %q", c.name, out)
			}
		}
	}
}

func TestHeaderSplitter_KeepsTheBeginningAndSeesHighOctets(t *testing.T) {
	for _, c := range []struct {
		in             string
		eight, utf8    bool
		header, head   string
		complete, full bool
	}{
		{"To: b\r\n\r\nabc", false, false, "To: b\r\n\r\n", "To: b\r\n\r\nabc", true, true},
		{"To: b\r\n\r\nabcą", true, false, "To: b\r\n\r\n", "To: b\r\n\r\nabcą", true, true},
		{"To: ą\r\n\r\nabc", true, true, "To: ą\r\n\r\n", "To: ą\r\n\r\nabc", true, true},
		{"To: b", false, false, "To: b", "To: b", false, true},
		{"To: b\r\n\r\n" + strings.Repeat("x", 200), false, false, "To: b\r\n\r\n", "To: b\r\n\r\n" + strings.Repeat("x", 100), true, false},
		{"hello ą\r\n\r\n", true, false, "", "hello ą\r\n\r\n", false, true},
	} {
		for _, size := range []int{1, 7, 1000} {
			s, _ := split(t, []byte(c.in), true, func() int { return size })
			head, full := s.Head()
			if s.EightBit() != c.eight || s.UTF8Head() != c.utf8 || string(s.Header().Raw) != c.header ||
				string(head) != c.head || full != c.full || s.Header().Complete != c.complete {
				t.Errorf("%q in pieces of %d: 8 bit %v, header %v; header %q (%v), head %q (%v)", c.in, size,
					s.EightBit(), s.UTF8Head(), s.Header().Raw, s.Header().Complete, head, full)
			}
		}
	}
}

func TestHeaderSplitter_EndlessHeaderIsRefusedOnlyWhereBccMustComeOut(t *testing.T) {
	long := []byte("Subject: " + strings.Repeat("x", mail.MaxHeader+100) + "\r\nBcc: c\r\n\r\nbody")
	s := mail.NewHeaderSplitter(io.Discard, true, 0)
	if _, err := s.Write(long); !errors.Is(err, mail.ErrHeaderTooLong) {
		t.Errorf("write = %v, want ErrHeaderTooLong", err)
	}
	if _, err := s.Write(long); !errors.Is(err, mail.ErrHeaderTooLong) || !errors.Is(s.Close(), mail.ErrHeaderTooLong) {
		t.Errorf("the error does not stay: %v", err)
	}
	half := long[:mail.MaxHeader/2]
	s, out := split(t, long, false, func() int { return 1000 })
	if !bytes.Equal(out, long) || s.Header().Complete || !bytes.HasPrefix(s.Header().Raw, half) {
		t.Errorf("relayed %d of %d octets", len(out), len(long))
	}
}

func TestP4_HeaderSplitterFindsBccBehindAnyNumberOfFields(t *testing.T) {
	many := strings.Repeat("X:\r\n", 200_000)
	s, out := split(t, []byte(many+"Bcc: c\r\n\r\nx"), true, whole)
	if string(out) != many+"\r\nx" || s.Bcc() != "Bcc: c\r\n" {
		t.Errorf("passed %d octets on, took %q out", len(out), s.Bcc())
	}
	if n := len(s.Header().Fields); n > 2000 {
		t.Errorf("kept %d fields", n)
	}
}

func TestHeaderSplitter_TellsTheErrorOfTheWriterBehind(t *testing.T) {
	full := errors.New("disk full")
	s := mail.NewHeaderSplitter(failing{full}, true, 0)
	if _, err := s.Write([]byte("To: b\r\n\r\nx")); !errors.Is(err, full) {
		t.Errorf("write = %v, want the writer's error", err)
	}
	if err := s.Close(); !errors.Is(err, full) {
		t.Errorf("close = %v, want the writer's error", err)
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

func FuzzHeaderSplitter(f *testing.F) {
	for _, s := range []string{"Bcc: a\r\n b\r\n\r\nx", "To: b\nBcc : c", "\r\n", "x\r\nBcc: y\r\n\r\n", "From x\nBCC:\n\n"} {
		f.Add([]byte(s), uint8(3))
	}
	f.Fuzz(func(t *testing.T, message []byte, piece uint8) {
		s, out := split(t, message, true, func() int { return int(piece) + 1 })
		if back := putBack(out, s.Taken()); !bytes.Equal(back, message) {
			t.Fatalf("%q came out as %q without %q", message, out, s.Bcc())
		}
		once, _ := split(t, message, true, whole)
		if once.Bcc() != s.Bcc() || !bytes.Equal(once.Header().Raw, s.Header().Raw) {
			t.Fatalf("%q is read differently in pieces of %d", message, int(piece)+1)
		}
	})
}

func BenchmarkHeaderSplitter(b *testing.B) {
	message := []byte("From: a@corp.test\r\nTo: b@falcon.test\r\nBcc: c@d.test\r\nSubject: x\r\n\r\n" +
		strings.Repeat("Sixty-four octets of text for a body that is worth a measurement\r\n", 150))
	b.SetBytes(int64(len(message)))
	b.ReportAllocs()
	for b.Loop() {
		s := mail.NewHeaderSplitter(io.Discard, true, 0)
		for rest := message; len(rest) > 0; {
			n := min(len(rest), 4096)
			s.Write(rest[:n])
			rest = rest[n:]
		}
		s.Close()
	}
}

func BenchmarkSummary(b *testing.B) {
	message := []byte("Received: from a by b; x\r\nFrom: \"Nowak, Anna\" <a@corp.test>\r\nTo: b@falcon.test, Jan <jan@corp.test>\r\n" +
		"Subject: =?utf-8?Q?Za=C5=BC?= x\r\nDate: Mon, 1 Jan 2024 10:00:00 +0100\r\nMessage-ID: <x@y>\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n")
	b.SetBytes(int64(len(message)))
	b.ReportAllocs()
	for b.Loop() {
		mail.Summarize(message)
	}
}

func randomPiece() int { return 1 + rand.IntN(5000) }
