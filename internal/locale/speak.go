package locale

import (
	"strings"
	"time"

	"github.com/nicksnyder/go-i18n/v2/i18n"
)

// Locale writes in one language and time zone. It is a value to pass around;
// In makes another one for another zone.
type Locale struct {
	code  string
	words *i18n.Localizer
	zone  *time.Location
}

// Code is the language: "en", "pl", …, fit for a lang attribute and
// Content-Language.
func (l *Locale) Code() string { return l.code }

// In is the same language with times in a zone. Nil is UTC.
func (l *Locale) In(zone *time.Location) *Locale {
	if zone == nil {
		zone = time.UTC
	}
	return &Locale{code: l.code, words: l.words, zone: zone}
}

// Location is the zone that times are written in.
func (l *Locale) Location() *time.Location { return l.zone }

// T gives the text of an id. data is nothing, one value (a map or struct), or
// pairs of names and values: T("held.until", "When", x). An id that no
// catalogue has gives the id itself, so that it is seen. The text is plain:
// HTML has to escape it.
func (l *Locale) T(id string, data ...any) string {
	return l.localize(&i18n.LocalizeConfig{MessageID: id, TemplateData: fields(data)})
}

// N gives the text of an id in the plural form for n; the text may use {{.N}}.
// data is pairs as with T, or one map.
func (l *Locale) N(id string, n int, data ...any) string {
	values := map[string]any{}
	if given, ok := fields(data).(map[string]any); ok {
		for k, v := range given {
			values[k] = v
		}
	}
	values["N"] = l.Number(n)
	return l.localize(&i18n.LocalizeConfig{MessageID: id, TemplateData: values, PluralCount: n})
}

func (l *Locale) localize(config *i18n.LocalizeConfig) string {
	text, err := l.words.Localize(config)
	if text == "" && err != nil {
		return config.MessageID
	}
	return text
}

// fields makes template data of what T and N were given.
func fields(data []any) any {
	switch {
	case len(data) == 0:
		return map[string]any{}
	case len(data) == 1:
		return data[0]
	}
	values := make(map[string]any, len(data)/2)
	for i := 0; i+1 < len(data); i += 2 {
		if name, ok := data[i].(string); ok {
			values[name] = data[i+1]
		}
	}
	return values
}

// Number writes a whole number with the thousands set apart.
func (l *Locale) Number(n int) string {
	sep, from := "\u00a0", 5 // Polish, Spanish (RAE) and Norwegian: a space, from five digits on
	switch l.code {
	case "en":
		sep, from = ",", 4
	case "it", "tr":
		sep, from = ".", 4
	}
	digits := itoa(n)
	sign := ""
	if n < 0 {
		sign, digits = "-", digits[1:]
	}
	if len(digits) < from {
		return sign + digits
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + sep + digits[i:]
	}
	return sign + digits
}

// Size writes octets as a person reads them: "812 B", "14 KB", "2.5 MB" (of
// 1,000), with the decimal sign of the language.
func (l *Locale) Size(octets int64) string {
	switch {
	case octets < 1000:
		return itoa(int(octets)) + "\u00a0B"
	case octets < 999_500:
		return itoa(int((octets+500)/1000)) + "\u00a0KB"
	}
	unit, tenths := "MB", (octets+50_000)/100_000
	if octets >= 999_950_000 {
		unit, tenths = "GB", (octets+50_000_000)/100_000_000
	}
	text := l.Number(int(tenths / 10))
	if tenths%10 != 0 {
		point := ","
		if l.code == "en" {
			point = "."
		}
		text += point + itoa(int(tenths%10))
	}
	return text + "\u00a0" + unit
}

// List joins items as a sentence does: "a, b and c".
func (l *Locale) List(items []string) string {
	if len(items) == 0 {
		return ""
	}
	last := items[len(items)-1]
	if len(items) == 1 {
		return last
	}
	and := l.T("list.and")
	switch {
	case l.code == "es" && soundsLikeI(last):
		and = "e"
	case l.code == "it" && strings.HasPrefix(strings.ToLower(last), "e"):
		and = "ed"
	}
	return strings.Join(items[:len(items)-1], ", ") + " " + and + " " + last
}

// soundsLikeI tells whether Spanish says "e" and not "y" before a word.
func soundsLikeI(word string) bool {
	word = strings.ToLower(word)
	for _, diphthong := range []string{"hie", "hia", "hio", "ia", "ie", "io"} {
		if strings.HasPrefix(word, diphthong) {
			return false
		}
	}
	return strings.HasPrefix(word, "i") || strings.HasPrefix(word, "hi") || strings.HasPrefix(word, "í")
}
