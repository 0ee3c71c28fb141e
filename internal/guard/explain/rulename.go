package explain

import (
	"sync"

	"belay/internal/config"
	"belay/internal/locale"
)

// ruleIDs are the sentences for the names of the default rules, in their order.
var ruleIDs = []string{"explain.rule.pause", "explain.rule.executives", "explain.rule.person"}

// defaultNames give the sentence for each of those names.
var defaultNames = sync.OnceValue(func() map[string]string {
	ids := map[string]string{}
	for i, r := range config.Default().Rules {
		if i < len(ruleIDs) {
			ids[r.Name] = ruleIDs[i]
		}
	}
	return ids
})

// RuleName is what a rule is called in a language. A rule of the configuration has
// one name, in whatever language its people share; the default rules, which nobody
// here wrote, have theirs in all six, also where a configuration repeats them.
func RuleName(say *locale.Locale, name string) string {
	if id := defaultNames()[name]; id != "" {
		return say.T(id)
	}
	return name
}
