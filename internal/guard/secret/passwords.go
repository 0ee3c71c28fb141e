package secret

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"belay/internal/reading"
)

// label is a word before a password or a code.
type label struct {
	kind secretKind
	// bare labels count by themselves; the others ("code") need a door, an alarm
	// or the like in their sentence.
	bare bool
}

// labels are such words as they stand in texts, in small letters, in the form
// with and without the letters beyond ASCII. Their endings are read along.
var labels, labelWords = func() ([]label, *automaton) {
	var list []label
	var words []string
	add := func(l label, text string) {
		for w := range strings.FieldsSeq(text) {
			list, words = append(list, l), append(words, w)
		}
	}
	add(label{kindPassword, true}, `password passwrd pasword passwd passwort passphrase passcode pwd psw psswd kodeord memorable-word
		hasło haslo HASŁO hasła hasle haśle hasłem haseł contraseña contrasena CONTRASEÑA şifre sifre ŞİFRE Şifre parola passord clave`)
	add(label{kindPassword, false}, `pass pw credentials creds credenciales credenziali chiave`)
	add(label{kindCode, true}, `pin pın PIN`)
	add(label{kindCode, false}, `code kod kode koda código codigo CÓDIGO codice combination kombinac combinación combinazione combinacion kombinasjon szyfr`)
	return list, newAutomaton(words)
}()

// doors are words for what a code opens, folded, as words begin.
var doors = strings.Fields(`door gate alarm entry entrance lock lockbox safe keybox keypad building garage one-time otp verification access wifi wi-fi wlan voicemail
	drzwi bram furt wejsci domofon sejf garaz jednorazow dostep budyn klatk szlaban skrytk klodk zamek zamk puerta portal alarma acceso caja entrada garaje verificacion portero candado taquilla verja
	porta cancello allarme portone cassaforte ingresso accesso verifica lucchetto cassetta kapi giris kasa bina garaj dogrulama apartman kilit dolab inngang nokkelboks adgang
	hovedinngang garasje engangs porten skap dor doren dora kodelas`)

// notCodes are words beside "code" that make it one of no secret, folded.
var notCodes = strings.Fields(`postal zip post posta post-code area country dress qr barcode bar discount promo coupon voucher product item article customer client colour color source error
	cost booking reservation tracking order swift bic sort tax hs cn vat project currency status building-code rabatowy pocztowy kreskowy promocyjny produktu towaru klienta zrodlowy rezerwacji
	postal cliente producto descuento promocional articulo barras fuente reserva pedido sconto postale prodotto fiscale articolo sorgente barre prenotazione ordine cliente destinatario univoco tributo
	kampanya indirim urun musteri ulke alan siparis rezervasyon kaynak barkod rabatt vare produkt kunde land ordre kilde feil bestilling postnummer`)

// separators are signs in front of which a value stands.
const separators = ":=→»>"

// verbs join a label and its value, folded: "is", "es", "er".
var verbs = words(`is are was jest brzmi bedzie es son sera era e' e è sara er blir olarak = : - – — -> => simdi now ahora adesso`)

// polishVerbs do the same behind "hasło" alone: "to" means other things elsewhere.
var polishVerbs = words(`to na`)

func words(list string) map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(list) {
		m[w] = true
	}
	return m
}

// passwords looks for words such as "password", and for a value behind them.
func passwords(text string) (all []found) {
	last := -1
	labelWords.each(text, func(word, end int) bool {
		begin := end - len(labelWords.word(word))
		if begin < last || !startsWord(text, begin) || len(all) >= 50 {
			return len(all) < 50
		}
		if f, to, ok := valueAfter(text, begin, end, labels[word]); ok {
			all = append(all, f)
			last = to
		} else if f, ok := valueBefore(text, begin, labels[word]); ok {
			all = append(all, f)
		}
		return true
	})
	return all
}

// startsWord tells whether a word may begin at a place: "db_password" and
// "wifi-passord" count, "mojehaslo" does not.
func startsWord(text string, at int) bool {
	if at == 0 {
		return true
	}
	r, _ := utf8.DecodeLastRuneInString(text[:at])
	if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
		return true
	}
	// Norwegian writes its nouns together: "wifipassord", "dørkode", "alarmkoden".
	rest := reading.Fold(text[at:min(len(text), at+12)])
	return strings.HasPrefix(rest, "passord") || strings.HasPrefix(rest, "kode") || strings.HasPrefix(rest, "password")
}

