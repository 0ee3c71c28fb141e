package detectors_test

import (
	"fmt"
	"strings"
	"sync"

	"belay/internal/guard"
	"belay/internal/guard/explain"
	"belay/internal/locale"
)

// sentences are loaded once for all cases.
var sentences = sync.OnceValues(explain.Load)

// unsaid says which of the signals of a case has no sentence in some language
// (P9), or shows a number or a secret that it should mask; "" is as it should be.
func unsaid(signals []guard.Signal) string {
	words, err := sentences()
	if err != nil {
		return err.Error()
	}
	for _, s := range signals {
		for _, code := range locale.Codes {
			if err := explain.Check(words.For(code), s); err != nil {
				return err.Error()
			}
		}
		if s.Code != guard.CodeOpaque && s.Evidence+s.Advice != "" {
			return fmt.Sprintf("%s writes its evidence itself, in one language", s.Code)
		}
		if s.Code != "content.identifier" && s.Code != "content.secret" {
			continue
		}
		for _, f := range s.Found {
			if begin := strings.HasPrefix(f.Text, "-----BEGIN"); !begin && !strings.ContainsAny(f.Text, "•*…") {
				return fmt.Sprintf("%s shows %q unmasked", s.Code, f.Text)
			}
		}
	}
	return ""
}
