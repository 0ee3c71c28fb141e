package reading

import "strings"

// list parts "a|b|c".
func list(s string) []string { return strings.Split(s, "|") }

// set is list, to be looked up.
func set(s string) map[string]bool {
	m := map[string]bool{}
	for _, word := range list(s) {
		m[word] = true
	}
	return m
}

// table says for each word of which list it is.
func table[K comparable](lists map[K]string) map[string]K {
	m := map[string]K{}
	for k, s := range lists {
		for _, word := range list(s) {
			m[word] = k
		}
	}
	return m
}
