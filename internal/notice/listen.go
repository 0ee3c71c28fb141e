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
	s.text = mail.OwnWords(s.whole)
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

// automaticSubject knows answers of machines that forgot to say so, in belay's
// languages and in those next door. People's own subjects begin so too rarely.
var automaticSubject = regexp.MustCompile(`(?i)^\s*((re|sv|vs|aw|odp|r|ynt|rif|wg|antw)\s*:\s*)*(` +
	`auto(matic|mated)?[ :-]*(reply|response|svar|antwort)|auto:|automatiskt? (svar|beskjed)|out of (the )?office|on (annual )?(vacation|leave|holiday)\b|` +
	`odpowiedź automatyczna|autoodpowiedź|automatyczna odpowiedź|odp\. automatyczna|nieobecność|nieobecn[ya]\b|(jestem )?poza biurem|(jestem )?na urlopie|` +
	`respuesta automática|fuera de (la )?oficina|ausente\b|ausencia\b|(estoy )?de vacaciones|risposta automatica|fuori (sede|ufficio)|assente\b|assenza\b|(sono )?in ferie\b|` +
	`otomat[iİ]k (yan[ıi]t|cevap)|ofis (dış[ıi]|dışında)|ofiste değil|y[ıi]ll[ıi]k izin|[iİ]zindeyim|fravær|ikke på kontoret|ikke til stede|ute av kontoret|på ferie|` +
	`abwesen|automatische antwort|(ich bin )?im urlaub\b|réponse automatique|absence du bureau|absente? du bureau|message d['’]absence|` +
	`frånvar|ej på kontoret|(på )?semester\b)`)

func looksAutomatic(subject string) bool { return automaticSubject.MatchString(subject) }
