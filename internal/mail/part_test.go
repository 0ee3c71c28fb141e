package mail_test

import (
	"bytes"
	"encoding/base64"
	"strings"
	"testing"
	"unicode/utf8"

	"belay/internal/mail"
)

const dsn = `From: MAILER-DAEMON@falcon.test
To: anna@corp.test
Subject: Undelivered
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

It did not arrive.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; falcon.test

--b
Content-Type: message/rfc822

Subject: the first
--b--
`

func TestP5_IsReport_KnowsOnlyWellFormedOnes(t *testing.T) {
	mdn := strings.NewReplacer("delivery-status; b", "disposition-notification; b", "message/delivery-status", "message/disposition-notification").Replace(dsn)
	for _, c := range []struct {
		name, reverse, message string
		want                   bool
	}{
		{"a DSN", "", dsn, true},
		{"a DSN cut off behind its report", "", dsn[:strings.Index(dsn, "Reporting")], true},
		{"an MDN", "", mdn, true},
		{"an alternative as the explanation", "", strings.Replace(dsn, "text/plain\n\nIt did", "multipart/alternative; boundary=c\n\n--c\n\nIt did\n--c--\n", 1), true},
		{"not from the null reverse-path", "anna@corp.test", dsn, false},
		{"only the header says so", "", strings.Replace(dsn, "message/delivery-status", "text/plain", 1), false},
		{"a file for an explanation", "", strings.Replace(dsn, "text/plain", "application/pdf", 1), false},
		{"of another report type", "", strings.Replace(dsn, "report-type=delivery-status", "report-type=feedback-report", 1), false},
		{"without a report type", "", strings.Replace(dsn, "report-type=delivery-status; ", "", 1), false},
		{"a mixed one", "", strings.Replace(dsn, "multipart/report", "multipart/mixed", 1), false},
		{"only the header of the mail comes back", "", strings.Replace(dsn, "message/rfc822", "text/rfc822-headers", 1), true},
		{"without the mail it is about", "", dsn[:strings.Index(dsn, "--b\nContent-Type: message/rfc822")] + "--b--\n", true},
		{"a file in the place of the mail", "", strings.Replace(dsn, "message/rfc822", "application/zip", 1), false},
		{"a file behind it", "", strings.Replace(dsn, "--b--", "--b\nContent-Type: application/zip\n\nx\n--b--", 1), false},
		{"a file that calls itself text", "", strings.Replace(dsn, "text/plain", "text/plain; name=list.txt", 1), false},
		{"a file inside the explanation", "", strings.Replace(dsn, "text/plain\n\nIt did", "multipart/mixed; boundary=c\n\n--c\nContent-Disposition: attachment\n\nIt did\n--c--\n", 1), false},
		{"an ordinary mail", "", "Subject: hi\n\nhi\n", false},
		{"one inside another mail", "", "Content-Type: multipart/mixed; boundary=x\n\n--x\n" + dsn + "\n--x--\n", false},
		{"nothing", "", "", false},
	} {
		if got := mail.IsReport(c.reverse, []byte(c.message)); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

const reply = `From: anna@corp.test
Content-Type: multipart/alternative; boundary=b

--b
Content-Type: text/plain

Anna accepts.
--b
Content-Type: text/calendar; method=REPLY; charset=utf-8
Content-Transfer-Encoding: base64

` + "QkVHSU46VkNBTEVOREFSDQpNRVRIT0Q6UkVQTFkNCkVORDpWQ0FMRU5EQVINCg==" + `
--b--
`

func TestP5_IsCalendarReply_LetsNothingElseThrough(t *testing.T) {
	plain := "Content-Type: text/calendar; method=CANCEL\n\nBEGIN:VCALENDAR\nMETHOD:CANCEL\nEND:VCALENDAR\n"
	for _, c := range []struct {
		name, message string
		want          bool
	}{
		{"an answer", reply, true},
		{"a cancellation", plain, true},
		{"without final boundary", strings.TrimSuffix(reply, "--b--\n"), true},
		{"the method only inside", strings.Replace(plain, "; method=CANCEL", "", 1), true},
		{"an invitation", strings.ReplaceAll(plain, "CANCEL", "REQUEST"), false},
		{"two methods", strings.Replace(plain, "END:V", "METHOD:REQUEST\nEND:V", 1), false},
		{"the methods differ", strings.Replace(plain, "METHOD:CANCEL", "METHOD:REQUEST", 1), false},
		{"no method inside", strings.Replace(plain, "METHOD:CANCEL\n", "", 1), false},
		{"a file attached to the event", strings.Replace(plain, "END:V", "ATTACH;VALUE=BINARY:aGk=\nEND:V", 1), false},
		{"a file beside it", strings.Replace(reply, "--b--", "--b\nContent-Type: application/pdf\n\nx\n--b--", 1), false},
		{"a text file beside it", strings.Replace(reply, "--b--", "--b\nContent-Disposition: attachment\n\nx\n--b--", 1), false},
		{"a text with a file's name", strings.Replace(reply, "--b--", "--b\nContent-Type: text/plain; name=salaries.txt\n\nx\n--b--", 1), false},
		{"a file behind a thousand texts", strings.Replace(reply, "--b--", strings.Repeat("--b\n\nx\n", 1000)+"--b\nContent-Type: application/pdf\n\nx\n--b--", 1), false},
		{"an ordinary mail", "Subject: METHOD:REPLY\n\nMETHOD:REPLY\n", false},
	} {
		for _, message := range []string{c.message, strings.ReplaceAll(c.message, "\n", "\r\n")} {
			if got := mail.IsCalendarReply([]byte(message), true); got != c.want {
				t.Errorf("%s: %v, want %v", c.name, got, c.want)
			}
		}
		if mail.IsCalendarReply([]byte(c.message), false) {
			t.Errorf("%s: known by its beginning", c.name)
		}
	}
}

func TestText_IsWhatAPersonReads(t *testing.T) {
	b64 := base64.StdEncoding.EncodeToString
	for _, c := range []struct{ name, message, want string }{
		{"plain", "Subject: x\r\n\r\none\r\ntwo\r\n", "one\ntwo\n"},
		{"no header", "\nonly a body\n", "only a body\n"},
		{"quoted-printable, iso-8859-2", "Content-Type: text/plain; charset=iso-8859-2\nContent-Transfer-Encoding: quoted-printable\n\nZa=BF=F3=\n=B3=E6  \n", "Zażółć\n"},
		{"base64, windows-1254", "Content-Type: text/plain; charset=windows-1254\nContent-Transfer-Encoding: BASE64\n\n" + b64([]byte("\xdei\xfeli")) + "\n", "Şişli"},
		{"iso-2022-jp", "Content-Type: text/plain; charset=ISO-2022-JP\n\n\x1b$B$3$s$K$A$O\x1b(B\n", "こんにちは\n"},
		{"raw octets without a charset", "Subject: x\n\ncaf\xe9\n", "café\n"},
		{"alternative", "Content-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/html\n\n<p>no</p>\n--b\nContent-Type: text/plain\n\nyes\n--b--\n", "yes"},
		{"html alone", "Content-Type: text/html; charset=utf-8\n\n<html><head><title>T</title><style>p{}</style></head><body><p>Nie&nbsp;wysy\u0142aj <b>te</b>go.</p><script>x</script><div>Dzi\u0119ki &lt;3</div>", "Nie wysyłaj tego.\n\nDzięki <3\n"},
		{"an empty text beside html", "Content-Type: multipart/alternative; boundary=b\n\n--b\n\n \n--b\nContent-Type: text/html\n\n<p>stop it</p>\n--b--\n", "stop it\n"},
		{"an attached text", "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Disposition: attachment; filename=a.txt\n\nno\n--b\n\nyes\n--b--\n", "yes"},
		{"nested, no final boundaries", "Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: multipart/related; boundary=ab\n\n--ab\n\nyes\n", "yes\n"},
		{"a multipart without boundary", "Content-Type: multipart/mixed\n\nx\n", ""},
		{"nothing", "", ""},
	} {
		if got := mail.Text([]byte(c.message)); strings.TrimRight(got, "\n") != strings.TrimRight(c.want, "\n") {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestAttached_GivesForwardedMessages(t *testing.T) {
	inner := "Message-ID: <a@b>\n\nhi"
	got := mail.Attached([]byte("Content-Type: multipart/mixed; boundary=b\n\n--b\n\nsee\n--b\nContent-Type: message/rfc822\n\n" + inner + "\n--b--\n"))
	if len(got) != 1 || string(got[0]) != inner {
		t.Errorf("got %q", got)
	}
}

func TestText_ReadsEveryMessageOfTheWorld(t *testing.T) {
	texts, all := 0, 0
	corpus(t, func(name string, message []byte) {
		text := mail.Text(message)
		checkText(t, name, text)
		mail.IsReport("", message)
		mail.IsCalendarReply(message, true)
		mail.Attached(message)
		all++
		if strings.TrimSpace(text) != "" {
			texts++
		}
	})
	if share := float64(texts) / float64(all); share < 0.90 {
		t.Errorf("found a text in %.3f of the messages", share)
	}
}

func checkText(t *testing.T, name, text string) {
	t.Helper()
	if !utf8.ValidString(text) || strings.Contains(text, "\r") {
		t.Errorf("%s: the text is not UTF-8 with line feeds: %.60q", name, text)
	}
}

func FuzzMessage(f *testing.F) {
	for _, s := range []string{dsn, reply, "Content-Type: multipart/mixed; boundary=\"\"\n\n--\n--\n", "Content-Type: multipart/mixed; boundary=b\n\n--b\n" + "Content-Type: multipart/mixed; boundary=b\n\n--b\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, message []byte) {
		checkText(t, "fuzzed", mail.Text(message))
		if mail.IsReport("a@b.test", message) {
			t.Error("a report from a person")
		}
		mail.IsCalendarReply(message, true)
		for _, m := range mail.Attached(message) {
			if len(m) > len(message) {
				t.Errorf("an attached message of %d octets in one of %d", len(m), len(message))
			}
		}
	})
}

func BenchmarkText(b *testing.B) {
	message := append([]byte(reply), bytes.Repeat([]byte("text\n"), 2000)...)
	b.SetBytes(int64(len(message)))
	for b.Loop() {
		mail.IsCalendarReply(message, true)
		mail.IsReport("", message)
	}
}
