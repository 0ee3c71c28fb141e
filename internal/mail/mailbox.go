package mail

import (
	"slices"
	"strings"
)

// Mailbox is a name and an address of a header field, as people see them:
// decoded, on one line, valid UTF-8.
type Mailbox struct {
	Name    string `json:"name,omitempty"`
	Address string `json:"address"` // as it came; compare by Key
}

// String is the mailbox as a person reads it: "Anna Nowak <anna@corp.test>".
func (m Mailbox) String() string {
	if m.Name == "" {
		return m.Address
	}
	return m.Name + " <" + m.Address + ">"
}

// ParseAddressList reads the value of an address field (RFC 5322 §3.4) the way
// mail programs do, which is to say whatever can be made out: groups, comments,
// routes, semicolons for commas, names without quotes, addresses without
// brackets. What holds no address gives nothing. charset is that of octets
// over 127 which are not UTF-8, "" where it is not known.
func ParseAddressList(value, charset string) []Mailbox {
	p := listParser{in: toUTF8(value, charset)}
	p.read()
	return p.out
}

// maxMailboxes is how many mailboxes of one field are read.
const maxMailboxes = 10_000

// listParser walks one address list. It splits before anything is decoded, so
// that a comma inside an encoded word separates nothing.
type listParser struct {
	in      string
	at      int
	out     []Mailbox
	words   []string // of the mailbox being read; quoted strings with their quotes
	comment string   // the last one of the mailbox being read
	angled  bool     // the mailbox being read had its <address>
	open    bool     // a comment never ended
	endless int      // quotes that never ended
}

func (p *listParser) read() {
	for p.at < len(p.in) && len(p.out) < maxMailboxes {
		p.step()
	}
	p.end()
}

// step reads one token.
func (p *listParser) step() {
	switch c := p.in[p.at]; c {
	case ' ', '\t', '\r', '\n':
		p.at++
	case ',', ';':
		p.at++
		p.end()
	case '(':
		p.comment = p.readComment()
	case '<':
		p.angle(p.readAngle())
	case '>':
		p.at++
	case ':':
		p.at++
		p.words, p.comment, p.angled = p.words[:0], "", false // that was a group's name
	default:
		p.words = append(p.words, p.readWord())
	}
}

// readWord takes what stands together: atoms, dots, quoted strings. An encoded
// word may hold the comma that it should not, but never hides an address.
func (p *listParser) readWord() string {
	from := p.at
	if _, n := parseWord(p.in[from:]); n > 0 && !strings.ContainsAny(p.in[from:from+n], "<>@\"") {
		p.at += n
	}
	for p.at < len(p.in) && strings.IndexByte(" \t\r\n,;(<>:", p.in[p.at]) < 0 {
		switch p.in[p.at] {
		case '"':
			p.skipQuoted()
		case '[':
			p.skipLiteral()
		default:
			p.at++
		}
	}
	return p.in[from:p.at]
}

// skipQuoted passes a quoted string. A quote that never ends is taken for a
// character like any other, so that it does not swallow the other mailboxes.
// Where many do not, ends are no longer looked for: a header of nothing but
// such quotes must not cost the square of its length.
func (p *listParser) skipQuoted() {
	for i := p.at + 1; i < len(p.in) && p.endless < 100; i++ {
		switch p.in[i] {
		case '\\':
			i++
		case '"':
			p.at = i + 1
			return
		}
	}
	p.endless++
	p.at++
}

// skipLiteral passes an address literal, in which colons are no group.
func (p *listParser) skipLiteral() {
	const longest = 64 // an IPv6 address with its tag and brackets
	n := strings.IndexAny(p.in[p.at:min(len(p.in), p.at+longest)], "] ,;<>")
	if n > 0 && p.in[p.at+n] == ']' {
		p.at += n
	}
	p.at++
}

// readComment takes a comment (RFC 5322 §3.2.2) and gives its text.
func (p *listParser) readComment() string {
	from, depth := p.at+1, 0
	for ; p.at < len(p.in); p.at++ {
		switch p.in[p.at] {
		case '\\':
			p.at++
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				text := p.in[from:p.at]
				p.at++
				return unescape(text)
			}
		}
	}
	p.at, p.open = len(p.in), true
	return unescape(p.in[min(from, p.at):])
}

// readAngle takes "<…>" and gives what stands in it. Without its end it goes
// on to the next separator.
func (p *listParser) readAngle() string {
	p.at++
	from := p.at
	for p.at < len(p.in) {
		switch p.in[p.at] {
		case '"':
			p.skipQuoted()
			continue
		case '>':
			p.at++
			return p.in[from : p.at-1]
		case ',', ';':
			if !strings.HasPrefix(strings.TrimLeft(p.in[from:p.at], " \t"), "@") { // no source route
				return p.in[from:p.at]
			}
		case '<':
			return p.in[from:p.at]
		}
		p.at++
	}
	return p.in[from:]
}

// angle adds the mailbox whose address stood in angle brackets.
func (p *listParser) angle(inner string) {
	address := cleanAddress(dropRoute(inner))
	if address != "" {
		name := p.name(p.words)
		if name == "" {
			name = DecodeWords(p.comment, "")
		}
		p.out = append(p.out, Mailbox{Name: name, Address: address})
	}
	p.words, p.angled = p.words[:0], true
}

// end closes the mailbox being read.
func (p *listParser) end() {
	for more := !p.angled && len(p.words) > 0; more && len(p.out) < maxMailboxes; {
		p.words = p.words[p.bare():]
		more = slices.ContainsFunc(p.words, func(w string) bool { return splitAt(w) >= 0 })
	}
	p.words, p.comment, p.angled = p.words[:0], "", false
}

// bare adds a mailbox without angle brackets: "anna@corp.test (Anna Nowak)",
// "Anna Nowak anna@corp.test", "anna @ corp . test". It says how many words are
// done with: some program will show the second of "anna@corp.test jan@corp.test".
func (p *listParser) bare() int {
	first, last := -1, -1
	for i, w := range p.words {
		if at := splitAt(w); at >= 0 {
			first, last = i, i
			if at == 0 && i > 0 {
				first = i - 1
			}
			if at == len(w)-1 && i+1 < len(p.words) {
				last = i + 1
			}
			break
		}
	}
	if first < 0 {
		if len(p.words) == 1 && isDotAtom(p.words[0]) { // "root", "postmaster"
			first, last = 0, 0
		} else {
			return len(p.words)
		}
	}
	for last+1 < len(p.words) && (strings.HasPrefix(p.words[last+1], ".") || strings.HasSuffix(p.words[last], ".")) {
		last++
	}
	address := cleanAddress(strings.Join(p.words[first:last+1], ""))
	if address == "" {
		return last + 1
	}
	name := p.name(p.words[:first])
	if name == "" {
		name = DecodeWords(p.comment, "")
	}
	p.out = append(p.out, Mailbox{Name: name, Address: address})
	return last + 1
}

// name makes a display name of words.
func (p *listParser) name(words []string) string {
	if len(words) == 0 {
		return ""
	}
	plain := make([]string, len(words))
	for i, w := range words {
		plain[i] = unquoteWord(w)
	}
	return DecodeWords(strings.Join(plain, " "), "")
}

// unquoteWord takes the quotes out of a word that has some.
func unquoteWord(w string) string {
	if strings.IndexByte(w, '"') < 0 {
		return w
	}
	var b strings.Builder
	for i := 0; i < len(w); i++ {
		switch {
		case w[i] == '\\' && i+1 < len(w):
			i++
			b.WriteByte(w[i])
		case w[i] != '"':
			b.WriteByte(w[i])
		}
	}
	return b.String()
}

// dropRoute takes the source route off an address (RFC 5322 §4.4: "@a,@b:x@c").
func dropRoute(inner string) string {
	inner = strings.TrimLeft(inner, " \t\r\n")
	if strings.HasPrefix(inner, "@") {
		if colon := strings.IndexByte(inner, ':'); colon >= 0 {
			return inner[colon+1:]
		}
	}
	return inner
}

// cleanAddress drops blanks and comments outside quotes, and control
// characters anywhere. It gives "" for what cannot be an address.
func cleanAddress(s string) string {
	if isKey(s) {
		return s
	}
	var b strings.Builder
	p := listParser{in: s}
	for p.at < len(p.in) {
		switch c := p.in[p.at]; {
		case c == '"':
			from := p.at
			p.skipQuoted()
			b.WriteString(printable(p.in[from:p.at]))
		case c == '(':
			p.readComment()
		case c <= ' ' || c == 0x7f:
			p.at++
		default:
			b.WriteByte(c)
			p.at++
		}
	}
	address := printable(b.String())
	if at := splitAt(address); at == 0 || at == len(address)-1 {
		return ""
	}
	return address
}
