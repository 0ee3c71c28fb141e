package mail

import (
	"bytes"
	"encoding/base64"
)

// transfer takes the transfer encoding off a body that comes in lines, or in
// pieces of very long ones, and hands it on. What is broken in it stays as it is.
type transfer struct {
	body     PartBody
	encoding string
	failed   bool
	carry    []byte // what waits for what comes next
	out      []byte
}

// write takes a line with its end, or a piece of one.
func (t *transfer) write(p []byte) {
	switch {
	case t.failed || len(p) == 0:
	case t.encoding == "base64":
		t.base64(p)
	case t.encoding == "quoted-printable":
		t.quotedPrintable(p)
	default:
		// The last line end belongs to the boundary behind the part.
		end := lineEndOf(p)
		t.hand(t.carry)
		if t.hand(p[:len(p)-end]); !t.failed {
			t.carry = append(t.carry[:0], p[len(p)-end:]...)
		}
	}
}

// end hands on what still waits, but for the last line end.
func (t *transfer) end(file Attachment) {
	if !t.failed {
		switch t.encoding {
		case "base64":
			t.hand(decodeBase64(t.carry))
		case "quoted-printable":
			t.hand(decodeQuotedPrintable(t.carry))
		}
	}
	t.body.End(file)
}

func (t *transfer) hand(p []byte) {
	if len(p) == 0 || t.failed {
		return
	}
	if _, err := t.body.Write(p); err != nil {
		t.failed, t.out, t.carry = true, nil, nil
	}
}

// base64 decodes whole groups of four; the rest waits.
func (t *transfer) base64(p []byte) {
	p = bytes.TrimRight(p, " \t\r\n")
	if len(t.carry) == 0 && len(p)%4 == 0 {
		t.out = append(t.out[:0], make([]byte, base64.StdEncoding.DecodedLen(len(p)))...)
		if n, err := base64.StdEncoding.Decode(t.out, p); err == nil {
			t.hand(t.out[:n])
			return
		}
	}
	for _, c := range p {
		switch {
		case isAlnum(c) || c == '+' || c == '/':
			t.carry = append(t.carry, c)
		case c == '=' && len(t.carry)%4 > 1: // the padding may stand in the middle
			if t.hand(decodeBase64(t.carry)); t.failed {
				return
			}
			t.carry = t.carry[:0]
		}
	}
	whole := len(t.carry) &^ 3
	if whole == 0 {
		return
	}
	if t.hand(decodeBase64(t.carry[:whole])); !t.failed {
		t.carry = t.carry[:copy(t.carry, t.carry[whole:])]
	}
}

// quotedPrintable decodes a line; of a piece the end waits that may be half of
// an escape, or blanks before a line end.
func (t *transfer) quotedPrintable(p []byte) {
	if len(t.carry) > 0 {
		t.carry = append(t.carry, p...)
		p = t.carry
	}
	rest := 0
	if p[len(p)-1] != '\n' {
		end := bytes.TrimRight(p, " \t\r")
		if i := bytes.LastIndexByte(end[max(0, len(end)-2):], '='); i >= 0 {
			end = bytes.TrimRight(end[:max(0, len(end)-2)+i], " \t\r")
		}
		rest = min(len(p)-len(end), maxBodyLine)
	}
	if t.hand(decodeQuotedPrintable(p[:len(p)-rest])); !t.failed {
		t.carry = append(t.carry[:0], p[len(p)-rest:]...)
	}
}
