package secret

import (
	"fmt"
	"math"
	"regexp"
	"strings"
	"sync"

	"github.com/pelletier/go-toml/v2"
	"github.com/zricethezav/gitleaks/v8/config"
)

// The rules of gitleaks, as its module brings them. Only its rules are used: its
// scanner is made for repositories and far too slow for a mail that waits.

// leakRules are the rules as they stand in gitleaks' file.
type leakRules struct {
	Allowlist  *allowlist
	Allowlists []*allowlist
	Rules      []*rule
}

// rule is a shape that secrets have.
type rule struct {
	ID          string
	Regex       string
	Path        string
	SecretGroup int
	Entropy     float64
	Keywords    []string
	Allowlists  []*allowlist

	once sync.Once
	re   *regexp.Regexp // nil where it does not compile
}

// allowlist is what is no secret, whatever it looks like.
type allowlist struct {
	Condition   string
	RegexTarget string
	Regexes     []string
	Paths       []string
	Commits     []string
	StopWords   []string

	once sync.Once
	res  []*regexp.Regexp
}

// rules are all that can be used for texts.
type rules struct {
	list     []*rule
	global   []*allowlist
	keywords *automaton
	of       [][]*rule // by keyword
}

// loadRules reads the rules once for the program.
var loadRules = sync.OnceValues(func() (*rules, error) { return readRules(config.DefaultConfig) })

func readRules(text string) (*rules, error) {
	var file leakRules
	if err := toml.Unmarshal([]byte(text), &file); err != nil {
		return nil, fmt.Errorf("read the rules of gitleaks: %w", err)
	}
	r := &rules{global: file.Allowlists}
	if file.Allowlist != nil {
		r.global = append(r.global, file.Allowlist)
	}
	places := map[string]int{}
	var keywords []string
	for _, one := range file.Rules {
		if one.Regex == "" || one.Path != "" || len(one.Keywords) == 0 {
			continue // it is about names of files, or would have to be tried everywhere
		}
		r.list = append(r.list, one)
		for _, k := range one.Keywords {
			k = strings.ToLower(k)
			i, ok := places[k]
			if !ok {
				i = len(keywords)
				places[k] = i
				keywords = append(keywords, k)
				r.of = append(r.of, nil)
			}
			r.of[i] = append(r.of[i], one)
		}
	}
	r.keywords = newAutomaton(keywords)
	return r, nil
}

// regexp compiles a rule when it is first needed: there are some two hundred,
// and most are never.
func (r *rule) regexp() *regexp.Regexp {
	r.once.Do(func() {
		if re, err := regexp.Compile(r.Regex); err == nil {
			r.re = re
		}
	})
	return r.re
}

// secretIn gives the part of a match that is the secret: the group that the rule
// names, or the first that is not empty.
func (r *rule) secretIn(text string, m []int) string {
	if g := r.SecretGroup; g > 0 && 2*g+1 < len(m) && m[2*g] >= 0 {
		return text[m[2*g]:m[2*g+1]]
	}
	for g := 1; 2*g+1 < len(m); g++ {
		if m[2*g] >= 0 && m[2*g+1] > m[2*g] {
			return text[m[2*g]:m[2*g+1]]
		}
	}
	return text[m[0]:m[1]]
}

// admits tells whether an allowlist says that something is no secret.
func (a *allowlist) admits(secret, match, line string) bool {
	a.once.Do(func() {
		for _, s := range a.Regexes {
			if re, err := regexp.Compile(s); err == nil {
				a.res = append(a.res, re)
			}
		}
	})
	target := secret
	switch a.RegexTarget {
	case "match":
		target = match
	case "line":
		target = line
	}
	byRegex := false
	for _, re := range a.res {
		if re.MatchString(target) {
			byRegex = true
			break
		}
	}
	if a.Condition == "AND" {
		return byRegex && len(a.Paths)+len(a.Commits) == 0 && (len(a.StopWords) == 0 || hasWord(secret, a.StopWords))
	}
	return byRegex || hasWord(secret, a.StopWords)
}

func hasWord(secret string, list []string) bool {
	if len(list) == 0 {
		return false
	}
	lower := strings.ToLower(secret)
	for _, w := range list {
		if strings.Contains(lower, w) {
			return true
		}
	}
	return false
}

// allowed tells whether any allowlist says that something is no secret.
func (r *rules) allowed(of *rule, secret, match, line string) bool {
	for i := range of.Allowlists {
		if of.Allowlists[i].admits(secret, match, line) {
			return true
		}
	}
	for i := range r.global {
		if r.global[i].admits(secret, match, line) {
			return true
		}
	}
	return false
}

// entropy is Shannon's, in bits a character.
func entropy(s string) (bits float64) {
	if s == "" {
		return 0
	}
	var counts [256]int
	for i := range len(s) {
		counts[s[i]]++
	}
	for _, n := range counts {
		if n > 0 {
			p := float64(n) / float64(len(s))
			bits -= p * math.Log2(p)
		}
	}
	return bits
}
