package mail

import (
	"regexp"
	"strings"
)

// quoteStarts are the lines above a quoted mail, as programs write them in the
// six languages: "On … wrote:", the head of a mail ("From: …"), rulers.
var quoteStarts = regexp.MustCompile(`(?i)^(-{3,}|_{5,}|[*\s]*(from|od|von|de|da|fra|kimden|gönderen|sent|wysłano|enviado|inviato|sendt)\s*:|` +
	`>?\s*(on|w dniu|dnia|el|il( giorno)?|den|på)\s.*\d{1,2}[:.]\d{2}.*|` +
	`>?\s*wiadomość napisana przez\s.*|begin forwarded message.*|` + wrote + `)`)

// wrote is the end of such a line.
const wrote = `.*\b(wrote|napisał|napisała|napisał\(a\)|pisze|escribió|ha scritto|yazdı|skrev)(\s.*)?:\s*$`

// halfAttribution is the first half of a line above a quoted mail that the
// program broke in two: it has a time or an address; the other half is in
// otherHalf.
var (
	halfAttribution = regexp.MustCompile(`(?i)(\d{1,2}[:.]\d{2}|\d{4}|<[^>]*$|@)`)
	otherHalf       = regexp.MustCompile(`(?i)(^|[\s>])(wrote|napisał|napisała|napisał\(a\)|pisze|escribió|ha scritto|yazdı|skrev)(\s.*)?:\s*$`)
)

// mobileSignature is the line that telephones put under every mail.
var mobileSignature = regexp.MustCompile(`(?i)^(sent (from|with|via)|get (outlook|bluemail)|wysłan[eo] (z|przez)|enviado (desde|con)|inviato (da|con)|` +
	`sendt (fra|med)|skickat från|(pobierz|obtener|obtén|descarga|ottieni|scarica|hent|skaff deg)\s.*(outlook|gmail|mail)|` +
	`.*['’]?[dt][ae]n gönderildi|.*ile gönderildi|.*(uygulamasını|outlook.*) edinin)`)

// OwnWords cuts quotes and signatures off a text: what its writer wrote, line
// by line, without blanks around.
func OwnWords(text string) string {
	lines := strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	var own []string
	for i, line := range lines {
		trimmed := strings.TrimSpace(line)
		if line == "-- " || trimmed == "--" || quoteStarts.MatchString(trimmed) || brokenAttribution(lines[i:]) {
			break
		}
		if strings.HasPrefix(trimmed, ">") || mobileSignature.MatchString(trimmed) {
			continue
		}
		own = append(own, trimmed)
	}
	return strings.TrimSpace(strings.Join(own, "\n"))
}

// brokenAttribution tells whether the lines begin with a line above a quoted
// mail that is broken in two or three: "Anna <anna@corp.test>", "wrote:".
func brokenAttribution(lines []string) bool {
	first := strings.TrimSpace(lines[0])
	if first == "" || !halfAttribution.MatchString(first) {
		return false
	}
	for _, line := range lines[1:min(3, len(lines))] {
		if line = strings.TrimSpace(line); line == "" {
			return false
		}
		if otherHalf.MatchString(line) {
			return true
		}
	}
	return false
}
