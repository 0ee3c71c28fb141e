package secret

import (
	"regexp"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"belay/internal/reading"
)

// Passwords and codes that no label leads to: what looks like nothing else, in a
// sentence or a mail that speaks of logging in or of a door.

// logins are words that speak of logging in, folded, as words begin.
var logins = strings.Fields(`password log-in login logon logged credential sign-in username userid haslo zalog logow dostep wygas uzytkownik contrasena clave acceso acceder usuario
	password credenzial accesso accedi utente scadut sifre parola giris kullanici passord innlogging brukernavn palogging`)

// looksLikePassword tells words that are hardly anything else: letters of both
// kinds or a sign in the middle, and digits.
func looksLikePassword(s string) bool {
	n := utf8.RuneCountInString(s)
	if n < shortestPassword || n > 40 || isOrdinary(s) || isPlaceholder(s) || strings.ContainsAny(s, "/\\<>()[]{}=:;,@\"'“”’") {
		return false
	}
	var small, capital, digits, signs int
	for i, r := range s {
		switch {
		case unicode.IsDigit(r):
			digits++
		case unicode.IsUpper(r):
			capital++
		case unicode.IsLetter(r):
			small++
		case strings.ContainsRune(signsInside, r):
			if i > 0 && i < len(s)-1 {
				signs++
			}
		case r != '-' && r != '.':
			return false
		}
	}
	kinds := 0
	for _, k := range [...]int{small, capital, digits, signs} {
		if k > 0 {
			kinds++
		}
	}
	return kinds >= 3 && small >= 2 && (signs > 0 || digits > 0 && digits < n/2)
}

// unlabelled looks for passwords by their looks, in a text about logging in.
func unlabelled(subject, text string) (all []found) {
	if len(text) > maxUnlabelled {
		text = text[:maxUnlabelled]
	}
	about := sync.OnceValue(func() bool { return hasBeginning(reading.Fold(subject), logins) })
	for line := range strings.Lines(text) {
		if !strings.ContainsAny(line, "0123456789!#$%&_") {
			continue
		}
		words := line
		if !mayBePassword(line) {
			words = ""
		}
		for w := range strings.FieldsSeq(words) {
			if len(w) < shortestPassword || !mayBePassword(w) {
				continue
			}
			bare := clean(w)
			if !looksLikePassword(bare) {
				continue
			}
			at := strings.Index(line, w)
			around := reading.Fold(line[max(0, at-farLogin):min(len(line), at+len(w)+farLogin)])
			if about() || hasBeginning(around, logins) || hasAny(around, "log on ", "log in ", "logg inn", "entra con", "entrar con", "accedi con", "entri con") || isPair(reading.Fold(line), bare) {
				all = append(all, found{kind: kindPassword, text: bare, score: 0.65})
			}
		}
		if hasDoorWord(line) {
			all = append(all, doorCodes(line)...)
		}
	}
	return all
}

// shortestPassword is how many letters a password by its looks has at the least.
const shortestPassword = 7

// mayBePassword is a quick look for what looksLikePassword wants: small letters,
// and a digit or a sign.
func mayBePassword(w string) bool {
	all := uint8(0)
	for i := range len(w) {
		if all |= passwordOctets[w[i]]; all == 3 {
			return true
		}
	}
	return false
}

// passwordOctets are 1 for small letters, 2 for digits and signs; beyond ASCII
// there are both.
var passwordOctets = func() (is [256]uint8) {
	for c := range is {
		switch {
		case c >= utf8.RuneSelf:
			is[c] = 3
		case 'a' <= c && c <= 'z':
			is[c] = 1
		case '0' <= c && c <= '9' || strings.IndexByte(signsInside, byte(c)) >= 0:
			is[c] = 2
		}
	}
	return is
}()

// signsInside are signs that passwords have in the middle.
const signsInside = "!#$%&_*+^?~"

// hasDoorWord is a quick look for what doorCodes wants: a word of doors.
func hasDoorWord(line string) (has bool) {
	for i := range len(line) {
		if line[i] >= utf8.RuneSelf {
			line = reading.Fold(line)
			break
		}
	}
	doorWords.each(line, func(int, int) bool {
		has = true
		return false
	})
	return has
}

var doorWords = newAutomaton(doors)

// isPair tells "admin / Zima2024": a name, a slash and the word at the beginning
// of a line.
func isPair(line, word string) bool {
	name, rest, ok := strings.Cut(line, " / ")
	return ok && len(strings.Fields(name)) <= 2 && strings.HasPrefix(strings.TrimSpace(rest), reading.Fold(word))
}

// farLogin is how far around a password its login is spoken of, in octets.
const farLogin = 90

// maxUnlabelled is how much of a text is looked at, in octets.
const maxUnlabelled = 64 << 10

