package smtpd

import (
	"bufio"
	"strings"
	"testing"
)

func TestReply_WordsOfSixLanguagesStayReadableInASCII(t *testing.T) {
	for _, c := range []struct{ text, ascii string }{
		{"Dane płacowe – zażółć gęślą jaźń", "Dane placowe - zazolc gesla jazn"},
		{"İç yazışma dışarı çıkmaz", "Ic yazisma disari cikmaz"},
		{"Lønnslister sendes ikke på e-post, «aldri»", `Lonnslister sendes ikke pa e-post, "aldri"`},
		{"Información reservada: ¡no enviar!", "Informacion reservada: ?no enviar!"},
		{"Perché no? È così.", "Perche no? E cosi."},
		{"a\tb\x00", "a?b?"},
	} {
		for utf8, want := range map[bool]string{false: c.ascii, true: strings.NewReplacer("\t", "?", "\x00", "?").Replace(c.text)} {
			var out strings.Builder
			w := bufio.NewWriter(&out)
			writeReply(w, &Reply{550, "5.7.1", c.text}, utf8)
			w.Flush()
			if got := out.String(); got != "550 5.7.1 "+want+"\r\n" {
				t.Errorf("%q, UTF-8 %v: %q", c.text, utf8, got)
			}
		}
	}
}
