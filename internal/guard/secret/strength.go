package secret

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// scoreOf says how sure it is that a value is a password or code: by what it
// looks like, and by how it hangs on its label. next tells that it stands right
// behind the sign or verb, last that its line ends with it.
func scoreOf(value string, l label, joined int, next, last bool, context string) float64 {
	bare := clean(value)
	if isPlaceholder(value) || isPlaceholder(bare) || isOrdinary(bare) {
		return 0
	}
	s := strength(bare)
	if l.kind == kindCode {
		s = codeStrength(bare)
	}
	score := 0.0
	switch {
	case s >= 0.8 && joined == bySign:
		score = 0.9
	case s >= 0.8 && joined == byVerb:
		score = 0.85
	case s >= 0.8:
		score = 0.7
	case l.bare && s >= 0.7 && joined == directly && next:
		score = 0.6
	case s >= 0.5 && joined == bySign && next:
		score = 0.7
	case s >= 0.5 && joined == byVerb && next:
		score = 0.55
	case s >= 0.25 && joined == bySign && next && last, s >= 0.25 && joined == byVerb && next && quoted(value):
		score = 0.45
		if hasAccount(context) {
			score = 0.65
		}
	}
	if hasAny(context, "example", "e.g.", "for instance", "np.", "na przyklad", "przykladow", "por ejemplo", "ejemplo", "p. ej", "ad esempio", "per esempio", "esempio", "ornegin", "ornek", "mesela",
		"for eksempel", "f.eks", "eksempel", "never use", "don't use", "do not use", "nie uzywa", "such as", "dummy", "like \"", "crossword", "krzyzowk", "slogan") {
		score *= 0.4
	}
	return score
}

// hasAccount tells whether a login is spoken of.
func hasAccount(context string) bool {
	return hasAny(context, "login", "user", "vpn", "wifi", "wi-fi", "wlan", "server", "serwer", "uzytkown", "konto", "account", "usuario", "utente", "kullanici", "hesap", "bruker", "nett", "sunucu",
		"admin", "portal", "zip", "pdf", "plik", "archiw", "fichero", "archivo", "file", "dosya", "fil ", "ssid", "router", "siec", "red ", "rete", "laptop", "cuenta", "account", "excel", "crm", "e-mail", "poczt", "correo", "posta")
}

// strength says how much a word looks like a password: letters, digits and signs
// mixed.
func strength(s string) float64 {
	n := utf8.RuneCountInString(s)
	if n < 4 || n > 100 || strings.ContainsAny(s, "\"”“»«,;[]") || strings.HasSuffix(s, "'s") || strings.HasSuffix(s, "’s") {
		return 0
	}
	var small, capital, digits, signs, changes int
	last := 0
	for i, r := range s {
		class := 0
		switch {
		case unicode.IsDigit(r):
			digits++
			class = 3
		case unicode.IsUpper(r):
			capital++
			class = 2
		case unicode.IsLetter(r):
			small++
			class = 1
		case r == '-' || r == '/' || r == '\'' || r == '’' || r == ',' || r == '.':
			class = 5
		default:
			signs++
			class = 4
		}
		if i > 0 && class != last && !(last == 2 && class == 1 && i == 1) {
			changes++
		}
		last = class
	}
	letters := small + capital
	switch {
	case letters > 0 && digits > 0 && (n >= 6 || signs > 0):
		return 0.9
	case letters > 0 && signs > 0 && n >= 5 && !strings.HasSuffix(s, "!") && !strings.HasSuffix(s, "?"):
		return 0.8
	case digits >= 4 && letters == 0 && n <= 12:
		return 0.7
	case letters > 0 && digits > 0:
		return 0.5
	case letters > 0 && capital > 0 && small > 0 && changes >= 2:
		return 0.6
	case letters > 0 && (signs > 0 || strings.Count(s, "-") >= 2):
		return 0.5
	case letters >= 5 && letters == n:
		return 0.25
	}
	return 0
}

// codeStrength is strength of what opens doors: digits, maybe with a letter or a
// sign of the keypad.
func codeStrength(s string) float64 {
	digits, n := 0, utf8.RuneCountInString(s)
	for _, r := range s {
		if unicode.IsDigit(r) {
			digits++
		} else if !strings.ContainsRune("#*- ", r) && !unicode.IsUpper(r) && n > 5 {
			return strength(s) - 0.3
		}
	}
	if digits >= 3 && n <= 10 {
		return 0.85
	}
	return 0
}

// ordinaryShape is what has letters and digits and is no password: times, dates,
// money, counts, links, addresses, names of files, versions.
var ordinaryShape = regexp.MustCompile(`(?i)^(?:` +
	`\d{1,2}[:.h]\d{2}(?:[:.]\d{2})?|\d{1,4}[./-]\d{1,2}[./-]\d{1,4}|` + // 14:30, 2024-03-10
	`[€$£]?\d+(?:[.,]\d+)*(?:[€$£%]|kr|zl|pln|eur|usd|nok|tl|try|gb|mb|kb|px|km|cm|mm|kg|h|min|am|pm|st|nd|rd|th|x|k)?|` +
	`\+?\d[\d ()-]{7,}|\S+@\S+\.\S+|(?:https?|ftp|www)\S*|v?\d+(?:\.\d+)+|` +
	`\S+\.(?:docx?|xlsx?|pptx?|pdf|zip|txt|csv|jpe?g|png|com|net|org|test|example|pl|es|it|tr|no|eu|io|local)(?:/\S*)?)$`)

// isOrdinary tells what is no password. Bare digits of a PIN's length are looked
// at elsewhere.
func isOrdinary(s string) bool {
	if s == "" {
		return true
	}
	digits := 0
	for i := range len(s) {
		if s[i] >= '0' && s[i] <= '9' {
			digits++
		}
	}
	if digits == len(s) {
		return digits < 3 || digits > 12 || len(s) == 4 && (strings.HasPrefix(s, "19") || strings.HasPrefix(s, "202")) && false
	}
	return digits > 0 && ordinaryShape.MatchString(s) || strings.Contains(s, "://") || strings.Contains(s, "www.")
}