// hasBeginning tells whether a word of a folded text begins with one of a list.
func hasBeginning(text string, list []string) bool {
	for _, w := range list {
		for rest, at := text, 0; ; {
			i := strings.Index(rest, w)
			if i < 0 {
				break
			}
			if at += i; at == 0 || !isASCIILetter(text[at-1]) {
				return true
			}
			at += len(w)
			rest = text[at:]
		}
	}
	return false
}

// opens are words for typing a code in, folded, as words begin.
var opens = strings.Fields(`type typing enter key punch press dial unset opens code wpis wstuk nacisn dziala otwiera kod marca marcad teclea teclead teclado pulsa abre quitar desactiv codigo
	digit premi premere inserisc apre aprire codice tusla basin bas kapatin acilir acin sifre kod tast trykk slas apnes apner kode tick`)

var (
	codeShape  = regexp.MustCompile(`(?:^|[\s(:"„“])((?:\d{4,6}[A-Z]?[#*]?|\d(?:[ -]\d){3,5}(?:-[A-Z])?))(?:[\s.,;!?)"”+]|$)`)
	turnsShape = regexp.MustCompile(`\b(?:\d{1,2}\s+(?:[a-z]{1,3}\s+)?(?:left|right|destra|sinistra|prawo|lewo|derecha|izquierda|hoyre|venstre)|(?:left|right|saga|sola|destra|sinistra|derecha|izquierda)\s+(?:to\s+|a\s+)?\d{1,2})\b`)
	noCode     = regexp.MustCompile(`^\W*(?:zl|pln|eur|euro|usd|nok|kr|tl|try|gbp|kg|km|m2|mb|gb|osob|people|persone|personas|kisi|stk|szt|pcs|ore|hours|r\b|roku|yil\b|ar\b|days)`)
)

// doorCodes finds "the keypad: 4408": a few digits in a sentence of a door and of
// typing, and the turns of a safe.
func doorCodes(line string) (all []found) {
	folded := reading.Fold(line)
	if !hasBeginning(folded, doors) {
		return nil
	}
	if m := turnsShape.FindAllString(folded, 4); len(m) >= 2 {
		return []found{{kind: kindCode, text: strings.Join(m, " "), score: 0.75}}
	}
	for _, m := range codeShape.FindAllStringSubmatchIndex(strings.ToUpper(folded), 8) {
		around := folded[max(0, m[2]-farDoor):min(len(folded), m[3]+farDoor/2)]
		code := folded[m[2]:m[3]]
		if !hasBeginning(around, opens) || !hasBeginning(around, doors) || noCode.MatchString(folded[m[3]:]) ||
			len(code) == 4 && (code[:2] == "19" || code[:2] == "20") || isLabelledOtherwise(folded[:m[2]]) {
			continue
		}
		all = append(all, found{kind: kindCode, text: code, score: 0.6})
	}
	return all
}

// farDoor is how far before a code its door stands, in octets.
const farDoor = 80

// isLabelledOtherwise tells that a number is a telephone's, an order's, a room's.
func isLabelledOtherwise(before string) bool {
	words := strings.FieldsFunc(before, notLetter)
	for _, w := range words[max(0, len(words)-3):] {
		for _, o := range [...]string{"tel", "phone", "call", "ring", "nr", "no", "number", "order", "room", "pokoj", "habitacion", "stanza", "oda", "rom", "faktura", "invoice", "fra", "postal", "postnr", "zip", "year", "rok", "ext", "wew", "int", "dahili", "plate", "plaka", "ref"} {
			if w == o || len(o) > 4 && strings.HasPrefix(w, o) {
				return true
			}
		}
	}
	return false
}

var phraseLabel = regexp.MustCompile(`(?i)\b(?:recovery|seed|backup|mnemonic)[ -](?:phrase|words)|\bfrase (?:de recuperaci|semilla|di recupero)|\bfraza odzyskiwania|kurtarma (?:ifadesi|kelimeleri)|gjenopprettingsfrase`)

// seedPhrase finds the twelve or more words that open a wallet.
func seedPhrase(text string) []found {
	if !hasAny(text, "hrase", "frase", "fraza", "urtarma", "mnemonic", "seed words", "backup words", "recovery words") {
		return nil
	}
	at := phraseLabel.FindStringIndex(text)
	if at == nil {
		return nil
	}
	for line := range strings.Lines(text[at[1]:min(len(text), at[1]+1000)]) {
		words := strings.Fields(line)
		if len(words) < 12 || len(words) > 24 {
			continue
		}
		plain := 0
		for _, w := range words {
			if w == strings.ToLower(w) && len(w) >= 3 && len(w) <= 9 && strings.IndexFunc(w, notLetter) < 0 {
				plain++
			}
		}
		if plain == len(words) {
			return []found{{kind: kindPrivate, text: strings.TrimSpace(line), score: 0.9}}
		}
	}
	return nil
}
