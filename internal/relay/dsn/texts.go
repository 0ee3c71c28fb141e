package dsn

import (
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// All the words for people stand here.

// texts are the words of one kind of notice.
type texts struct {
	subject string
	opening string
	closing string
}

var english = map[Kind]texts{
	Failed: {
		subject: "Not delivered",
		opening: "Your message could not be delivered to:",
		closing: "It will not be tried again. If it still matters, correct the address or the message and send it once more.",
	},
	Delayed: {
		subject: "Delayed",
		opening: "Your message has not been delivered yet to:",
		closing: "You need not do anything: it is tried again until %s. If it cannot be delivered by then, you will be told.",
	},
	Relayed: {
		subject: "Passed on",
		opening: "You asked to be told. Your message was handed over for:",
		closing: "The mail servers behind do not report deliveries, so this is all that you will hear, unless one of them returns it.",
	},
	Postmaster: {
		subject: "Undeliverable, and nobody to tell",
		opening: "A message could not be delivered, and its sender wants or can get no notice. The recipients:",
		closing: "This is for your information: nothing will be tried again.",
	},
}

// advice says what can be done about an enhanced status code, by its subject
// and detail (RFC 3463, RFC 6531 §3.7.4, RFC 7505).
var advice = map[string]string{
	".1.1":  "There is no such mailbox. Look for a typing mistake in the part before the @.",
	".1.2":  "There is no such domain. Look for a typing mistake in the part behind the @.",
	".1.3":  "The address is not written correctly.",
	".1.10": "The domain accepts no mail.",
	".2.1":  "The mailbox is switched off.",
	".2.2":  "The mailbox is full.",
	".2.3":  "The message is larger than this mailbox takes. Send a link, or smaller files.",
	".3.4":  "The message is larger than the mail server takes. Send a link, or smaller files.",
	".4.7":  "The mail server could not be reached, or kept putting us off.",
	".6.3":  "The message has letters or files in a form (8-bit) that the mail server cannot take, and it is not changed on the way. Your mail program can send it as plain ASCII (quoted-printable, base64).",
	".6.7":  "The address or the header has letters beyond ASCII, which the mail server cannot take. Use the recipient's other address, or a header in plain ASCII.",
	".7.1":  "The mail server's rules refuse it. Its answer may say why.",
}

// advise gives the sentence for a status, "" where there is none. Most trouble
// for the moment needs nobody's doing.
func advise(status string) string {
	if !strings.HasPrefix(status, "5") && status != "4.2.2" {
		return ""
	}
	return advice[status[1:]]
}

const timeForm = "2 January 2006, 15:04 (-0700)"

// text is the first part, lines ended with LF.
func (r *Report) text() string {
	words := english[r.Kind]
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", words.opening)
	for i := range r.Recipients {
		r.recipientText(&b, &r.Recipients[i])
	}
	closing := words.closing
	if r.Kind == Delayed {
		closing = fmt.Sprintf(closing, r.GiveUp.Format(timeForm))
	}
	fmt.Fprintf(&b, "\n%s\n\nThe message:\n", closing)
	for _, line := range [][2]string{
		{"Subject", r.Original.Subject}, {"From", r.Original.ReversePath}, {"Sent", when(r.Original.Arrived)},
		{"Message-ID", r.Original.MessageID}, {"Number", r.Original.ID},
	} {
		if line[1] != "" {
			fmt.Fprintf(&b, "  %-11s %s\n", line[0]+":", printable(line[1]))
		}
	}
	fmt.Fprintf(&b, "\nThis is an automatic notice of belay at %s.\n", r.Host)
	return b.String()
}

func (r *Report) recipientText(b *strings.Builder, to *Recipient) {
	fmt.Fprintf(b, "\n  %s\n", printable(to.Address))
	switch {
	case to.Diagnostic != "" && to.Remote != "":
		fmt.Fprintf(b, "    %s answered: %s\n", to.Remote, printable(to.Diagnostic))
	case to.Reason != "":
		fmt.Fprintf(b, "    %s\n", sentence(printable(to.Reason)))
	}
	if hint := advise(to.Status); hint != "" && r.Kind != Relayed {
		fmt.Fprintf(b, "    %s\n", hint)
	}
}

// sentence makes one of the text of a reply.
func sentence(s string) string {
	first, n := utf8.DecodeRuneInString(s)
	s = string(unicode.ToUpper(first)) + s[n:]
	if !strings.HasSuffix(s, ".") {
		s += "."
	}
	return s
}

func when(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(timeForm)
}
