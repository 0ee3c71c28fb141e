package locale

import (
	"strings"
	"unicode/utf8"

	"github.com/abadojack/whatlanggo"
)

// fewestLetters is how much text a guess needs: below it three-letter
// statistics say more about the names in the text than about its language.
const fewestLetters = 40

// surely is the confidence from which a guess counts.
const surely = 0.5

var whatLanguages = map[whatlanggo.Lang]string{
	whatlanggo.Eng: "en", whatlanggo.Pol: "pl", whatlanggo.Spa: "es",
	whatlanggo.Ita: "it", whatlanggo.Tur: "tr", whatlanggo.Nob: "nb",
}

// Detect guesses which of the six languages a text is in, "" where that is
// not clear. Only the first 4,000 bytes are looked at.
func Detect(text string) string {
	if len(text) > 4000 {
		text = strings.ToValidUTF8(text[:4000], "")
	}
	if utf8.RuneCountInString(strings.Join(strings.Fields(text), "")) < fewestLetters {
		return ""
	}
	only := make(map[whatlanggo.Lang]bool, len(whatLanguages))
	for lang := range whatLanguages {
		only[lang] = true
	}
	guess := whatlanggo.DetectWithOptions(text, whatlanggo.Options{Whitelist: only})
	if guess.Confidence < surely {
		return ""
	}
	return whatLanguages[guess.Lang]
}