// piece is a word as it stands between white space.
type piece struct {
	text     string
	from, to int
	lines    int // line ends before it
}

// pieces are the words behind a place, as far as a value may stand: at most ten.
func pieces(text string, at int) (list []piece) {
	lines := 0
	for i := at; i < len(text) && len(list) < 14 && i-at < 200; {
		c := text[i]
		if c == '\n' {
			lines++
		}
		if c <= ' ' || strings.HasPrefix(text[i:], "\u00A0") {
			if c > ' ' {
				i++
			}
			i++
			continue
		}
		from := i
		for i < len(text) && text[i] > ' ' && !strings.HasPrefix(text[i:], "\u00A0") && i-from < 120 {
			i++
		}
		list = append(list, piece{text[from:i], from, i, lines})
		lines = 0
	}
	return list
}

// How a value is joined to its label.
const (
	directly = iota // nothing between them but other words
	byVerb
	bySign
)

// valueAfter looks for a value behind a label that begins and ends at.
func valueAfter(text string, begin, at int, l label) (found, int, bool) {
	end := at
	for at < len(text) && isLetterAt(text, at) { // its ending
		_, n := utf8.DecodeRuneInString(text[at:])
		at += n
	}
	context := sentenceAround(text, at)
	switch {
	case !mayEnd(l, reading.Fold(text[end:at])), !l.bare && !hasDoor(context) && !hasAccount(context), l.kind == kindCode && !l.bare && isOtherCode(text, begin, at):
		return found{}, 0, false
	}
	if strings.HasSuffix(strings.TrimRight(reading.Fold(text[max(0, begin-12):begin]), " "), "palabra") || strings.HasSuffix(strings.TrimRight(reading.Fold(text[max(0, begin-12):begin]), " "), "palabras") {
		return found{}, 0, false // keywords
	}
	polish := strings.HasPrefix(reading.Fold(text[begin:end]), "has")
	list := pieces(text, at)
	joined, signed := directly, -1
	for i, p := range list {
		if p.lines > 2 || p.lines > 0 && joined == directly {
			break
		}
		value, hangs := p.text, false // "(wifi):Zima2024" and ":Zima2024" hang on the sign
		if k := lastSign(value); i == 0 && k >= 0 || k >= 0 && k == len(value)-1 {
			joined, signed = bySign, i
			if value = strings.TrimLeft(value[k:], separators); value == "" {
				continue
			}
			hangs = true
		} else if w := strings.Trim(reading.Fold(value), "\"'("); verbs[w] || polish && polishVerbs[w] {
			joined, signed = max(joined, byVerb), i
			continue
		}
		next := hangs || i == signed+1
		how := joined
		if i > signed+3 {
			how = directly
		}
		last := i+1 == len(list) || list[i+1].lines > 0
		score := scoreOf(value, l, how, next, last, context)
		if score >= 0.5 && strings.Trim(clean(value), "0123456789#*-") == "" && isCall(text, begin) {
			score *= 0.5 // it opens a call for an hour
		}
		if score >= 0.2 && !isMenu(text, begin, value) {
			return found{kind: l.kind, text: clean(value), score: score}, p.to, true
		}
		if hangs && isPlaceholder(value) || joined == directly && endsSentence(value) {
			break
		}
	}
	return found{}, 0, false
}

// isCall tells whether numbers for a conference call stand before a place.
func isCall(text string, at int) bool {
	return hasAny(reading.Fold(text[max(0, at-250):at]), "conference", "dial", "call-in", "call in", "toll free", "international", "participant", "meeting id", "webex", "zoom", "teams",
		"konferencj", "conferenza", "conferencia", "toplanti", "telefonmote", "bridge")
}

// isMenu tells what programs write on their buttons: “Password dimenticata”.
func isMenu(text string, begin int, value string) bool {
	before, _ := utf8.DecodeLastRuneInString(text[:begin])
	return strings.ContainsRune("\"“„«‘'", before) && strings.ContainsAny(value, "\"”»’'")
}

