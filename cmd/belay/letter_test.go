package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"belay/internal/mail"
)

func TestLetterCanBeReadAgain(t *testing.T) {
	file := filepath.Join(t.TempDir(), "cennik żółty.txt")
	if err := os.WriteFile(file, []byte("dwanaście"), 0o600); err != nil {
		t.Fatal(err)
	}
	l := letter{from: "Anna Nowak <anna@corp.test>", to: []string{"bob@client.test", "Żaneta Łoś <zaneta@client.test>"}, cc: []string{"jan@corp.test"},
		subject: "Oferta – dwanaście złotych\r\nBcc: evil@x.test", body: "Dzień dobry,\n.\nkropka\n", attach: []string{file},
		now: time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)}
	text, err := l.bytes()
	if err != nil {
		t.Fatal(err)
	}
	s := mail.Summarize(text)
	if s.Subject != "Oferta – dwanaście złotych Bcc: evil@x.test" || len(s.Bcc) != 0 {
		t.Errorf("subject %q, Bcc %v", s.Subject, s.Bcc)
	}
	if len(s.To) != 2 || s.To[1].Address != "zaneta@client.test" || s.To[1].Name != "Żaneta Łoś" {
		t.Errorf("To %v", s.To)
	}
	if got := mail.Text(text); !strings.Contains(got, "Dzień dobry,\n.\nkropka") {
		t.Errorf("the text is %q", got)
	}
	if !bytes.Contains(text, []byte("attachment")) || bytes.Contains(bytes.ReplaceAll(text, []byte("\r\n"), nil), []byte("\n")) {
		t.Errorf("no attachment, or a bare line end:\n%s", text)
	}
	for _, line := range bytes.Split(text, []byte("\r\n")) {
		if len(line) > 998 {
			t.Errorf("a line of %d octets", len(line))
		}
	}
}
