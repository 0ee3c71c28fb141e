package peers

import (
	"strings"
	"testing"
)

const noticeOfOurs = "From: belay <re@belay.corp.test>\r\nTo: <jan@corp.test>\r\n" +
	"Reply-To: <re+abcdefghijklmnopqrstuvwxyz234567abcdefghijklmnopqrstuvwxyz@belay.corp.test>\r\n" +
	"Subject: =?utf-8?q?Zgoda=3F_=C5=BB=C3=B3=C5=82w?=\r\nMessage-ID: <1@belay.corp.test>\r\nAuto-Submitted: auto-generated\r\n" +
	"Content-Type: multipart/mixed; boundary=m\r\n\r\n--m\r\nContent-Type: multipart/alternative; boundary=a\r\n\r\n" +
	"--a\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nTak czy nie? =C5=BB\r\n" +
	"--a\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<a href=\"http://127.0.0.1:8025/stop/abc\">stop</a>\r\n--a--\r\n" +
	"--m\r\nContent-Type: message/rfc822\r\n\r\nSubject: inner\r\n\r\nhello\r\n--m--\r\n"

func TestALetterIsReadAndAnswered(t *testing.T) {
	l, err := ReadLetter([]byte(noticeOfOurs))
	if err != nil {
		t.Fatal(err)
	}
	if l.Subject != "Zgoda? Żółw" || l.To != "jan@corp.test" || strings.TrimSpace(l.Text) != "Tak czy nie? Ż" || l.Automatic != "auto-generated" {
		t.Errorf("read: %+v", l)
	}
	if len(l.Attached) != 1 || !strings.HasPrefix(string(l.Attached[0]), "Subject: inner") {
		t.Errorf("attached: %q", l.Attached)
	}
	if got := strings.Join(l.Links(), " "); got != "http://127.0.0.1:8025/stop/abc" {
		t.Errorf("links: %s", got)
	}
	if got := l.Tokens(); len(got) != 1 || got[0] != l.ReplyTo {
		t.Errorf("tokens: %v, answers go to %s", got, l.ReplyTo)
	}
	answer, err := ReadLetter(l.Answer(Reply{From: "Jan <jan@corp.test>", Text: "tak"}))
	if err != nil {
		t.Fatal(err)
	}
	if answer.To != l.ReplyTo || answer.References != "<1@belay.corp.test>" || answer.Subject != "Re: Zgoda? Żółw" {
		t.Errorf("the answer: %+v", answer)
	}
	if !strings.HasPrefix(answer.Text, "tak\n\n") || !strings.Contains(answer.Text, "\n> Tak czy nie? Ż") {
		t.Errorf("the answer's text: %q", answer.Text)
	}
}
