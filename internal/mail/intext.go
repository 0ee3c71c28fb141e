package mail

import (
	"slices"
	"strings"
)

// AddressesIn finds up to n addresses in a text, each once, as Key.
func AddressesIn(text string, n int) (found []string) {
	for len(found) < n {
		at := strings.IndexByte(text, '@')
		if at < 0 {
			return found
		}
		from, to := at, at+1
		for from > 0 && inAddress(text[from-1]) {
			from--
		}
		for to < len(text) && inAddress(text[to]) {
			to++
		}
		address := strings.Trim(text[from:to], ".-'")
		text = text[to:]
		if _, domain := Split(address); !strings.Contains(domain, ".") || !ValidAddress(address) {
			continue
		}
		if key := Key(address); !slices.Contains(found, key) {
			found = append(found, key)
		}
	}
	return found
}

// inAddress tells whether a character may stand in an address as people write
// them into texts.
func inAddress(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c >= 0x80 || strings.IndexByte(".-_+'", c) >= 0
}
