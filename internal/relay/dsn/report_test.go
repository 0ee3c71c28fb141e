package dsn_test

import (
	"bufio"
	"bytes"
	"errors"
	"flag"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"net/textproto"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"belay/internal/locale"
	"belay/internal/relay/dsn"
)

var update = flag.Bool("update", false, "write the golden files anew")

const letter = "From: Anna <anna@own.test>\r\nSubject: Offer\r\n\r\n..Hello\r\n.\r\n"

func opening(s string) func() (io.ReadCloser, error) {
	return func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(s)), nil }
}

var catalogue = sync.OnceValues(func() (*locale.Catalogue, error) { return locale.Load(dsn.Words()) })

// speaking are a notice's languages for a reader of one, an hour east of UTC.
func speaking(t testing.TB, code string) []*locale.Locale {
	t.Helper()
	words, err := catalogue()
	if err != nil {
		t.Fatal(err)
	}
	return dsn.Languages(words, words.For(code).In(time.FixedZone("", 3600)))
}

func TestWordsAreCompleteInSixLanguages(t *testing.T) {
	words, err := catalogue()
	if err != nil {
		t.Fatal(err)
	}
	if err := words.Complete(); err != nil {
		t.Fatal(err)
	}
}

var noon = time.Date(2026, 3, 9, 12, 0, 0, 0, time.UTC)

// report is a bounce as most are; change makes it a special one.
func report(t testing.TB, change func(*dsn.Report)) *dsn.Report {
	r := &dsn.Report{
		Languages: speaking(t, "en"),
		Kind:      dsn.Failed, Host: "belay.own.test", From: "MAILER-DAEMON@belay.own.test", To: "anna@own.test",
		MessageID: "n1@belay.own.test", Date: noon, EightBit: true, GiveUp: noon.Add(120 * time.Hour),
		Original: dsn.Original{ID: "0195-id", MessageID: "m1@own.test", Subject: "Offer", ReversePath: "anna@own.test",
			EnvID: "QQ+2B314", Arrived: noon.Add(-time.Hour), Size: int64(len(letter)), Open: opening(letter)},
		Recipients: []dsn.Recipient{{Address: "bob@there.test", ORcpt: "rfc822;robert+2Bx@there.test", Status: "5.1.1",
			Diagnostic: "550 5.1.1 no such user", Remote: "mail.there.test", LastTry: noon}},
	}
	if change != nil {
		change(r)
	}
	return r
}

