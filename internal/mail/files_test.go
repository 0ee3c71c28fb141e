package mail_test

import (
	"slices"
	"testing"

	"belay/internal/mail"
)

func TestEachFileShowsFilesAndAttachedMails(t *testing.T) {
	message := "Content-Type: multipart/mixed; boundary=b\r\n\r\n" +
		"--b\r\nContent-Type: text/plain\r\n\r\nhello\r\n" +
		"--b\r\nContent-Type: application/pdf; name=\"=?utf-8?Q?=C5=BC.pdf?=\"\r\nContent-Transfer-Encoding: base64\r\n\r\naGVs\r\nbG8=\r\n" +
		"--b\r\nContent-Type: text/plain\r\nContent-Disposition: attachment; filename=\"C:\\x\\a.txt\"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\na=3Db\r\n" +
		"--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: inner\r\n\r\nwords\r\n" +
		"--b--\r\n"
	files := func(message string, most int) (all []string) {
		mail.EachFile([]byte(message), func(a mail.Attachment, octets func() []byte) bool {
			all = append(all, a.Name+"|"+a.Type+"|"+string(octets()))
			return len(all) < most
		})
		return all
	}
	want := []string{"ż.pdf|application/pdf|hello", "a.txt|text/plain|a=b", "|message/rfc822|Subject: inner\r\n\r\nwords"}
	if got := files(message, 10); !slices.Equal(got, want) {
		t.Errorf("files %q, want %q", got, want)
	}
	if got := files(message, 1); !slices.Equal(got, want[:1]) {
		t.Errorf("the visit goes on: %q", got)
	}
	if got := files("Content-Type: application/pdf\r\nContent-Disposition: attachment; filename=all.pdf\r\n\r\n%PDF", 10); !slices.Equal(got, []string{"all.pdf|application/pdf|%PDF"}) {
		t.Errorf("a mail that is one file: %q", got)
	}
}
