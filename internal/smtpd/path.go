package smtpd

import (
	"errors"
	"strings"
	"unicode/utf8"

	"belay/internal/mail"
)

// maxPath is the longest path with its angle brackets (RFC 5321 §4.5.3.1.3).
const maxPath = 256

var (
	errNeedsUTF8 = errors.New("an address beyond ASCII needs SMTPUTF8")
	errBrackets  = errors.New("put the address in angle brackets")
)

// cutPath takes a path off the front of what follows "MAIL FROM:" or "RCPT
// TO:": it gives the address as it came, without brackets and source route, and
// the parameters behind it. The address itself is not checked yet, since
// whether it may be UTF-8 depends on the parameters.
//
// Spaces in front of the path are let pass, as every server does; an address
// without brackets is not.
func cutPath(s string) (address, rest string, err error) {
	s = strings.TrimLeft(s, " ")
	if s == "" || s[0] != '<' {
		return "", "", errBrackets
	}
	end := closing(s)
	if end < 0 {
		return "", "", errors.New(`the address lacks its ">"`)
	}
	if end+1 > maxPath {
		return "", "", errors.New("the path is longer than 256 octets")
	}
	address, rest = s[1:end], s[end+1:]
	if rest != "" && rest[0] != ' ' {
		return "", "", errors.New("a space must follow the address")
	}
	address, err = dropRoute(address)
	return address, strings.Trim(rest, " "), err
}

// closing finds the ">" of the path that s begins with; one in quotes is none.
func closing(s string) int {
	quoted := false
	for i := 1; i < len(s); i++ {
		switch {
		case quoted && s[i] == '\\':
			i++
		case s[i] == '"':
			quoted = !quoted
		case s[i] == '>' && !quoted:
			return i
		}
	}
	return -1
}

// dropRoute takes a source route ("@a,@b:") off: it is accepted and ignored
// (RFC 5321 §3.3, appendix C).
func dropRoute(address string) (string, error) {
	if address == "" || address[0] != '@' {
		return address, nil
	}
	route, address, ok := strings.Cut(address, ":")
	if !ok {
		return "", errors.New("the source route does not end")
	}
	for hop := range strings.SplitSeq(route, ",") {
		if hop == "" || hop[0] != '@' {
			return "", errors.New("the source route is malformed")
		}
		if err := mail.CheckDomain(hop[1:]); err != nil {
			return "", err
		}
	}
	if address == "" {
		return "", errors.New("the source route leads nowhere")
	}
	return address, nil
}

// checkMailbox checks one address (RFC 5321 §4.1.2, RFC 6531 §3.3).
func checkMailbox(address string, utf8OK bool) error {
	if !utf8OK && mail.NeedsUTF8(address) {
		return errNeedsUTF8
	}
	if !utf8.ValidString(address) {
		return errors.New("the address is not UTF-8")
	}
	// A zone says something to one host alone, and may hold anything.
	if strings.HasSuffix(address, "]") && strings.IndexByte(address[strings.LastIndexByte(address, '[')+1:], '%') >= 0 {
		return errors.New("an address literal has no zone")
	}
	return mail.CheckAddress(address)
}

// isPostmaster tells whether address is the one name that needs no domain
// (RFC 5321 §4.5.1).
func isPostmaster(address string) bool { return strings.EqualFold(address, "postmaster") }