func write(t testing.TB, r *dsn.Report) string {
	t.Helper()
	var b bytes.Buffer
	if err := r.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

var boundary = regexp.MustCompile(`belay-[A-Z2-7]+`)

// subjects are what the mails are called about which notices are written.
var subjects = map[string]string{
	"en": "Offer", "pl": "Oferta na żagle – ostateczna", "es": "Oferta de otoño para la señora Núñez", "it": "Novità sull’offerta",
	"tr": "Teklif: İkinci vinç için ğ, ş ve ı", "nb": "Tilbud på årets første båt",
}

// kinds are the notices that there are.
var kinds = map[string]func(*dsn.Report){
	"failed": nil,
	"delayed": func(r *dsn.Report) {
		r.Kind = dsn.Delayed
		r.Recipients[0].Status, r.Recipients[0].Diagnostic = "4.2.1", "450 4.2.1 greylisted"
		r.Recipients = append(r.Recipients, dsn.Recipient{Address: "eve@far.test", Status: "4.4.1", Reason: "connect to far.test: no route"})
	},
	"relayed": func(r *dsn.Report) {
		r.Kind = dsn.Relayed
		r.Recipients[0].Status, r.Recipients[0].Diagnostic = "2.0.0", "250 2.0.0 queued as 42"
	},
	"postmaster": func(r *dsn.Report) {
		r.Kind, r.To, r.Original.ReversePath = dsn.Postmaster, "postmaster@own.test", ""
	},
}

func TestNoticesSpeakTheReadersLanguage(t *testing.T) {
	for name, change := range kinds {
		_, english := parts(t, write(t, report(t, change)))
		for _, code := range locale.Codes {
			t.Run(name+"-"+code, func(t *testing.T) {
				r := report(t, change)
				r.Languages, r.Original.Subject = speaking(t, code), subjects[code]
				text := write(t, r)
				golden(t, name+"-"+code, text)
				if !isASCII(text) {
					t.Error("the notice needs 8BITMIME, which the way may not have")
				}
				header, all := parts(t, text)
				if all[1] != english[1] {
					t.Errorf("the part for programs differs from the English one:\n%s", all[1].body)
				}
				subject, err := new(mime.WordDecoder).DecodeHeader(header.Get("Subject"))
				if err != nil || subject != r.Subject() || !strings.HasSuffix(subject, ": "+subjects[code]) {
					t.Errorf("the subject reads %q, %v", subject, err)
				}
				if code != "en" && !strings.HasSuffix(all[0].body, strings.ReplaceAll(english[0].body, "Subject:    Offer", "Subject:    "+subjects[code])) {
					t.Errorf("the English text is not below the other one:\n%s", all[0].body)
				}
			})
		}
	}
}

// advised are the status codes for which there is advice.
var advised = []string{"5.1.1", "5.1.2", "5.1.3", "5.1.10", "5.2.1", "5.2.2", "5.2.3", "5.3.4", "5.4.7", "5.6.3", "5.6.7", "5.7.1"}

func TestEveryAdviceIsSaidInTheReadersLanguage(t *testing.T) {
	for _, code := range locale.Codes {
		said := map[string]string{}
		for _, status := range advised {
			r := report(t, func(r *dsn.Report) {
				r.Languages, r.Original.Open = speaking(t, code), nil
				r.Recipients = []dsn.Recipient{{Address: "bob@there.test", Status: status, Reason: "belay says so in English"}}
			})
			_, all := parts(t, write(t, r))
			hint, _, _ := strings.Cut(all[0].body[strings.Index(all[0].body, "bob@there.test"):], "\r\n\r\n")
			if strings.Contains(hint, "dsn.") || said[hint] != "" || strings.Contains(hint, "in English") != (code == "en") {
				t.Errorf("%s: of %s it says %q, as of %q", code, status, hint, said[hint])
			}
			said[hint] = status
		}
	}
}

func TestSpecialNotices(t *testing.T) {
	for name, change := range map[string]func(*dsn.Report){
		"international": func(r *dsn.Report) {
			r.Languages = speaking(t, "pl")
			r.To, r.Original.ReversePath = "änna@own.test", "änna@own.test"
			r.Original.Subject, r.Original.SMTPUTF8, r.Original.UTF8Head, r.Original.EightBit = "Oferta za żagle", true, true, true
			r.Original.Open = opening("Subject: Oferta za żagle\r\n\r\nCześć\r\n")
			r.Recipients[0].Address, r.Recipients[0].ORcpt = "böb@there.test", `utf-8;böb@there.test`
			r.Recipients[0].Diagnostic = "550 5.1.1 böb? nie"
		},
		"seven-bits": func(r *dsn.Report) { // a 5.6.7 must get through where there is no SMTPUTF8
			r.Original.Subject, r.Original.SMTPUTF8, r.Original.UTF8Head, r.Original.EightBit = "Oferta za żagle", true, true, true
			r.Original.Open = opening("Subject: Oferta za żagle\r\n\r\nCześć\r\n")
			r.Recipients[0] = dsn.Recipient{Address: "böb@there.test", ORcpt: `utf-8;b\x{F6}b@there.test`, Status: "5.6.7",
				Reason: "the address has letters beyond ASCII, and mail.there.test:25 does not offer SMTPUTF8"}
		},
	} {
		t.Run(name, func(t *testing.T) { golden(t, name, write(t, report(t, change))) })
	}
}

// golden compares a notice with the one that is kept.
func golden(t *testing.T, name, text string) {
	t.Helper()
	got := boundary.ReplaceAllString(text, "BOUNDARY")
	file := "testdata/" + name + ".eml"
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("the notice differs from %s (go test -update writes it anew):\n%s", file, got)
	}
}

func isASCII(s string) bool {
	return strings.IndexFunc(s, func(c rune) bool { return c >= 0x80 }) < 0
}

// part is one part of a notice, decoded.
type part struct {
	kind string
	body string
}

// parts reads a notice as a mail program does, and checks its frame.
func parts(t *testing.T, text string) (mail.Header, []part) {
	t.Helper()
	for line := range strings.SplitSeq(text, "\r\n") {
		if len(line) > 998 || strings.ContainsAny(line, "\r\n") {
			t.Fatalf("a line of %d octets, or with a bare line end: %.100q", len(line), line)
		}
	}
	m, err := mail.ReadMessage(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/report" {
		t.Fatalf("Content-Type %q: %v", m.Header.Get("Content-Type"), err)
	}
	var all []part
	for r := multipart.NewReader(m.Body, params["boundary"]); ; {
		p, err := r.NextRawPart()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		var body io.Reader = p
		if strings.EqualFold(p.Header.Get("Content-Transfer-Encoding"), "quoted-printable") {
			body = quotedprintable.NewReader(p)
		}
		content, err := io.ReadAll(body)
		if err != nil {
			t.Fatal(err)
		}
		kind, _, _ := mime.ParseMediaType(p.Header.Get("Content-Type"))
		all = append(all, part{kind, string(content)})
	}
	if len(all) < 2 || all[0].kind != "text/plain" || "message/"+params["report-type"] != all[1].kind {
		t.Fatalf("report-type %q with parts %+v", params["report-type"], all)
	}
	return m.Header, all
}

