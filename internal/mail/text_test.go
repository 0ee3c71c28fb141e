package mail

import (
	"strings"
	"testing"
	"time"
)

func TestTexts(t *testing.T) {
	head := "Content-Type: multipart/mixed; boundary=b\n\n--b\n"
	for _, c := range []struct{ name, message, want string }{
		{"a text", "Subject: x\n\nHello.\n", "Hello.\n"},
		{"two texts", head + "\nHello.\n--b\n\nPIN 4711\n--b--\n", "Hello.\nPIN 4711\n"},
		{"markup alone", "Content-Type: text/html\n\n<p>Hello.", "Hello.\n"},
		{"the same twice", head + "\nHello there,\nAnna.\n--b\nContent-Type: text/html\n\n<p>Hello\nthere,</p><p>Anna.</p>\n--b--\n", "Hello there,\nAnna.\n"},
		{"the markup says more", head + "\nHello.\n--b\nContent-Type: text/html\n\n<p>Hello.</p><p>PIN 4711</p>\n--b--\n", "Hello.\nPIN 4711\n"},
		{"a file", head + "\nHello.\n--b\nContent-Disposition: attachment; filename=a.txt\n\nfile\n--b--\n", "Hello.\n"},
		{"nothing", "", "\n"},
	} {
		if got := Texts([]byte(c.message)); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	begin := time.Now()
	Texts([]byte(head + "\n" + strings.Repeat("a b ", 1<<17) + "\n--b\nContent-Type: text/html\n\n" + strings.Repeat("<p>a b c", 1<<16) + "\n--b--\n"))
	if took := time.Since(begin); took > 2*time.Second {
		t.Errorf("it took %s", took)
	}
}
