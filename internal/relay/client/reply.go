package client

import (
	"bufio"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

const (
	maxReplyLine  = 2 << 10 // octets kept of a line; RFC 5321 §4.5.3.1.5 allows 512
	maxReplyLines = 256     // of one reply; more is no reply but a flood
	maxReplyText  = 1000    // octets kept of a reply's text
)

// Reply is a server's answer.
type Reply struct {
	Code     int    // 0: none came
	Enhanced string // "5.1.1" (RFC 3463); "" where the server gave none
	Text     string // all lines as one, printable, without the enhanced code
}

// OK, Temporary and Permanent are the classes 2, 4 and 5 (RFC 5321 §4.2.1).
func (r Reply) OK() bool        { return r.Code/100 == 2 }
func (r Reply) Temporary() bool { return r.Code/100 == 4 }
func (r Reply) Permanent() bool { return r.Code/100 == 5 }

// String is the reply as a server would write it, on one line.
func (r Reply) String() string {
	parts := make([]string, 0, 3)
	if r.Code != 0 {
		parts = append(parts, strconv.Itoa(r.Code))
	}
	for _, s := range []string{r.Enhanced, r.Text} {
		if s != "" {
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, " ")
}

var errFlood = fmt.Errorf("the server's reply has more than %d lines", maxReplyLines)

// readReply reads one reply (RFC 5321 §4.2): lines may end with a bare LF, and
// where lines disagree about the code the last one counts, as everywhere.
// Without lines the text of a 2xx or 3xx is not kept, because most are thrown
// away; lines gets every line's text.
func readReply(r *bufio.Reader, keep bool, lines func(text string)) (Reply, error) {
	var reply Reply
	var text strings.Builder
	for range maxReplyLines {
		line, err := readLine(r)
		if err != nil {
			return Reply{}, err
		}
		code, last, rest, err := splitLine(line)
		if err != nil {
			return Reply{}, err
		}
		reply.Code = code
		if keep || code >= 400 || lines != nil {
			enhanced, words := splitEnhanced(code, string(rest))
			if enhanced != "" {
				reply.Enhanced = enhanced
			}
			if lines != nil {
				lines(words)
			}
			addText(&text, words)
		}
		if last {
			reply.Text = text.String()
			return reply, nil
		}
	}
	return Reply{}, errFlood
}

// readLine gives a line without its end; of an over-long one the beginning. It
// is valid until the next read.
func readLine(r *bufio.Reader) ([]byte, error) {
	line, err := r.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		line = append(make([]byte, 0, maxReplyLine), line[:maxReplyLine]...)
		for skipped := 0; errors.Is(err, bufio.ErrBufferFull); {
			var more []byte
			more, err = r.ReadSlice('\n')
			if skipped += len(more); skipped > 1<<20 {
				return nil, errors.New("the server's reply has a line of more than 1 MiB")
			}
		}
	}
	if err != nil {
		return nil, err
	}
	for len(line) > 0 && (line[len(line)-1] == '\n' || line[len(line)-1] == '\r') {
		line = line[:len(line)-1]
	}
	return line[:min(len(line), maxReplyLine)], nil
}

func splitLine(line []byte) (code int, last bool, rest []byte, err error) {
	if len(line) < 3 || line[0] < '2' || line[0] > '5' || !digit(line[1]) || !digit(line[2]) ||
		len(line) > 3 && line[3] != ' ' && line[3] != '-' {
		return 0, false, nil, fmt.Errorf("the server's answer is no SMTP reply: %.80q", line)
	}
	code = int(line[0]-'0')*100 + int(line[1]-'0')*10 + int(line[2]-'0')
	if len(line) == 3 {
		return code, true, nil, nil
	}
	return code, line[3] == ' ', line[4:], nil
}

func digit(c byte) bool { return c >= '0' && c <= '9' }

// splitEnhanced takes an enhanced status code (RFC 2034 §4) off the text. One
// whose class contradicts the reply code is text like any.
func splitEnhanced(code int, text string) (enhanced, rest string) {
	word, rest, _ := strings.Cut(text, " ")
	if !IsEnhanced(word) || int(word[0]-'0') != code/100 {
		return "", text
	}
	return word, rest
}

// IsEnhanced tells whether s is an enhanced status code: class "." subject "."
// detail (RFC 3463 §2), e.g. 4.4.2.
func IsEnhanced(s string) bool {
	class, rest, _ := strings.Cut(s, ".")
	subject, detail, ok := strings.Cut(rest, ".")
	if !ok || class != "2" && class != "4" && class != "5" {
		return false
	}
	for _, part := range []string{subject, detail} {
		if len(part) < 1 || len(part) > 3 || strings.Trim(part, "0123456789") != "" {
			return false
		}
	}
	return true
}

// addText joins lines with a space, leaving out what could forge a line or is
// not text.
func addText(b *strings.Builder, words string) {
	if b.Len() > 0 && words != "" {
		words = " " + words
	}
	for _, c := range words {
		if c < ' ' || c == 0x7f || c == utf8.RuneError {
			c = '?'
		}
		if b.Len()+utf8.RuneLen(c) > maxReplyText {
			return
		}
		b.WriteRune(c)
	}
}
