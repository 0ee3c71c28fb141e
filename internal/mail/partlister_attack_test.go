package mail

import (
	"io"
	"testing"
)

// A file that one mail program shows and another does not must not slip by.
func TestPartLister_TwoContentTypesAreNotTrusted(t *testing.T) {
	const parts = "\r\n--x\r\nContent-Type: application/zip; name=a.zip\r\n\r\nPK\r\n--x--\r\n"
	for head, want := range map[string]bool{
		"Content-Type: multipart/mixed; boundary=x\r\n":                                 false,
		"Content-Type: text/plain\r\nContent-Type: multipart/mixed; boundary=x\r\n":     true,
		"Content-Type: multipart/mixed; boundary=x\r\nCONTENT-TYPE: text/plain\r\n":     true,
		"Subject: Content-Type: x\r\nContent-Type: multipart/mixed;\r\n boundary=x\r\n": false,
	} {
		l := NewPartLister()
		io.WriteString(l, head+parts)
		l.Close()
		if l.Truncated() != want {
			t.Errorf("%q: %v, want %v", head, l.Truncated(), want)
		}
	}
}
