package dsn

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

const dateForm = "Mon, 2 Jan 2006 15:04:05 -0700"

// status writes the part for programs (RFC 3464 §2).
func (r *Report) status(w *writer) {
	w.field("Reporting-MTA", "dns; "+r.Host)
	if id := unxtext(r.Original.EnvID); id != "" {
		w.field("Original-Envelope-Id", id)
	}
	if !r.Original.Arrived.IsZero() {
		w.field("Arrival-Date", r.Original.Arrived.Format(dateForm))
	}
	w.field("X-Belay-Id", r.Original.ID)
	for i := range r.Recipients {
		w.line("")
		r.recipient(w, &r.Recipients[i])
	}
	w.line("")
}

func (r *Report) recipient(w *writer, to *Recipient) {
	if kind, value, ok := strings.Cut(to.ORcpt, ";"); ok {
		w.field("Original-Recipient", ascii(kind)+"; "+r.originalAddress(kind, value))
	}
	w.field("Final-Recipient", r.finalAddress(to.Address))
	w.field("Action", r.Kind.action())
	status := to.Status
	if status == "" {
		status = r.Kind.status()
	}
	w.field("Status", status)
	if to.Remote != "" {
		w.field("Remote-MTA", "dns; "+to.Remote)
	}
	switch {
	case to.Diagnostic != "" && to.Remote != "":
		w.field("Diagnostic-Code", "smtp; "+r.plain(to.Diagnostic))
	case to.Reason != "":
		w.field("Diagnostic-Code", "x-belay; "+r.plain(to.Reason))
	}
	if !to.LastTry.IsZero() {
		w.field("Last-Attempt-Date", to.LastTry.Format(dateForm))
	}
	if r.Kind == Delayed && !r.GiveUp.IsZero() {
		w.field("Will-Retry-Until", r.GiveUp.Format(dateForm))
	}
}

func (k Kind) action() string {
	return [...]string{Failed: "failed", Delayed: "delayed", Relayed: "relayed", Postmaster: "failed"}[k]
}

// word is the kind in the catalogue.
func (k Kind) word() string {
	return [...]string{Failed: "failed", Delayed: "delayed", Relayed: "relayed", Postmaster: "postmaster"}[k]
}

// status is the code where no server gave one.
func (k Kind) status() string {
	return [...]string{Failed: "5.0.0", Delayed: "4.0.0", Relayed: "2.0.0", Postmaster: "5.0.0"}[k]
}

// finalAddress is the address as Final-Recipient has it: rfc822, or utf-8
// (RFC 6533 §3), in 7 bits where the notice is.
func (r *Report) finalAddress(address string) string {
	switch {
	case isASCII(address):
		return "rfc822; " + printable(address)
	case r.international():
		return "utf-8; " + printable(address)
	}
	return "utf-8; " + sevenBits(address)
}

// originalAddress is the address of ORCPT as Original-Recipient has it: xtext
// taken off (RFC 3464 §2.3.1), except for utf-8, whose own form is fit for
// both (RFC 6533 §3).
func (r *Report) originalAddress(kind, value string) string {
	if strings.EqualFold(kind, "utf-8") {
		if isASCII(value) || r.international() {
			return printable(value)
		}
		return sevenBits(value)
	}
	return unxtext(value)
}

// sevenBits writes an address in 7 bits: utf-8-addr-xtext of RFC 6533 §3.
func sevenBits(address string) string {
	var b strings.Builder
	for _, c := range address {
		if c > ' ' && c < 0x7f && c != '+' && c != '=' && c != '\\' {
			b.WriteRune(c)
		} else {
			fmt.Fprintf(&b, `\x{%X}`, c)
		}
	}
	return b.String()
}

// unxtext takes xtext off (RFC 3461 §4). What would not be one line of ASCII
// text, or is no xtext, stays as it came.
func unxtext(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c == '+' {
			if i+2 >= len(s) {
				return ascii(s)
			}
			high, low := hexDigit(s[i+1]), hexDigit(s[i+2])
			if high < 0 || low < 0 {
				return ascii(s)
			}
			c = byte(high<<4 | low)
			i += 2
		}
		if c < ' ' || c > '~' {
			return ascii(s)
		}
		b.WriteByte(c)
	}
	return b.String()
}

// hexDigit reads one digit of xtext, which knows capitals only; -1 is none.
func hexDigit(c byte) int { return strings.IndexByte("0123456789ABCDEF", c) }

// plain is text as the report may hold it.
func (r *Report) plain(s string) string {
	if r.international() {
		return printable(s)
	}
	return ascii(s)
}

// ascii makes one line of ASCII of anything.
func ascii(s string) string {
	return strings.Map(func(c rune) rune {
		if c >= utf8.RuneSelf {
			return '?'
		}
		return c
	}, printable(s))
}

// printable makes one line of text of anything.
func printable(s string) string {
	return strings.Map(func(c rune) rune {
		switch {
		case c == '\t' || c == '\r' || c == '\n':
			return ' '
		case unicode.IsControl(c) || c == utf8.RuneError || unicode.Is(unicode.Bidi_Control, c):
			return '?'
		}
		return c
	}, s)
}

func shorten(s string, runes int) string {
	if utf8.RuneCountInString(s) <= runes {
		return s
	}
	return string([]rune(s)[:runes-1]) + "…"
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func longLines(s string) bool {
	for line := range strings.SplitSeq(s, "\n") {
		if len(line) > 998 { // RFC 5322 §2.1.1
			return true
		}
	}
	return false
}

// field writes a header field, folded at spaces so that lines stay under 78
// octets where they can, and under 998 always (RFC 5322 §2.1.1).
func (w *writer) field(name, value string) {
	line := name + ":"
	for _, word := range strings.Fields(value) {
		for len(word) > 900 {
			w.line(line)
			line, word = " "+word[:900], word[900:]
		}
		if len(line)+1+len(word) > 77 && strings.TrimSpace(line) != name+":" {
			w.line(line)
			line = ""
		}
		line += " " + word
	}
	w.line(line)
}
