package notice

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"strings"
	"testing"
	"time"

	"belay/internal/mail"
	"belay/internal/queue"
)

// draftOf takes the draft out of a mail of ours, byte for byte: with the
// standard library, which decodes nothing.
func draftOf(t *testing.T, raw string) (kind, coding, name string, draft []byte) {
	t.Helper()
	header := mail.ParseHeader([]byte(raw))
	_, params, err := mime.ParseMediaType(header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	parts := multipart.NewReader(strings.NewReader(raw[len(header.Raw):]), params["boundary"])
	for {
		part, err := parts.NextRawPart()
		if err == io.EOF {
			t.Fatal("there is no draft")
		}
		if err != nil {
			t.Fatal(err)
		}
		kind, _, _ = mime.ParseMediaType(part.Header.Get("Content-Type"))
		if strings.HasPrefix(kind, "message/") {
			if draft, err = io.ReadAll(part); err != nil {
				t.Fatal(err)
			}
			return kind, part.Header.Get("Content-Transfer-Encoding"), part.FileName(), draft
		}
	}
}

func TestS7_ADraftComesBackWithItsBytesAndItsBcc(t *testing.T) {
	for name, test := range map[string]struct {
		raw, bcc  string
		top       string // what stands before the bytes
		eight     bool
		utf8head  bool
		kind, enc string
	}{
		"plain": {raw: "To: bob@falcon.test\r\n\r\nHello\r\n", top: "X-Unsent: 1\r\n", kind: "message/rfc822", enc: "7bit"},
		"Bcc was taken out": {raw: "To: bob@falcon.test\r\n\r\nHello\r\n", bcc: "Bcc: Eve <eve@falcon.test>\r\n",
			top: "X-Unsent: 1\r\nBcc: Eve <eve@falcon.test>\r\n", kind: "message/rfc822", enc: "7bit"},
		"Bcc without its line end": {raw: "To: bob@falcon.test\r\n\r\nHello\r\n", bcc: "BCC: eve@falcon.test",
			top: "X-Unsent: 1\r\nBCC: eve@falcon.test\r\n", kind: "message/rfc822", enc: "7bit"},
		"no line end at the end": {raw: "To: bob@falcon.test\r\n\r\nHello", top: "X-Unsent: 1\r\n", kind: "message/rfc822", enc: "7bit"},
		"eight bits":             {raw: "To: bob@falcon.test\r\n\r\nZa\xbf\xf3\xb3\xe6 \x00\r\n", eight: true, top: "X-Unsent: 1\r\n", kind: "message/rfc822", enc: "8bit"},
		"UTF-8 header": {raw: "To: bob@falcon.test\r\nSubject: Zażółć\r\n\r\nx\r\n", eight: true, utf8head: true,
			top: "X-Unsent: 1\r\n", kind: "message/global", enc: "8bit"},
		"signed": {raw: "To: bob@falcon.test\r\nContent-Type: multipart/signed; boundary=s; protocol=\"application/pgp-signature\"\r\n\r\n" +
			"--s\r\n\r\ntext \t\r\n--s\r\nContent-Type: application/pgp-signature\r\n\r\nAAAA\r\n--s--\r\n",
			top: "X-Unsent: 1\r\n", kind: "message/rfc822", enc: "7bit"},
		"all body":     {raw: "no header at all\r\n", top: "X-Unsent: 1\r\n\r\n", kind: "message/rfc822", enc: "7bit"},
		"empty header": {raw: "\r\nonly text\r\n", top: "X-Unsent: 1\r\n", kind: "message/rfc822", enc: "7bit"},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFakeStore()
			m := f.add("one@corp.test", "Offer: 1/2", time.Minute, queue.Held, "bob@falcon.test")
			m.Bcc, m.EightBit, m.UTF8Head = test.bcc, test.eight, test.utf8head
			f.bodies[m.ID] = []byte(test.raw)
			if err := newService(t, f).Draft(t.Context(), m.ID); err != nil {
				t.Fatal(err)
			}
			posted, raw := f.last(t)
			kind, enc, file, draft := draftOf(t, raw)
			if kind != test.kind || enc != test.enc || file != "Offer 1 2.eml" {
				t.Errorf("attached as %s, %s, %q", kind, enc, file)
			}
			if string(draft) != test.top+test.raw {
				t.Errorf("the draft is\n%q, want\n%q", draft, test.top+test.raw)
			}
			if (posted.Envelope.Body == "8BITMIME") != test.eight || posted.EightBit != test.eight || posted.UTF8Head {
				t.Errorf("posted with BODY=%q, eight bits %v, UTF-8 header %v", posted.Envelope.Body, posted.EightBit, posted.UTF8Head)
			}
			if posted.Envelope.Recipients[0].Address != "anna@corp.test" || f.state(m) != "held" {
				t.Errorf("went to %v; the message is %s", posted.Envelope.Recipients, f.state(m))
			}
		})
	}
}

