package directory

import (
	"slices"
	"strings"

	"golang.org/x/text/language"

	"belay/internal/locale"
)

// languageOf finds the language of ours that somebody wants, "" where it is
// none: of "pl-PL", of "nb_NO.UTF-8", of a list such as "de, tr;q=0.8" (RFC
// 2798 §2.7 writes what HTTP's Accept-Language does).
func languageOf(wish string) string {
	if slices.Contains(locale.Codes, wish) {
		return wish
	}
	wish = strings.ReplaceAll(wish, "_", "-")
	if !strings.ContainsAny(wish, ",;") {
		wish, _, _ = strings.Cut(wish, ".") // of a locale: pl_PL.UTF-8
	}
	if len(wish) > 200 {
		return ""
	}
	tags, _, err := language.ParseAcceptLanguage(wish)
	if err != nil {
		return ""
	}
	for _, tag := range tags {
		base, _ := tag.Base()
		code := base.String()
		if code == "no" || code == "nn" {
			code = "nb"
		}
		if slices.Contains(locale.Codes, code) {
			return code
		}
	}
	return ""
}
