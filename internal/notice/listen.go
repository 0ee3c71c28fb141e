package notice

import (
	"regexp"
	"strings"

	"belay/internal/mail"
)

// spoken is what a person wrote into a mail to a service address.
type spoken struct {
	text      string   // their own words, without quotes and signatures
	whole     string   // the text with what it quotes
	addresses []string // all addresses in it, as mail.Key
	attached  []string // Message-IDs of attached messages
}

// maxText is how much of a text is looked at, in octets.
const maxText = 64 << 10

// listen reads the words of a mail: its first text part, and the Message-IDs
// of what is attached. It never fails; what cannot be read was not said.
func listen(raw []byte) spoken {
	var s spoken
	s.whole = mail.Text(raw)
	if len(s.whole) > maxText {
		s.whole = strings.ToValidUTF8(s.whole[:maxText], "")
	}
	s.text = ownWords(s.whole)
	for _, attached := range mail.Attached(raw) {
		if id := mail.Summarize(attached).MessageID; id != "" {
			s.attached = append(s.attached, id)
		}
	}
	for _, found := range addressPattern.FindAllString(s.whole, 200) {
		s.addresses = append(s.addresses, mail.Key(strings.Trim(found, ".")))
	}
	return s
}

var addressPattern = regexp.MustCompile(`[\pL\pN._%+'-]+@[\pL\pN-]+(\.[\pL\pN-]+)+`)

// quoteStarts are beginnings of the line above a quoted mail, as programs
// write it in the six languages, and rulers.
var quoteStarts = regexp.MustCompile(`(?i)^(-{3,}|_{5,}|\*?(from|od|von|de|da|fra|kimden|gönderen|sent|wysłano|enviado|inviato|sendt)\s*:|` +
	`(on|w dniu|dnia|el|il( giorno)?|den|på)\s.*\d{1,2}[:.]\d{2}.*|.*(wrote|napisał|napisał\(a\)|napisała|escribió|ha scritto|yazdı|skrev)( .*)?:\s*$)`)

// mobileSignature is the line that telephones put under every mail.
var mobileSignature = regexp.MustCompile(`(?i)^(sent from|get outlook|wysłane z|wysłano z|pobierz|enviado desde|obtener|inviato da|ottieni|sendt fra|hent outlook|skickat från|.*['’]?[dt][ae]n gönderildi|.*uygulamasını edinin)`)

// ownWords cuts quotes and signatures off a text.
func ownWords(text string) string {
	var own []string
	for _, line := range strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n") {
		trimmed := strings.TrimSpace(line)
		if line == "-- " || trimmed == "--" || quoteStarts.MatchString(trimmed) {
			break
		}
		if strings.HasPrefix(trimmed, ">") || mobileSignature.MatchString(trimmed) {
			continue
		}
		own = append(own, trimmed)
	}
	return strings.TrimSpace(strings.Join(own, "\n"))
}

// answerPrefixes are what mail programs put before a subject: answers and
// forwards in the six languages and their neighbours'.
var answerPrefix = regexp.MustCompile(`(?i)^\s*(re|fwd?|odp|pd|rv|res|r|rif|i|ynt|cvp|[iİ]lt|sv|vs|vb|aw|wg|tr|antw)\s*(\[\d+\]|\(\d+\))?\s*[:：]\s*`)

// prefixLanguages are the languages of programs that put such a prefix before
// a subject; the prefixes that several languages share are not in it.
var prefixLanguages = map[string]string{"odp": "pl", "pd": "pl", "rv": "es", "r": "it", "rif": "it", "i": "it",
	"ynt": "tr", "cvp": "tr", "ilt": "tr", "i\u0307lt": "tr", "sv": "nb", "vs": "nb"}

// programLanguage guesses the language of the mail program that wrote a
// subject's first prefix, "" where it tells none.
func programLanguage(subject string) string {
	if answerPrefix.FindString(subject) == "" {
		return ""
	}
	prefix, _, _ := strings.Cut(strings.TrimSpace(subject), ":")
	return prefixLanguages[strings.ToLower(strings.TrimSpace(prefix))]
}

// bareSubject is a subject without the prefixes of answers and forwards, in
// the form in which subjects are compared.
func bareSubject(subject string) string {
	for {
		cut := answerPrefix.FindString(subject)
		if cut == "" {
			return strings.ToLower(strings.Join(strings.Fields(subject), " "))
		}
		subject = subject[len(cut):]
	}
}

// automaticSubject knows answers of machines that forgot to say so.
var automaticSubject = regexp.MustCompile(`(?i)^\s*(auto(matic)?[ :-]*(reply|response|svar)|autosvar|automatisk svar|out of (the )?office|odpowiedź automatyczna|` +
	`autoodpowiedź|odp\. automatyczna|respuesta automática|risposta automatica|otomatik yanıt|otomatik cevap|fravær|abwesenheit|automatische antwort)`)

func looksAutomatic(subject string) bool { return automaticSubject.MatchString(subject) }