func TestS7_RecipientsOfTheEnvelopeAloneComeBackAsBcc(t *testing.T) {
	f := newFakeStore()
	m := f.add("one@corp.test", "Offer", time.Minute, queue.Held, "bob@falcon.test", "eve@falcon.test", "jan@corp.test", "Tom@corp.test")
	m.Bcc = "Bcc: tom@corp.test\r\n"
	for n := 1; n < 4; n++ {
		m.Deliveries[n].Visible = false
	}
	if err := newService(t, f).Draft(t.Context(), m.ID); err != nil {
		t.Fatal(err)
	}
	_, raw := f.last(t)
	_, _, _, draft := draftOf(t, raw)
	if !bytes.HasPrefix(draft, []byte("X-Unsent: 1\r\nBcc: tom@corp.test\r\nBcc: eve@falcon.test,\r\n jan@corp.test\r\nFrom: ")) {
		t.Errorf("the draft begins %q", draft[:120])
	}
}

func TestDraft_FileNames(t *testing.T) {
	say := newService(t, newFakeStore()).words.For("nb")
	for subject, want := range map[string]string{
		"": "utkast", "...": "utkast", "a/b\\c:d*e?\"<>|": "a b c d e", "\u202egnp.exe": "gnp.exe", "  Zażółć  gęślą\tjaźń ": "Zażółć gęślą jaźń",
		strings.Repeat("ş", 200): strings.Repeat("ş", 60), ".hidden": "hidden", "\xff\xfe": "utkast",
	} {
		if got := fileName(subject, say); got != want {
			t.Errorf("fileName(%q) = %q, want %q", subject, got, want)
		}
	}
}

func TestDraft_WithoutAnAuthorOrAMessageSaysSo(t *testing.T) {
	f := newFakeStore()
	s := newService(t, f)
	m := f.addFrom("", "one@corp.test", "Offer", time.Minute, queue.Held, "bob@falcon.test")
	if err := s.Draft(t.Context(), m.ID); !errors.Is(err, ErrNoAuthor) {
		t.Errorf("err = %v", err)
	}
	if err := s.Draft(t.Context(), mail.NewID(clockNow, 1)); !errors.Is(err, queue.ErrNotFound) {
		t.Errorf("err = %v", err)
	}
	m = f.add("two@corp.test", "Offer", time.Minute, queue.Stopped, "bob@falcon.test")
	delete(f.bodies, m.ID)
	if err := s.Draft(t.Context(), m.ID); !errors.Is(err, queue.ErrBodyGone) {
		t.Errorf("err = %v", err)
	}
	// undo@ for what is no longer kept is answered all the same.
	handle(t, s, write(signedIn, "undo@belay.corp.test", fromAnna+"In-Reply-To: <two@corp.test>\n\n"))
	expect(t, f.plain(t), "had been stopped before")
}