func TestHowMuchIsReturned(t *testing.T) {
	whole, head, none := "message/rfc822", "text/rfc822-headers", ""
	for name, test := range map[string]struct {
		change func(*dsn.Report)
		want   string
	}{
		"small, nobody said":        {nil, whole},
		"large, nobody said":        {func(r *dsn.Report) { r.Original.Size = 65 << 10 }, head},
		"large, all of it":          {func(r *dsn.Report) { r.Original.Size, r.Original.Ret = 65<<10, "FULL" }, whole},
		"far too large":             {func(r *dsn.Report) { r.Original.Size, r.Original.Ret = 2<<20, "FULL" }, head},
		"header only":               {func(r *dsn.Report) { r.Original.Ret = "HDRS" }, head},
		"a delay":                   {func(r *dsn.Report) { r.Kind, r.Original.Ret = dsn.Delayed, "FULL" }, head},
		"a success":                 {func(r *dsn.Report) { r.Kind, r.Original.Ret = dsn.Relayed, "FULL" }, head},
		"postmaster":                {func(r *dsn.Report) { r.Kind, r.Original.Ret = dsn.Postmaster, "FULL" }, head},
		"8-bit, way has it":         {func(r *dsn.Report) { r.Original.EightBit = true }, whole},
		"8-bit, way has not":        {func(r *dsn.Report) { r.Original.EightBit, r.EightBit = true, false }, head},
		"not there any more":        {func(r *dsn.Report) { r.Original.Open = nil }, none},
		"erased in the meantime":    {func(r *dsn.Report) { r.Original.Open = gone }, none},
		"a header in UTF-8":         {func(r *dsn.Report) { utf8Head(r) }, "message/global-headers"},
		"a header in some old code": {func(r *dsn.Report) { utf8Head(r); r.Original.Open = opening("Subject: \xb3\r\n\r\n") }, head},
	} {
		t.Run(name, func(t *testing.T) {
			r := report(t, test.change)
			_, all := parts(t, write(t, r))
			var got string
			if len(all) > 2 {
				got = all[2].kind
			}
			if got != test.want {
				t.Fatalf("returned as %q, want %q", got, test.want)
			}
			eightBit, utf := r.Traits()
			if utf || eightBit != (test.want == whole && r.Original.EightBit) {
				t.Errorf("traits %t %t", eightBit, utf)
			}
			switch {
			case test.want == whole && all[2].body != letter:
				t.Errorf("returned %q", all[2].body)
			case test.want == head && name != "a header in some old code" && all[2].body != "From: Anna <anna@own.test>\r\nSubject: Offer\r\n":
				t.Errorf("returned %q", all[2].body)
			}
		})
	}
}

func gone() (io.ReadCloser, error) { return nil, errors.New("erased") }

func utf8Head(r *dsn.Report) {
	r.Original.SMTPUTF8, r.Original.UTF8Head, r.Original.EightBit = true, true, true
	r.Original.Open = opening("Subject: żagle\r\n\r\nx\r\n")
}

// FuzzReport: whatever senders and servers write, a notice stays one mail with
// its parts, and each recipient's fields stay the recipient's.
func FuzzReport(f *testing.F) {
	f.Add("bob@there.test", "rfc822;a+40b", "QQ+0D+0AX: y", "550 no\r\nAction: delivered", "Sub\r\nBcc: x@y")
	f.Add("böb@there.test", "utf-8;\\x{F6}", "+", strings.Repeat("x", 3000), "--belay-")
	f.Fuzz(func(t *testing.T, address, orcpt, envid, diagnostic, subject string) {
		r := report(t, func(r *dsn.Report) {
			r.Recipients[0] = dsn.Recipient{Address: address, ORcpt: orcpt, Status: "5.0.0", Diagnostic: diagnostic, Remote: "mail.there.test"}
			r.Original.EnvID, r.Original.Subject = envid, subject
		})
		text := write(t, r)
		for i := range len(text) {
			if text[i] >= 0x80 {
				t.Fatalf("octet %#x in a 7-bit notice", text[i])
			}
		}
		header, all := parts(t, text)
		if len(header) != 10 {
			t.Fatalf("the header has %d fields: %v", len(header), header)
		}
		status := textproto.NewReader(bufio.NewReader(strings.NewReader(all[1].body + "\r\n")))
		if _, err := status.ReadMIMEHeader(); err != nil {
			t.Fatalf("fields of the message: %v in %q", err, all[1].body)
		}
		fields, err := status.ReadMIMEHeader()
		if err != nil || len(fields["Action"]) != 1 || fields.Get("Action") != "failed" || len(fields["Final-Recipient"]) != 1 {
			t.Fatalf("fields of the recipient: %v, %v", fields, err)
		}
	})
}
