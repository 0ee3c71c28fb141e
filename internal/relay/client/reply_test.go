package client

import (
	"bufio"
	"bytes"
	"strings"
	"testing"
)

func TestReplies(t *testing.T) {
	for octets, want := range map[string]Reply{
		"250 ok\r\n":                 {250, "", "ok"},
		"250\r\n":                    {250, "", ""},
		"250-\r\n250 \n":             {250, "", ""},
		"550 5.1.1 no such user\r\n": {550, "5.1.1", "no such user"},
		"550-5.1.1 no\r\n550-5.1.1 such\r\n550 5.1.1 u": {},
		"550-5.1.1 no\r\n550 5.1.1 such\r\n":            {550, "5.1.1", "no such"},
		"550 2.0.0 the classes contradict\r\n":          {550, "", "2.0.0 the classes contradict"},
		"550 5.1.1\r\n":                                 {550, "5.1.1", ""},
		"550 5.1111.1 no code\r\n":                      {550, "", "5.1111.1 no code"},
		"250-fine\r\n451 4.3.0 or not\r\n":              {451, "4.3.0", "fine or not"},
		"550 a\x00b\x1b[31m\xff\tc\r\n":                 {550, "", "a?b?[31m??c"},
		"650 x\r\n":                                     {},
		"hello\r\n":                                     {},
		"25\r\n":                                        {},
		"250_ok\r\n":                                    {},
	} {
		got, err := readReply(bufio.NewReader(strings.NewReader(octets)), true, nil)
		if got != want || (err != nil) != (want.Code == 0) {
			t.Errorf("%q reads as %+v, %v", octets, got, err)
		}
	}
}

func TestAnOverlongReplyIsCut(t *testing.T) {
	octets := "550-5.7.1 " + strings.Repeat("é", 10_000) + "\r\n550 5.7.1 end\r\n250 next\r\n"
	r := bufio.NewReaderSize(strings.NewReader(octets), 4<<10)
	got, err := readReply(r, true, nil)
	if err != nil || got.Code != 550 || got.Enhanced != "5.7.1" || len(got.Text) > maxReplyText || len(got.Text) < 900 {
		t.Errorf("%+v, %v (%d octets)", got, err, len(got.Text))
	}
	if next, _ := readReply(r, true, nil); next.Text != "next" {
		t.Errorf("the next reply reads as %+v", next)
	}
}

func FuzzReply(f *testing.F) {
	f.Add([]byte("250-a\r\n250 b\r\n"))
	f.Add([]byte("550 5.1.1 x\n"))
	f.Fuzz(func(t *testing.T, octets []byte) {
		r, err := readReply(bufio.NewReader(bytes.NewReader(octets)), true, nil)
		if err == nil && (r.Code < 200 || r.Code > 599) || len(r.Text) > maxReplyText || strings.ContainsAny(r.Text, "\r\n\x00") {
			t.Errorf("%q reads as %+v, %v", octets, r, err)
		}
	})
}

// FuzzStuffing feeds a body in two pieces and takes the dots off again.
func FuzzStuffing(f *testing.F) {
	f.Add([]byte(".a\r\n..b\r\n."), 3)
	f.Add([]byte("x\r\n.\r\n.\n.\r."), 2)
	f.Fuzz(func(t *testing.T, body []byte, cut int) {
		cut = max(0, min(cut, len(body)))
		var s stuffer
		out := s.append(s.append(nil, body[:cut]), body[cut:])
		lines := bytes.SplitAfter(out, []byte("\r\n"))
		for i, line := range lines {
			if len(line) > 0 && line[0] == '.' {
				if len(line) > 1 && line[1] != '.' {
					t.Fatalf("%q cut at %d: the line %q begins with a single dot", body, cut, line)
				}
				lines[i] = line[1:]
			}
		}
		if got := bytes.Join(lines, nil); !bytes.Equal(got, body) {
			t.Fatalf("%q cut at %d comes back as %q", body, cut, got)
		}
	})
}
