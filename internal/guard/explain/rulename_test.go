package explain_test

import (
	"testing"

	"belay/internal/config"
	"belay/internal/guard/explain"
	"belay/internal/locale"
)

// TestDefaultRulesHaveTheirNamesInSixLanguages: a Spanish letter quoted an English
// rule that nobody there had written.
func TestDefaultRulesHaveTheirNamesInSixLanguages(t *testing.T) {
	words, err := explain.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, rule := range config.Default().Rules {
		seen := map[string]bool{}
		for _, code := range locale.Codes {
			name := explain.RuleName(words.For(code), rule.Name)
			if seen[name] {
				t.Errorf("%s: %q is another language’s", code, name)
			}
			if seen[name] = true; code == "en" && name != rule.Name {
				t.Errorf("%q is called %q in the configuration’s own language", rule.Name, name)
			}
		}
	}
	if got := explain.RuleName(words.For("es"), "our own rule"); got != "our own rule" {
		t.Errorf("the name that people gave a rule is %q", got)
	}
}
