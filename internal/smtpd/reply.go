package smtpd

import (
	"bufio"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Reply is what the client reads: a code (RFC 5321 §4.2), an enhanced code (RFC
// 3463; "" sends none) and a text, whose line feeds make it a reply of several
// lines. As an error it carries a refusal from the handler to the client.
type Reply struct {
	Code     int
	Enhanced string
	Text     string
}

func (r *Reply) Error() string {
	if r.Enhanced == "" {
		return fmt.Sprintf("%d %s", r.Code, r.Text)
	}
	return fmt.Sprintf("%d %s %s", r.Code, r.Enhanced, r.Text)
}

// Replies that handlers need too.
var (
	// BadPassword answers a user or password that is not right (RFC 4954 §6).
	// A session counts it.
	BadPassword = &Reply{535, "5.7.8", "user or password is not right"}
	// AuthLater answers a sign-in that could not be checked now: too many
	// tries, or the place that knows passwords is away (RFC 4954 §6).
	AuthLater = &Reply{454, "4.7.0", "cannot check the password now, try again later"}
	// Later answers a trouble of our own that will pass.
	Later = &Reply{451, "4.3.0", "trouble on our side, try again later"}
)

// maxText keeps a reply line within 512 octets with its codes and CRLF (RFC
// 5321 §4.5.3.1.5).
const maxText = 490

// replyOf gives what the client is told about err, and whether err said so
// itself.
func replyOf(err error, otherwise *Reply) (*Reply, bool) {
	var r *Reply
	if errors.As(err, &r) && r.Code >= 400 && r.Code <= 599 {
		return r, true
	}
	return otherwise, false
}

// writeReply puts r on the wire, its text made safe: printable ASCII, or UTF-8
// where the transaction allows it (RFC 6531 §3.7.4), no line over 512 octets.
func writeReply(w *bufio.Writer, r *Reply, utf8 bool) {
	if plain(r.Text) {
		writeLine(w, r, ' ', r.Text)
		return
	}
	lines := strings.Split(strings.ReplaceAll(r.Text, "\r", ""), "\n")
	for i, line := range lines {
		separator := byte('-')
		if i == len(lines)-1 {
			separator = ' '
		}
		writeLine(w, r, separator, clean(line, utf8))
	}
}

func writeLine(w *bufio.Writer, r *Reply, separator byte, text string) {
	w.WriteString(strconv.Itoa(r.Code))
	w.WriteByte(separator)
	if r.Enhanced != "" {
		w.WriteString(r.Enhanced)
		w.WriteByte(' ')
	}
	w.WriteString(text)
	w.WriteString("\r\n")
}

// plain tells whether text can go out as it is.
func plain(text string) bool {
	for i := range len(text) {
		if text[i] < ' ' || text[i] > '~' {
			return false
		}
	}
	return len(text) <= maxText
}

func clean(line string, utf8 bool) string {
	if !utf8 {
		line = withoutMarks(line)
	}
	line = strings.Map(func(r rune) rune {
		if r >= ' ' && r <= '~' || utf8 && r > 0x9f && r != '\uFFFD' {
			return r
		}
		return '?'
	}, line)
	if len(line) > maxText {
		line = strings.ToValidUTF8(line[:maxText], "")
	}
	return line
}

// withoutMarks writes a text of Europe's languages with ASCII letters, as
// people do who lack a key: "zażółć" is read as "zazolc", and better so than
// as question marks.
func withoutMarks(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFD.String(unmarked.Replace(text)))
}

// unmarked are the letters that have no decomposition, and the quotation marks
// and dashes that people's words come with.
var unmarked = strings.NewReplacer("ł", "l", "Ł", "L", "ı", "i", "ø", "o", "Ø", "O", "æ", "ae", "Æ", "Ae", "ß", "ss",
	"“", "\"", "”", "\"", "„", "\"", "«", "\"", "»", "\"", "’", "'", "‘", "'", "–", "-", "—", "-", "…", "...")
