package dsn

import (
	"embed"
	"fmt"
	"io/fs"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"belay/internal/locale"
)

//go:embed words/*.yaml
var words embed.FS

// Words is the room's catalogue: all that people read.
func Words() fs.FS { return locale.Embedded(words, "words") }

// Languages are those of a notice: the reader's, and English below it, because
// a notice is also shown to people who help, and is looked up by its words.
func Languages(c *locale.Catalogue, reader *locale.Locale) []*locale.Locale {
	if reader.Code() == "en" {
		return []*locale.Locale{reader}
	}
	return []*locale.Locale{reader, c.For("en").In(reader.Location())}
}

func (r *Report) languages() string {
	var codes []string
	for _, say := range r.Languages {
		codes = append(codes, say.Code())
	}
	return strings.Join(codes, ", ")
}

// advice names what can be done about an enhanced status code, by its subject
// and detail (RFC 3463, RFC 6531 §3.7.4, RFC 7505).
var advice = map[string]string{
	".1.1": "mailbox", ".1.2": "domain", ".1.3": "syntax", ".1.10": "nomail",
	".2.1": "disabled", ".2.2": "full", ".2.3": "large", ".3.4": "larger",
	".4.7": "expired", ".6.3": "eightbit", ".6.7": "letters", ".7.1": "policy",
}

// advise gives the sentence for a status, "" where there is none. Most trouble
// for the moment needs nobody's doing.
func advise(say *locale.Locale, status string) string {
	if !strings.HasPrefix(status, "5") && status != "4.2.2" {
		return ""
	}
	name, ok := advice[status[1:]]
	if !ok {
		return ""
	}
	return say.T("dsn.advice." + name)
}

// text is the first part, lines ended with LF.
func (r *Report) text() string {
	var b strings.Builder
	for i, say := range r.Languages {
		if i > 0 {
			fmt.Fprintf(&b, "\n----- %s -----\n\n", locale.LanguageName(say.Code()))
		}
		r.textIn(&b, say)
	}
	return b.String()
}

func (r *Report) textIn(b *strings.Builder, say *locale.Locale) {
	kind := "dsn." + r.Kind.word()
	fmt.Fprintf(b, "%s\n", say.T(kind+".opening"))
	for i := range r.Recipients {
		r.recipientText(b, say, &r.Recipients[i])
	}
	fmt.Fprintf(b, "\n%s\n\n%s\n", say.T(kind+".closing", "When", when(say, r.GiveUp)), say.T("dsn.message"))
	r.originalText(b, say)
	fmt.Fprintf(b, "\n%s\n", say.T("dsn.footer", "Host", r.Host))
}

// originalText names the message in a small table.
func (r *Report) originalText(b *strings.Builder, say *locale.Locale) {
	o := &r.Original
	rows := [][2]string{{"subject", o.Subject}, {"from", o.ReversePath}, {"sent", when(say, o.Arrived)}, {"messageid", o.MessageID}, {"number", o.ID}}
	width := 0
	for i := range rows {
		rows[i][0] = say.T("dsn.label."+rows[i][0]) + ":"
		width = max(width, utf8.RuneCountInString(rows[i][0]))
	}
	for _, row := range rows {
		if row[1] != "" {
			fmt.Fprintf(b, "  %-*s %s\n", width, row[0], printable(row[1]))
		}
	}
}

func (r *Report) recipientText(b *strings.Builder, say *locale.Locale, to *Recipient) {
	hint := advise(say, to.Status)
	if r.Kind == Relayed {
		hint = ""
	}
	fmt.Fprintf(b, "\n  %s\n", printable(to.Address))
	switch {
	case to.Diagnostic != "" && to.Remote != "":
		fmt.Fprintf(b, "    %s\n", say.T("dsn.answered", "Host", to.Remote, "Reply", printable(to.Diagnostic)))
	case to.Reason != "" && (hint == "" || say.Code() == "en"): // a reason is English
		fmt.Fprintf(b, "    %s\n", say.T("dsn.details", "Reason", sentence(printable(to.Reason))))
	}
	if hint != "" {
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

// when is a time on the reader's clock, "" for none.
func when(say *locale.Locale, t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return say.DateTime(t) + " (" + say.Zone(t) + ")"
}
