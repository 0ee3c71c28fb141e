package mistake

import (
	"strings"

	"belay/internal/mail"
)

// beside are the keys next to each on a keyboard.
var beside = map[byte]string{
	'q': "wa", 'w': "qes", 'e': "wrd", 'r': "etf", 't': "ryg", 'y': "tuh", 'u': "yij", 'i': "uok", 'o': "ipl", 'p': "ol",
	'a': "qsz", 's': "awdx", 'd': "sefc", 'f': "drgv", 'g': "fthb", 'h': "gyjn", 'j': "hukm", 'k': "jil", 'l': "ko",
	'z': "asx", 'x': "zsdc", 'c': "xdfv", 'v': "cfgb", 'b': "vghn", 'n': "bhjm", 'm': "njk",
	'1': "2", '2': "13", '3': "24", '4': "35", '5': "46", '6': "57", '7': "68", '8': "79", '9': "80", '0': "9",
}

// mistyped is an address as a hand slips: one slip, or two in one of five, in the
// local part or, in two of five, in the domain. "" where no slip makes an address
// that nobody has.
func (m *Maker) mistyped(address string, dice *dice) string {
	local, domain := mail.Split(address)
	for range 20 {
		l, d := local, domain
		slips := 1
		if dice.chance(0.2) {
			slips = 2
		}
		inDomain := dice.chance(0.4)
		for range slips {
			if inDomain {
				d = slipped(d, dice)
			} else {
				l = slipped(l, dice)
			}
		}
		made := l + "@" + d
		if mail.Key(made) == mail.Key(address) || !mail.ValidAddress(made) || strings.Contains(made, "..") || m.known(made) != nil || !strings.Contains(d, ".") {
			continue
		}
		return made
	}
	return ""
}

// slipped is a word with one slip: two letters swapped, one left out, one
// doubled, or one taken from the next key.
func slipped(word string, dice *dice) string {
	var at []int // letters and digits; dots stay
	for i := range len(word) {
		if c := word[i] | 0x20; c >= 'a' && c <= 'z' || word[i] >= '0' && word[i] <= '9' {
			at = append(at, i)
		}
	}
	if len(at) < 3 {
		return word
	}
	i := at[dice.n(len(at))]
	switch dice.n(4) {
	case 0:
		if i+1 < len(word) && word[i] != word[i+1] && word[i+1] != '.' {
			return word[:i] + word[i+1:i+2] + word[i:i+1] + word[i+2:]
		}
	case 1:
		return word[:i] + word[i+1:]
	case 2:
		return word[:i+1] + word[i:]
	}
	near := beside[word[i]|0x20]
	if near == "" {
		return word
	}
	return word[:i] + string(near[dice.n(len(near))]) + word[i+1:]
}

// freeMail are the providers at which a twin is made.
var freeMail = []string{"gmail.com", "hotmail.com", "yahoo.com", "outlook.com", "aol.com", "icloud.com"}

// privateTwin is the private mailbox of somebody: one that was seen, else one
// that is made up of the names. ok is false where there can be none.
func (d *draw) privateTwin(p *person, dice *dice) (l leak, ok bool) {
	if p.free || p.first == "" || p.family == "" {
		return l, false
	}
	for _, other := range d.m.named[p.first+" "+p.family] {
		if other.free && other != p && d.free(other) {
			return leak{other, other.address, other.name}, true
		}
	}
	forms := []string{p.first + "." + p.family, p.first + p.family, p.first + "_" + p.family, p.first[:1] + p.family}
	for range 8 {
		made := forms[dice.n(len(forms))] + "@" + freeMail[dice.n(len(freeMail))]
		if mail.ValidAddress(made) && d.m.known(made) == nil {
			return leak{nil, made, p.name}, true
		}
	}
	return l, false
}
