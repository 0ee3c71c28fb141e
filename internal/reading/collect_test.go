package reading

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"

	"belay/internal/extract"
	"belay/internal/mail"
)

// reads is an extractor that gives a file's octets as its text.
type reads struct{ asked []string }

func (r *reads) Extract(_ context.Context, name, mediaType string, data []byte) (*extract.Document, error) {
	r.asked = append(r.asked, fmt.Sprintf("%s %s %d", name, mediaType, len(data)))
	return &extract.Document{Kind: "text", Text: string(data)}, nil
}

// collected reads a message that is written in pieces of n octets; 0 is at once.
func collected(t testing.TB, message string, n int, o Options) *Mail {
	t.Helper()
	c := NewCollector(o)
	defer c.Release()
	if n == 0 {
		n = max(1, len(message))
	}
	for rest := []byte(message); len(rest) > 0; {
		k := min(n, len(rest))
		if wrote, err := c.Write(rest[:k]); wrote != k || err != nil {
			t.Fatalf("wrote %d of %d: %v", wrote, k, err)
		}
		rest = rest[k:]
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	m, err := c.Mail(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// parts makes a multipart message of parts.
func parts(kind string, all ...string) string {
	boundary := "b" + fmt.Sprint(len(all)) + kind
	return "Subject: x\nContent-Type: multipart/" + kind + "; boundary=\"" + boundary + "\"\n\n--" + boundary + "\n" +
		strings.Join(all, "\n--"+boundary+"\n") + "\n--" + boundary + "--\n"
}

// inside is a multipart as a part.
func inside(message string) string { return strings.TrimPrefix(message, "Subject: x\n") }

const (
	plainHello = "Content-Type: text/plain; charset=utf-8\n\nHello from the plain one."
	htmlHello  = "Content-Type: text/html; charset=utf-8\n\n<html><head><title>t</title></head><body><p>Hello from the <b>markup</b>.</p></body></html>"
	picture    = "Content-Type: image/png; name=image001.png\nContent-ID: <1>\nContent-Transfer-Encoding: base64\n\niVBORw0KGgo="
	aFile      = "Content-Type: application/pdf; name=plan.pdf\nContent-Disposition: attachment; filename=plan.pdf\n\n%PDF-1.7 plan"
)

func TestCollector_TakesTheTextsThatPeopleSee(t *testing.T) {
	for _, c := range []struct{ name, message, texts, files string }{
		{"a text alone", "Subject: x\n\nHello.\n", "Hello.", ""},
		{"nothing", "", "", ""},
		{"no header", "Hello.\nThis is it.\n", "Hello. / This is it.", ""},
		{"markup alone", htmlHello, "Hello from the markup.", ""},
		{"alternatives", parts("alternative", plainHello, htmlHello), "Hello from the plain one. | Hello from the markup.", ""},
		{"alternatives the wrong way round", parts("alternative", htmlHello, plainHello), "Hello from the plain one. | Hello from the markup.", ""},
		{"an empty plain one", parts("alternative", "Content-Type: text/plain\n\n \n", htmlHello), "Hello from the markup.", ""},
		{"a stub", parts("alternative", "Content-Type: text/plain\n\nYour mail client does not support HTML.\n", htmlHello), "Hello from the markup.", ""},
		{"a Polish stub", parts("alternative", "Content-Type: text/plain; charset=utf-8\n\nTwój klient poczty nie obsługuje HTML.\n", htmlHello), "Hello from the markup.", ""},
		{"alternatives and a file", parts("mixed", inside(parts("alternative", plainHello, htmlHello)), aFile), "Hello from the plain one. | Hello from the markup.", "plan.pdf application/pdf 13 read"},
		{"a picture that stands in it", parts("alternative", plainHello, inside(parts("related", htmlHello, picture))), "Hello from the plain one. | Hello from the markup.", ""},
		{"a picture beside it", parts("mixed", plainHello, picture), "Hello from the plain one.", "image001.png image/png 8 inline not read"},
		{"Apple's two texts around a file", parts("alternative", "Content-Type: text/plain\n\nHello and bye.", inside(parts("mixed",
			"Content-Type: text/html\n\n<p>Hello", aFile, "Content-Type: text/html\n\n<p>and bye"))), "Hello and bye.", "plan.pdf application/pdf 13 read"},
		{"Apple's texts alone", parts("mixed", "Content-Type: text/plain\n\nHello.", aFile, "Content-Type: text/plain\n\nAnd bye."), "Hello. | And bye.", "plan.pdf application/pdf 13 read"},
		{"a text that is a file", parts("mixed", plainHello, "Content-Type: text/plain; name=notes.txt\nContent-Disposition: attachment; filename=notes.txt\n\nnotes"),
			"Hello from the plain one.", "notes.txt text/plain 5 read"},
		{"an invitation", parts("alternative", plainHello, "Content-Type: text/calendar; method=REQUEST\n\nBEGIN:VCALENDAR\nEND:VCALENDAR"), "Hello from the plain one.", ""},
		{"what Outlook packs", parts("mixed", plainHello, "Content-Type: application/ms-tnef; name=winmail.dat\nContent-Transfer-Encoding: base64\n\neJ8+IgE="),
			"Hello from the plain one.", "winmail.dat application/ms-tnef 5 read"},
		{"a mail in the mail", parts("mixed", plainHello, "Content-Type: message/rfc822\n\nSubject: inner\nContent-Type: multipart/mixed; boundary=i\n\n--i\n\nInner text.\n--i\nContent-Disposition: attachment; filename=in.txt\n\ninner file\n--i--"),
			"Hello from the plain one.", " message/rfc822 0 read"},
		{"base64", "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n" + base64.StdEncoding.EncodeToString([]byte("Cześć, Aniu.\r\nDo jutra.\r\n")) + "\n", "Cześć, Aniu. / Do jutra.", ""},
		{"quoted-printable", "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\nCze=C5=9B=C4=87, A=\nniu.\n", "Cześć, Aniu.", ""},
		{"flowed", "Content-Type: text/plain; format=flowed\n\nThis line goes \non here.\n> And this \n> too.\n-- \nAnna\n", "This line goes on here.", ""},
		{"flowed, with DelSp", "Content-Type: text/plain; format=flowed; delsp=yes\n\nThis li \nne.\n", "This line.", ""},
		{"no final boundary", "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nHello.\n--b\nContent-Disposition: attachment; filename=a.txt\n\n1234", "Hello.", "a.txt text/plain 4 read"},
		{"a long line", "Subject: x\n\n" + strings.Repeat("word ", 1000) + "end.\n", strings.Repeat("word ", 1000) + "end.", ""},
		{"a long line of base64", "Content-Transfer-Encoding: base64\n\n" + base64.StdEncoding.EncodeToString([]byte(strings.Repeat("word ", 1000)+"end.")), strings.Repeat("word ", 1000) + "end.", ""},
		{"a long line of quoted-printable", "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n" + strings.Repeat("=C5=82a  ", 600) + "end.", strings.Repeat("ła  ", 600) + "end.", ""},
	} {
		for _, n := range []int{0, 1, 7, 1500} {
			ex := &reads{}
			m := collected(t, c.message, n, Options{Extractor: ex})
			var texts []string
			for i := range m.Texts {
				texts = append(texts, onOneLine(m.Texts[i].Own))
			}
			if got := strings.Join(texts, " | "); got != c.texts {
				t.Errorf("%s, in pieces of %d: %q, want %q", c.name, n, got, c.texts)
			}
			if got := filesInShort(m); got != c.files {
				t.Errorf("%s, in pieces of %d: files are %q, want %q", c.name, n, got, c.files)
			}
		}
	}
}

func filesInShort(m *Mail) string {
	var all []string
	for _, f := range m.Files {
		s := fmt.Sprintf("%s %s %d", f.Name, f.Type, f.Size)
		if f.Inline {
			s += " inline"
		}
		if f.Doc == nil {
			s += " not"
		}
		all = append(all, s+" read")
	}
	return strings.Join(all, "; ")
}

func TestCollector_KeepsOnlyFilesThatCanBeRead(t *testing.T) {
	file := func(name, kind, data string) string {
		return "Content-Type: " + kind + "; name=\"" + name + "\"\nContent-Disposition: attachment; filename=\"" + name + "\"\nContent-Transfer-Encoding: base64\n\n" +
			base64.StdEncoding.EncodeToString([]byte(data))
	}
	noise := strings.Repeat("\x00\x01\xfe", 1000)
	for _, c := range []struct {
		name, part string
		err        error // nil: it is read
	}{
		{"a document", file("a.docx", "application/octet-stream", "PK\x03\x04 and so on"), nil},
		{"one without a name for it", file("a", "application/octet-stream", "%PDF-1.4 and so on"), nil},
		{"a text of no kind", file("a", "application/octet-stream", "Some words.\n"), nil},
		{"octets", file("a.dat", "application/octet-stream", noise), extract.ErrUnknown},
		{"few octets", file("a", "application/octet-stream", "\x00\x01"), extract.ErrUnknown},
		{"a picture", file("a.jpg", "image/jpeg", noise), extract.ErrUnknown},
		{"what says that it is a document", file("a.docx", "application/octet-stream", noise), nil},
		{"too large", file("a.csv", "text/csv", strings.Repeat("1;2;3\n", 9<<20/6)), extract.ErrTooLarge},
	} {
		m := collected(t, parts("mixed", plainHello, c.part), 64<<10, Options{Extractor: &reads{}, Pool: NewPool(0)})
		if len(m.Files) != 1 {
			t.Fatalf("%s: %d files", c.name, len(m.Files))
		}
		if f := m.Files[0]; !errors.Is(f.Err, c.err) || (f.Doc != nil) != (c.err == nil) {
			t.Errorf("%s: %v, read %v; want %v", c.name, f.Err, f.Doc != nil, c.err)
		}
	}
	m := collected(t, parts("mixed", plainHello, file("a.pdf", "application/pdf", "%PDF")), 0, Options{})
	if f := m.Files[0]; f.Doc != nil || f.Err != nil {
		t.Errorf("nobody tried, and yet: %v", f.Err)
	}
}

func TestP6_CollectorsShareWhatThereIsToKeepFilesIn(t *testing.T) {
	// Given room for one large file, and two mails that bring one at once.
	pool := NewPool(3 << 20)
	message := parts("mixed", plainHello, "Content-Type: text/csv; name=a.csv\nContent-Disposition: attachment\n\n"+strings.Repeat("1;2;3\n", 2<<20/6))
	first, second := NewCollector(Options{Extractor: &reads{}, Pool: pool}), NewCollector(Options{Extractor: &reads{}, Pool: pool})
	for _, c := range []*Collector{first, second} {
		if _, err := c.Write([]byte(message)); err != nil {
			t.Fatal(err)
		}
		c.Close()
	}
	// Then the first is read and the second says why it is not, with its text.
	one, _ := first.Mail(t.Context())
	two, _ := second.Mail(t.Context())
	if one.Files[0].Err != nil || one.Files[0].Doc == nil {
		t.Errorf("the first: %v", one.Files[0].Err)
	}
	if !errors.Is(two.Files[0].Err, ErrBusy) || onOneLine(two.Texts[0].Own) != "Hello from the plain one." {
		t.Errorf("the second: %v, %q", two.Files[0].Err, two.Texts[0].Own)
	}
	// And all is given back.
	first.Release()
	second.Release()
	if pool.Used() != 0 {
		t.Errorf("%d octets are still taken", pool.Used())
	}
}

func TestCollector_FilesThatNoTimeWasLeftForSaySo(t *testing.T) {
	c := NewCollector(Options{Extractor: &reads{}})
	c.Write([]byte(parts("mixed", plainHello, aFile)))
	c.Close()
	defer c.Release()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	m, err := c.Mail(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if !errors.Is(m.Files[0].Err, extract.ErrTime) || len(m.Texts) != 1 {
		t.Errorf("%v, %d texts", m.Files[0].Err, len(m.Texts))
	}
}

func TestParse_OfABeginningDoesNotKnowAllFiles(t *testing.T) {
	whole := parts("mixed", plainHello, aFile)
	m, err := Parse(t.Context(), []byte(whole[:len(whole)/2]), false, nil)
	if err != nil || m.Listed || !m.Cut || len(m.Texts) != 1 {
		t.Errorf("%v: %+v", err, m)
	}
	m, err = Parse(t.Context(), []byte(whole), true, nil)
	if err != nil || !m.Listed || m.Cut || m.Subject != "x" || len(m.Files) != 1 {
		t.Errorf("%v: %+v", err, m)
	}
}

func TestCollector_ReadsTheSubjectInWhateverPiecesItComes(t *testing.T) {
	for _, message := range []string{"From: a@b\r\nSubject: The plan\r\n\r\nSubject: no\r\n", "Subject: The plan\n\nHello\n\n", "Subject: The plan",
		"X-Long: " + strings.Repeat("x", 3000) + "\nSubject: =?utf-8?q?The?= plan\n\nHello"} {
		for _, n := range []int{0, 1, 2, 3, 1000} {
			if m := collected(t, message, n, Options{}); m.Subject != "The plan" {
				t.Errorf("in pieces of %d: %q out of %.40q", n, m.Subject, message)
			}
		}
	}
}

func TestFromTexts(t *testing.T) {
	m := FromTexts("Plan", "Hello Jan,\n\nsee the plan.\n\nRegards\nAnna\n", []NamedText{{Name: "plan.pdf", Text: "the plan"}, {Name: "x.docx"}}, true)
	if m.Subject != "Plan" || !m.Listed || onOneLine(m.Texts[0].Own) != "Hello Jan, / see the plan." {
		t.Errorf("%+v", m)
	}
	if len(m.Files) != 2 || m.Files[0].Doc.Text != "the plan" || m.Files[0].Type != "application/pdf" || m.Files[1].Doc != nil {
		t.Errorf("%+v", m.Files)
	}
}

func TestCollector_ListsWhatPartListerLists(t *testing.T) {
	message := parts("mixed", plainHello, aFile, "Content-Type: message/rfc822\n\n"+parts("mixed", plainHello, aFile), picture)
	c, l := NewCollector(Options{Extractor: &reads{}}), mail.NewPartLister()
	c.Write([]byte(message))
	l.Write([]byte(message))
	c.Close()
	l.Close()
	files, listed := c.Attachments()
	if fmt.Sprint(files) != fmt.Sprint(l.Attachments()) || listed == l.Truncated() {
		t.Errorf("%v, want %v", files, l.Attachments())
	}
}

// breaks is an extractor that panics.
type breaks struct{}

func (breaks) Extract(context.Context, string, string, []byte) (*extract.Document, error) {
	panic("no")
}

func TestP6_AReaderOfFilesThatBreaksDownLeavesTheTexts(t *testing.T) {
	c := NewCollector(Options{Extractor: breaks{}})
	c.Write([]byte(parts("mixed", plainHello, aFile)))
	c.Close()
	defer c.Release()
	m, err := c.Mail(t.Context())
	if err == nil || len(m.Texts) != 1 || m.Files[0].Err == nil {
		t.Errorf("%v: %d texts, %v", err, len(m.Texts), m.Files[0].Err)
	}
}