func TestUndo_ALargeMailComesBackInAMailOfItsOwn(t *testing.T) {
	f := newFakeStore()
	m := f.add("one@corp.test", "Offer", time.Minute, queue.Held, "bob@falcon.test")
	m.Size = 6_000_000
	handle(t, newService(t, f), write(signedIn, "undo@belay.corp.test", fromAnna+"In-Reply-To: <one@corp.test>\n\n"))
	if len(f.posted) != 2 {
		t.Fatalf("%d mails, want the draft and the answer", len(f.posted))
	}
	if _, _, name, _ := draftOf(t, string(f.bodies[f.posted[0].ID])); name != "Offer.eml" {
		t.Errorf("the first one carries %q", name)
	}
	expect(t, f.plain(t), "Your mail is large (6 MB)")
}

// bigStore streams a body that stands nowhere, and hashes what is stored.
type bigStore struct {
	*fakeStore
	size    int64
	written int64
	sum     string
	largest int
}

func (b *bigStore) OpenBody(context.Context, mail.ID) (io.ReadCloser, error) {
	head := strings.NewReader("Subject: big\r\n\r\n")
	return io.NopCloser(io.MultiReader(head, io.LimitReader(zeros{}, b.size))), nil
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = '0'
	}
	return len(p), nil
}

func (b *bigStore) Put(_ context.Context, _ *queue.Message, write func(io.Writer) error) error {
	h := sha256.New()
	err := write(writerFunc(func(p []byte) (int, error) {
		b.written += int64(len(p))
		b.largest = max(b.largest, len(p))
		return h.Write(p)
	}))
	b.sum = fmt.Sprintf("%x", h.Sum(nil))
	return err
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

func TestDraft_OfABigMailIsStreamed(t *testing.T) {
	b := &bigStore{fakeStore: newFakeStore(), size: 50_000_000}
	m := b.add("one@corp.test", "Big", time.Minute, queue.Held, "bob@falcon.test")
	if err := newService(t, b).Draft(t.Context(), m.ID); err != nil {
		t.Fatal(err)
	}
	if b.written < b.size || b.largest > 1<<20 {
		t.Errorf("%d octets were written in pieces of up to %d", b.written, b.largest)
	}
}

func TestBurst_TellsEveryAdministrator(t *testing.T) {
	f := newFakeStore()
	s := newService(t, f, func(o *Options) { o.Admins = []string{"postmaster@corp.test", "emre@corp.test", "not an address"} })
	if err := s.Burst(t.Context(), Burst{Author: "anna@corp.test", Count: 501, Limit: 500, Wait: 2 * time.Hour}); err != nil {
		t.Fatal(err)
	}
	if len(f.posted) != 2 || f.posted[1].Envelope.Recipients[0].Address != "emre@corp.test" {
		t.Errorf("%d mails", len(f.posted))
	}
	expect(t, f.plain(t), "501 mails", "the limit is 500", "waits 2 hours", "belay held")
	f.full = errFull
	if err := s.Burst(t.Context(), Burst{Author: "anna@corp.test"}); !errors.Is(err, errFull) {
		t.Errorf("err = %v", err)
	}
}

func TestNotices_FitWhatEveryServerTakes(t *testing.T) {
	f := newFakeStore()
	subject := strings.Repeat("Zażółć gęślą jaźń i niezmiernie długi temat ", 20)
	f.add("one@corp.test", subject, time.Minute, queue.Held, "bob@falcon.test")
	f.add("two@corp.test", strings.Repeat("x", 900), 2*time.Minute, queue.Held, "bob@falcon.test")
	handle(t, newService(t, f), write(signedIn, "undo@belay.corp.test", fromAnna+"In-Reply-To: <one@corp.test>\n\n"))
	_, raw := f.last(t)
	draft := strings.Index(raw, "X-Unsent")
	for _, line := range strings.Split(raw[:draft], "\r\n") {
		if len(line) > 998 || strings.ContainsAny(line, "\r\n") || !isASCII(line) {
			t.Errorf("line of %d octets: %q", len(line), line)
		}
	}
}