// isOtherCode tells codes that open nothing, by the words beside the label.
func isOtherCode(text string, begin, end int) bool {
	line := strings.LastIndexByte(text[:begin], '\n') + 1
	before := strings.FieldsFunc(reading.Fold(text[max(line, begin-30):begin]), notLetter)
	after := strings.FieldsFunc(reading.Fold(text[end:min(len(text), end+24)]), notLetter)
	for _, w := range notCodes {
		if len(before) > 0 && before[len(before)-1] == w || len(after) > 0 && after[0] == w || len(after) > 1 && after[1] == w {
			return true
		}
	}
	return false
}

func notLetter(r rune) bool { return !unicode.IsLetter(r) }

// mayEnd tells whether a label may have an ending: "kodu" and "pinkode" are
// codes, "pineapple" and "codex" are none.
func mayEnd(l label, ending string) bool {
	if l.kind != kindCode {
		return len(ending) <= 8
	}
	return codeEndings[ending]
}

var codeEndings = func() map[string]bool {
	m := words("s n r e u i a em ie en er ene kode koden kod kodu kodunu code u su sunu nu ini lar unuz umuz umuz lari un ow om ami es las lasen lasa")
	m[""] = true
	return m
}()

// lastSign is where a sign that joins stands in a word: at its end, or between
// it and a value; -1 where none does.
func lastSign(s string) int {
	if strings.Contains(s, "://") {
		return -1
	}
	return strings.IndexAny(s, ":=→")
}

func isLetterAt(text string, at int) bool {
	r, _ := utf8.DecodeRuneInString(text[at:])
	return unicode.IsLetter(r)
}

func endsSentence(s string) bool {
	return strings.HasSuffix(s, ".") || strings.HasSuffix(s, "!") || strings.HasSuffix(s, "?") || strings.HasSuffix(s, ";")
}

// clean takes off quotation marks and the signs of the sentence around a value.
func clean(s string) string {
	s = strings.TrimLeft(s, "\"'`“”„«»‘’<>()[]*")
	return strings.TrimRight(s, "\"'`“”„«»‘’<>()[]*.,;:")
}

// quoted tells a value that stands in quotation marks.
func quoted(s string) bool {
	first, _ := utf8.DecodeRuneInString(s)
	last, _ := utf8.DecodeLastRuneInString(strings.TrimRight(s, ".,;:)"))
	return strings.ContainsRune("\"'`“”„«‘’", first) && strings.ContainsRune("\"'`”“»’‘", last) && utf8.RuneCountInString(s) > 4
}

// valueBefore looks for "4711 is the code for the door": a value, a verb, and an
// article or two before a label that begins at.
func valueBefore(text string, at int, l label) (found, bool) {
	line := strings.LastIndexAny(text[:at], "\n.!?") + 1
	words := strings.Fields(text[line:at])
	if len(words) < 2 || len(words) > 12 {
		return found{}, false
	}
	context := sentenceAround(text, at)
	if !l.bare && !hasDoor(context) {
		return found{}, false
	}
	if words[len(words)-1] == "(" && strength(clean(words[len(words)-2])) >= 0.5 { // "Zima2024 (password)"
		return found{kind: l.kind, text: clean(words[len(words)-2]), score: 0.7}, true
	}
	for i := len(words) - 1; i >= 1 && i >= len(words)-3; i-- {
		if w := reading.Fold(words[i]); w == "is" || w == "to" || w == "jest" || w == "es" || w == "e" || w == "er" || w == "è" {
			if score := scoreOf(words[i-1], l, byVerb, true, false, context); score >= 0.5 && (strength(clean(words[i-1])) >= 0.8) {
				return found{kind: l.kind, text: clean(words[i-1]), score: score}, true
			}
			break
		}
	}
	return found{}, false
}

// sentenceAround is the sentence in which a place stands, and the line before,
// folded.
func sentenceAround(text string, at int) string {
	from, to := at, at
	for lines := 0; from > 0 && at-from < 120; from-- {
		c := text[from-1]
		if c == '\n' {
			if lines++; lines > 1 {
				break
			}
		}
		if (c == '.' || c == '!' || c == '?') && from < len(text) && text[from] <= ' ' {
			break
		}
	}
	for to < len(text) && to-at < 120 && text[to] != '\n' {
		to++
	}
	return reading.Fold(text[from:to])
}

func hasDoor(context string) bool {
	for _, d := range doors {
		if i := strings.Index(context, d); i >= 0 && (i == 0 || !isASCIILetter(context[i-1])) {
			return true
		}
	}
	return false
}

func isASCIILetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }
