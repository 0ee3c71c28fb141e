package mail

import (
	"errors"
	"net/netip"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"
)

// The longest parts of an address, in octets (RFC 5321 §4.5.3.1).
const (
	maxLocal   = 64
	maxDomain  = 255
	maxAddress = 254 // a path is 256 octets with its angle brackets
)

// domains maps a domain with letters beyond ASCII as browsers and mail
// programs do (UTS 46, not transitional), and leaves underscores alone.
var domains = idna.New(idna.MapForLookup(), idna.Transitional(false), idna.StrictDomainName(false))

// Split parts an address at the last "@" that stands outside quotes. Without
// one, all of it is the local part: "postmaster" alone is an address (RFC 5321
// §4.5.1). Nothing is changed or checked.
func Split(addr string) (local, domain string) {
	if at := splitAt(addr); at >= 0 {
		return addr[:at], addr[at+1:]
	}
	return addr, ""
}

func splitAt(addr string) int {
	if !strings.HasPrefix(addr, `"`) {
		return strings.LastIndexByte(addr, '@')
	}
	for i := 1; i < len(addr); i++ {
		switch addr[i] {
		case '\\':
			i++
		case '"':
			if at := strings.LastIndexByte(addr[i:], '@'); at >= 0 {
				return i + at
			}
			return -1
		}
	}
	return strings.LastIndexByte(addr, '@') // the quote never ends: no quote
}

// Key is the form in which addresses are compared and stored for looking up:
// the domain in lower case, as ASCII (IDNA) and without a final dot; the local
// part in lower case, composed (NFC), and in quotes only where it needs them.
// The standard lets a host tell Anna@ from anna@ (RFC 5321 §2.4); none that
// people write to does. The result is valid UTF-8 without NUL.
func Key(addr string) string {
	if isKey(addr) {
		return addr
	}
	addr = printable(addr)
	local, domain := Split(addr)
	local = quoteLocal(norm.NFC.String(strings.ToLower(unquoteLocal(local))))
	if domain = domainKey(domain); domain == "" {
		return local
	}
	return local + "@" + domain
}

// isKey tells whether an address already has the form that Key gives, as
// nearly all do.
func isKey(addr string) bool {
	at := -1
	for i := 0; i < len(addr); i++ {
		c := addr[i]
		switch {
		case c == '@':
			if at >= 0 {
				return false
			}
			at = i
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9', c == '-', c == '_':
		case c == '.':
			if i == 0 || i == len(addr)-1 || addr[i-1] == '.' || addr[i-1] == '@' || addr[i+1] == '@' {
				return false
			}
		case c == '+' && at < 0:
		default:
			return false
		}
	}
	return at > 0 && at < len(addr)-1
}

// Domain is the domain of an address in the form in which domains are
// compared (see Key), "" where it has none.
func Domain(addr string) string {
	_, domain := Split(addr)
	return domainKey(domain)
}

// DomainKey is the comparing form of a domain that stands alone.
func DomainKey(domain string) string { return domainKey(printable(domain)) }

func domainKey(domain string) string {
	domain = strings.TrimRight(domain, ".")
	if isASCII(domain) {
		return strings.ToLower(domain)
	}
	domain = norm.NFC.String(strings.ToLower(printable(domain)))
	if ascii, err := domains.ToASCII(domain); err == nil {
		return strings.TrimRight(ascii, ".") // other scripts have full stops of their own
	}
	return domain
}

// Base is the address without its detail: "anna+shop@corp.test" belongs to
// "anna@corp.test" (RFC 5233). It takes and gives the form of Key.
func Base(key string) string {
	local, domain := Split(key)
	plus := strings.IndexByte(local, '+')
	if plus <= 0 || local[0] == '"' {
		return key
	}
	if domain == "" {
		return local[:plus]
	}
	return local[:plus] + "@" + domain
}

// NeedsUTF8 tells whether an address can only travel with SMTPUTF8 (RFC 6531).
func NeedsUTF8(addr string) bool { return !isASCII(addr) }

// ValidAddress tells whether addr is a mailbox as SMTP writes it (RFC 5321
// §4.1.2, with UTF-8 as in RFC 6531 §3.3): CheckAddress says why not.
func ValidAddress(addr string) bool { return CheckAddress(addr) == nil }

// CheckAddress says what keeps addr from being a mailbox as SMTP writes it.
func CheckAddress(addr string) error {
	if len(addr) > maxAddress {
		return errors.New("an address has at most 254 octets")
	}
	at := splitAt(addr)
	if at < 0 {
		return errors.New(`an address needs an "@" and a domain`)
	}
	if err := checkLocal(addr[:at]); err != nil {
		return err
	}
	return CheckDomain(addr[at+1:])
}

func checkLocal(local string) error {
	switch {
	case local == "":
		return errors.New(`nothing stands before the "@"`)
	case len(local) > maxLocal && isASCII(local):
		return errors.New(`at most 64 octets may stand before the "@"`)
	case !utf8.ValidString(local):
		return errors.New(`the part before the "@" is not UTF-8`)
	case local[0] == '"':
		return checkQuoted(local)
	case !isLooseAtom(local):
		return errors.New(`the part before the "@" has a character where none may stand; put it in quotes`)
	}
	return nil
}

// checkQuoted checks a Quoted-string (RFC 5321 §4.1.2).
func checkQuoted(local string) error {
	if len(local) < 2 || local[len(local)-1] != '"' {
		return errors.New(`the quote before the "@" does not end`)
	}
	inner := local[1 : len(local)-1]
	for i := 0; i < len(inner); i++ {
		c := inner[i]
		if c == '\\' {
			i++
			if i == len(inner) {
				return errors.New(`the quote before the "@" does not end`)
			}
			c = inner[i]
		} else if c == '"' {
			return errors.New(`a quote inside a quoted address needs a backslash`)
		}
		if c < ' ' || c == 0x7f {
			return errors.New("an address has no control characters")
		}
	}
	return nil
}

// CheckDomain says what keeps domain from being one that SMTP can name: dotted
// labels of letters, digits, hyphens and underscores, or an address in
// brackets.
func CheckDomain(domain string) error {
	switch {
	case domain == "":
		return errors.New("the domain is empty")
	case len(domain) > maxDomain:
		return errors.New("a domain has at most 255 octets")
	case !utf8.ValidString(domain):
		return errors.New("the domain is not UTF-8")
	case domain[0] == '[':
		return checkLiteral(domain)
	}
	for label := range strings.SplitSeq(strings.TrimSuffix(domain, "."), ".") {
		if label == "" {
			return errors.New("the domain has an empty label")
		}
		if len(label) > 63 && isASCII(label) {
			return errors.New("a label of a domain has at most 63 octets")
		}
		if label[0] == '-' || label[len(label)-1] == '-' {
			return errors.New("a label of a domain may not begin or end with a hyphen")
		}
		for i := 0; i < len(label); i++ {
			if c := label[i]; c < 0x80 && !isAlnum(c) && c != '-' && c != '_' {
				return errors.New("the domain has a character that may not stand there")
			}
		}
	}
	if !isASCII(domain) {
		if _, err := domains.ToASCII(domain); err != nil {
			return errors.New("the domain is no internationalised domain name")
		}
	}
	return nil
}

// checkLiteral checks an address literal (RFC 5321 §4.1.3).
func checkLiteral(domain string) error {
	inner, ok := strings.CutSuffix(domain[1:], "]")
	if len(inner) > 5 && strings.EqualFold(inner[:5], "IPv6:") {
		inner = inner[5:]
	}
	if _, err := netip.ParseAddr(inner); !ok || err != nil {
		return errors.New("what stands in brackets is no IP address")
	}
	return nil
}

func isAlnum(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}

// isAtext is RFC 5322 §3.2.3, with UTF-8 (RFC 6532 §3.2).
func isAtext(c byte) bool {
	return isAlnum(c) || c >= 0x80 || strings.IndexByte("!#$%&'*+-/=?^_`{|}~", c) >= 0
}

// isLooseAtom is a Dot-string whose dots may stand anywhere: against RFC 5321
// §4.1.2, but "a..b@docomo.ne.jp" and "a.@docomo.ne.jp" are real people, and
// servers everywhere take mail for them.
func isLooseAtom(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] != '.' && !isAtext(s[i]) {
			return false
		}
	}
	return s != ""
}

func isDotAtom(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] == '.' {
			if i == 0 || i == len(s)-1 || s[i-1] == '.' {
				return false
			}
		} else if !isAtext(s[i]) {
			return false
		}
	}
	return s != ""
}

// unquoteLocal gives what a quoted local part means.
func unquoteLocal(local string) string {
	if len(local) < 2 || local[0] != '"' || local[len(local)-1] != '"' {
		return local
	}
	return unescape(local[1 : len(local)-1])
}

func unescape(s string) string {
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// quoteLocal puts a local part in quotes where it needs them.
func quoteLocal(local string) string {
	if isDotAtom(local) || local == "" {
		return local
	}
	var b strings.Builder
	b.WriteByte('"')
	for i := 0; i < len(local); i++ {
		if local[i] == '"' || local[i] == '\\' {
			b.WriteByte('\\')
		}
		b.WriteByte(local[i])
	}
	b.WriteByte('"')
	return b.String()
}

func isASCII[T string | []byte](s T) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
