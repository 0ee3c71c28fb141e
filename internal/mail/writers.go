package mail

import (
	"slices"
	"strings"

	"golang.org/x/text/encoding"
)

// Writers are all addresses that the From and Sender fields of a header may
// show as its writer, wherever they stand and in whichever way they are read:
// an account must be allowed every one of them. It is stricter than Summary,
// which reads as far as is useful: of a field that names an address nobody can
// make out, it gives the field's own text, which is no address.
func (h Header) Writers() []string {
	charset := ""
	if v := h.Get("Content-Type"); v != "" {
		_, params := parseMediaType(v)
		charset = params["charset"]
	}
	var list []string
	eachField(h.Raw, func(f Field) {
		if f.Is("From") || f.Is("Sender") {
			list = append(list, writersOf(f.Value(), charset)...)
		}
	})
	slices.Sort(list)
	return slices.Compact(list)
}

func writersOf(value, charset string) []string {
	p := listParser{in: toUTF8(value, charset)}
	p.read()
	if p.open || len(p.out) >= maxMailboxes || len(p.out) == 0 && strings.Contains(value, "@") {
		return []string{cut(oneLine(strings.ToValidUTF8(value, "?")), 100)}
	}
	list := make([]string, len(p.out))
	for i, box := range p.out {
		list[i] = box.Address
	}
	if plain := withoutCharset(value); plain != p.in {
		for _, box := range ParseAddressList(plain, "") {
			if ValidAddress(box.Address) {
				list = append(list, box.Address)
			}
		}
	}
	return list
}

// withoutCharset is a value as a program reads it that knows no charset but
// UTF-8, and does not shift into Japanese.
func withoutCharset(value string) string {
	return strings.ToValidUTF8(shifts.Replace(value), "?")
}

var shifts = strings.NewReplacer("\x1b$B", "", "\x1b$@", "", "\x1b(B", "", "\x1b(J", "", "\x1b", "")

// keepsASCII tells whether a charset reads ASCII as ASCII, as every charset
// does that mail may stand in unencoded. One that does not would let a header
// hide its own addresses.
func keepsASCII(e encoding.Encoding) bool {
	const ascii = `Anna <anna@corp.test>, "b\c"; [=?~{}~]`
	decoded, err := e.NewDecoder().String(ascii)
	return err == nil && decoded == ascii
}
