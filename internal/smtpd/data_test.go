package smtpd

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// send hands msg in by DATA, stuffing dots, or by BDAT in pieces of the given
// size.
func sendData(msg string) string {
	stuffed := strings.ReplaceAll("\r\n"+msg, "\r\n.", "\r\n..")[2:]
	return hello + from + to + "DATA\r\n" + stuffed + ".\r\nQUIT\r\n"
}

func sendBDAT(msg string, piece int) string {
	var b strings.Builder
	b.WriteString(hello + from + to)
	for len(msg) > piece {
		fmt.Fprintf(&b, "BDAT %d\r\n%s", piece, msg[:piece])
		msg = msg[piece:]
	}
	fmt.Fprintf(&b, "BDAT %d LAST\r\n%sQUIT\r\n", len(msg), msg)
	return b.String()
}

func TestP4_WhatComesInIsWhatTheHandlerGets(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	words := []string{"\r\n", "\r\n", ".", "..", ".\r\n", "a", "\x00", "\xff\xfe", "ż", " ", "QUIT\r\n", "\r\n.a", strings.Repeat("x", 1000), strings.Repeat("long ", 30_000)}
	messages := []string{"", "\r\n", ".\r\n", "..\r\n", "\r\n.\r\n", "Subject: x\r\n\r\n.\r\n..\r\n...\r\n", strings.Repeat("x", 300_000) + "\r\n", strings.Repeat(".\r\n", 50_000)}
	for range 200 {
		var b strings.Builder
		for range random.IntN(40) {
			b.WriteString(words[random.IntN(len(words))])
		}
		b.WriteString("\r\n")
		messages = append(messages, b.String())
	}
	for i, msg := range messages {
		for way, say := range map[string]string{"DATA": sendData(msg), "BDAT": sendBDAT(msg, 1+random.IntN(len(msg)/3+10))} {
			h := &recorder{}
			step := []int{0, 0, 1 + random.IntN(100_000), 1 + random.IntN(3)}[i%4]
			if len(msg) > 20_000 && step < 100 {
				step = 1000
			}
			said := play(t, relayOptions(), h, loopback, say, step)
			got := h.committed()
			if len(got) != 1 || string(got[0].data) != msg {
				t.Fatalf("message %d (%d octets) by %s, %d octets at a time: not the same; replies %q", i, len(msg), way, step, said)
			}
			for n, piece := range got[0].pieces {
				if piece < pieceSize && n < len(got[0].pieces)-1 {
					t.Errorf("message %d by %s: piece %d of %d has %d octets only", i, way, n, len(got[0].pieces), piece)
					break
				}
			}
		}
	}
}

// What smuggles a second message through servers that take other line ends for
// the end of data (CVE-2023-51764 and its kin): for belay each of these is one
// message, and not fit to be passed on.
func TestData_NothingIsSmuggled(t *testing.T) {
	inner := "MAIL FROM:<evil@corp.test>\r\nRCPT TO:<victim@corp.test>\r\nDATA\r\nSubject: smuggled\r\n\r\nevil\r\n"
	for _, end := range []string{
		"\n.\n", "\n.\r\n", "\r\n.\n", "\r.\r", "\r.\r\n", "\r\n.\r", "\n.\r", "\r.\n", "\r\r\n.\r\r\n", "\r\n.\r\r\n", "\r\n\n.\n",
		"\n.\n\r\n", "\r\n.\n\r\n", "\r\n.\x00\n", "\n\r.\n\r", "\x0b.\x0b\n", "\r\n\x00.\r\n\n", "\r\n.\rX",
	} {
		say := hello + from + to + "DATA\r\nSubject: outer\r\n\r\nouter" + end + inner + ".\r\nNOOP\r\n"
		for _, step := range []int{0, 1, 2, 3, 5} {
			h := &recorder{}
			got := replies(t, play(t, relayOptions(), h, loopback, say, step))
			if len(h.messages) != 1 || len(h.committed()) != 0 {
				t.Fatalf("%q: %d messages, %d committed", end, len(h.messages), len(h.committed()))
			}
			expect(t, got[4:], "354", "554 5.6.0", "250 2.0.0 still here")
		}
	}
}

func TestCommands_NothingIsSmuggledBehindALineFeed(t *testing.T) {
	got := replies(t, play(t, relayOptions(), &recorder{}, loopback,
		hello+"NOOP\nMAIL FROM:<evil@corp.test>\r\nRCPT TO:<bob@far.test>\r\nNOOP\r"+"RSET\r\nNOOP\n\nNOOP\n\r\nQUIT\r\n", 0))
	// Each line feed is answered; nothing up to the next CRLF is obeyed.
	expect(t, got[2:], "500 5.5.2", "500 5.5.2", "503 5.5.1", "500 5.5.2", "500 5.5.2", "500 5.5.2", "500 5.5.2", "500 5.5.2", "221")
}

func TestStray_AgreesWithTheNaiveReading(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	alphabet := "\r\n\r\n.ab"
	for range 100_000 {
		msg := make([]byte, random.IntN(12))
		for i := range msg {
			msg[i] = alphabet[random.IntN(len(alphabet))]
		}
		want := naive(msg)
		found, cr := false, false
		for rest := msg; len(rest) > 0; {
			n := 1 + random.IntN(len(rest))
			var f bool
			f, cr = stray(rest[:n], cr)
			found = found || f
			if f {
				break
			}
			rest = rest[n:]
		}
		if found != want {
			t.Fatalf("%q: found %v, want %v", msg, found, want)
		}
		if !found && cr != bytes.HasSuffix(msg, []byte("\r")) {
			t.Fatalf("%q: ends in CR: %v", msg, cr)
		}
	}
}

// naive tells whether msg has CR or LF outside CRLF, a final CR not counted.
func naive(msg []byte) bool {
	for i, c := range msg {
		if c == '\n' && (i == 0 || msg[i-1] != '\r') || c == '\r' && i < len(msg)-1 && msg[i+1] != '\n' {
			return true
		}
	}
	return false
}
