package secret

import (
	"context"
	"regexp"
	"strings"
)

// secretKind is what a secret is, as people call it: it chooses the sentence.
type secretKind string

// Kinds of secrets. A token is the plain one.
const (
	kindToken    secretKind = ""
	kindPassword secretKind = "password"
	kindCode     secretKind = "code"
	kindPrivate  secretKind = "private"
	kindLogin    secretKind = "login"
	kindOwn      secretKind = "own"
)

// found is a secret in a text.
type found struct {
	kind  secretKind
	text  string
	score float64
	name  string // of an own pattern
}

// How much is done for one text at most.
const (
	maxTries  = 300 // regular expressions that are tried
	maxTokens = 3000
	maxRegion = 160 // octets before a token in which what it belongs to is looked for
)

// isDense tells the octets of which keys and tokens are made.
var isDense = func() (dense [256]bool) {
	for _, c := range "+/_=.~-" {
		dense[c] = true
	}
	for c := range dense {
		if '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' {
			dense[c] = true
		}
	}
	return dense
}()

// keys looks for keys and tokens. Only around what may be one: a run of letters
// and digits without a space, which hardly a word is.
func (r *rules) keys(ctx context.Context, text string) (all []found) {
	tries, tokens, done := 0, 0, 0
	for i := 0; i < len(text) && tries < maxTries && tokens < maxTokens; {
		if !isDense[text[i]] {
			i++
			continue
		}
		from, changes, last, all4 := i, 0, 0, 0
		for i < len(text) && isDense[text[i]] {
			if k := classOf(text[i]); k != last {
				changes, last, all4 = changes+1, k, all4|1<<k
			}
			i++
		}
		digits, letters := all4&(1<<3) != 0, all4&(1<<1|1<<2) != 0
		if i-from < 14 || changes < 3 || !digits || !letters || i <= done {
			continue
		}
		tokens++
		if ctx.Err() != nil {
			break
		}
		one, n := r.near(text, from, i, isLink(text, from, i))
		tries += n
		if len(one) > 0 {
			all = append(all, one...)
			done = i
		}
	}
	return append(all, privateKeys(text)...)
}

// classOf parts small letters, capitals, digits and the rest.
func classOf(c byte) int {
	switch {
	case 'a' <= c && c <= 'z':
		return 1
	case 'A' <= c && c <= 'Z':
		return 2
	case '0' <= c && c <= '9':
		return 3
	}
	return 4
}

// isLink tells the path of a link, an address, a name of a file or a host: most
// of what is long in mails.
func isLink(text string, from, to int) bool {
	begin := from
	for begin > 0 && text[begin-1] > ' ' && from-begin < 300 {
		begin--
	}
	before := text[begin:from]
	if strings.Contains(before, "://") || strings.HasSuffix(before, "@") || strings.Contains(before, "www.") {
		return true
	}
	run := text[from:to]
	return strings.HasPrefix(run, "www.") || to < len(text) && text[to] == '@'
}

// near tries the rules whose keywords stand before a token or in it; in a link
// only in it.
func (r *rules) near(text string, from, to int, link bool) (all []found, tries int) {
	begin := max(0, from-maxRegion)
	if i := strings.LastIndex(text[begin:from], "\n\n"); i >= 0 {
		begin += i
	}
	if link {
		begin = from
	}
	end := to
	for end > from && strings.IndexByte(".,:;-", text[end-1]) >= 0 {
		end-- // the sentence's
	}
	region := text[begin:end]
	var tried []*rule
	r.keywords.each(region, func(word, at int) bool {
		for _, one := range r.of[word] {
			if one.ID == "private-key" || has(tried, one) || one.ID == genericRule && (link || !leads(region[at:], end-begin-at)) {
				continue
			}
			tried = append(tried, one)
			tries++
			if f, ok := r.try(one, region, from-begin); ok {
				all = append(all, f)
			}
		}
		return tries < 40
	})
	return all, tries
}

// leads tells whether what a word says may be about a token: a sign that joins
// stands between them.
func leads(after string, n int) bool {
	return n > 0 && n < 140 && strings.ContainsAny(after[:min(n, len(after), 60)], ":=>|,")
}

func has(list []*rule, one *rule) bool {
	for _, r := range list {
		if r == one {
			return true
		}
	}
	return false
}

// try tries one rule on what stands around a token, which begins at.
func (r *rules) try(one *rule, region string, at int) (found, bool) {
	re := one.regexp()
	if re == nil {
		return found{}, false
	}
	from := 0
	if one.ID == genericRule { // what it is called stands on its line
		from = strings.LastIndexByte(region[:at], '\n') + 1
	}
	for _, m := range re.FindAllStringSubmatchIndex(region[from:], 5) {
		secret := one.secretIn(region[from:], m)
		match := region[from+m[0] : from+m[1]]
		if from+m[1] <= at || entropy(secret) <= one.Entropy || r.allowed(one, secret, match, lineOf(region, from+m[0])) || isHarmless(secret, region) {
			continue
		}
		score := 0.9
		if one.ID == genericRule {
			if score = 0.7; isNamed(secret) || !hasDigit(secret) {
				continue
			}
		}
		return found{kind: kindToken, text: secret, score: score}, true
	}
	return found{}, false
}

// genericRule takes anything behind "key", "token" and the like.
const genericRule = "generic-api-key"

func lineOf(text string, at int) string {
	from := strings.LastIndexByte(text[:at], '\n') + 1
	if to := strings.IndexByte(text[at:], '\n'); to >= 0 {
		return text[from : at+to]
	}
	return text[from:]
}

func hasDigit(s string) bool { return strings.ContainsAny(s, "0123456789") }

var (
	uuidShape  = regexp.MustCompile(`^(?i)[{]?[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}[}]?$`)
	hashShape  = regexp.MustCompile(`^(?i)(?:[0-9a-f]{7}|[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64})$`)
	namedShape = regexp.MustCompile(`^(?:v?\d+(?:\.\d+)+.*|[\w-]+(?:\.[\w-]+)*\.(?:[a-z]{2,4}|docx|xlsx|pptx)|\d[\d./-]*|[A-Za-z]+(?:[-_.][A-Za-z]+)*[-_.]?\d{0,4})$`)
)

// isNamed tells versions, hosts, names of files, dates and words with hyphens.
func isNamed(s string) bool { return namedShape.MatchString(s) || uuidShape.MatchString(s) }

// documented are keys that stand in manuals.
var documented = []string{"EXAMPLE", "sk_test_4eC39HqLyjWDarjtT1zdp7dc", "sk_test_BQokikJOvBiI2HlWgH4olfQ2",
	"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ", "wJalrXUtnFEMI/K7MDENG"}

// isHarmless tells keys of manuals, and the hashes and numbers that look like
// keys and open nothing.
func isHarmless(secret, around string) bool {
	for _, d := range documented {
		if strings.Contains(secret, d) {
			return true
		}
	}
	if isPlaceholder(secret) {
		return true
	}
	if !hashShape.MatchString(secret) && !uuidShape.MatchString(secret) {
		return false
	}
	lower := strings.ToLower(around)
	for _, w := range [...]string{"commit", "sha", "md5", "checksum", "hash", "revision", "git", "fingerprint", "build", "merge", "uuid", "guid", "order", "message-id", "suma kontrolna", "digest"} {
		if strings.Contains(lower, w) {
			return true
		}
	}
	return false
}

var (
	privateShape = regexp.MustCompile(`-----BEGIN[ A-Z0-9]{0,40}PRIVATE KEY(?: BLOCK)?-----`)
	loginShape   = regexp.MustCompile(`(?i)\b[a-z][a-z0-9+.-]{1,20}://([^\s:/@<>"']{1,60}):([^\s@/<>"']{3,80})@[a-z0-9\[.-]`)
	sqlShape     = regexp.MustCompile(`(?i)\b(?:password|pwd)\s*=\s*("[^"]{3,80}"|'[^']{3,80}'|[^;\s"']{3,80})\s*;?`)
	bodyShape    = regexp.MustCompile(`^[A-Za-z0-9+/=:,\-\s>]{40,}`)
)

// privateKeys finds blocks of private keys, and logins in connection strings.
func privateKeys(text string) (all []found) {
	if strings.Contains(text, "PRIVATE KEY") {
		for _, m := range privateShape.FindAllStringIndex(text, 5) {
			if after := text[m[1]:min(len(text), m[1]+400)]; bodyShape.MatchString(after) && !strings.Contains(after[:min(len(after), 80)], "...") {
				all = append(all, found{kind: kindPrivate, text: text[m[0]:m[1]], score: 0.95})
			}
		}
	}
	for rest, n := text, 0; n < 500; n++ {
		_, after, found := strings.Cut(rest, "://")
		if !found {
			break
		}
		all = append(all, login(rest[max(0, len(rest)-len(after)-25):], after)...)
		rest = after
	}
	if !hasAny(text, "assword=", "assword =", "wd=", "WD=", "ASSWORD=") {
		return all
	}
	for _, m := range sqlShape.FindAllStringSubmatchIndex(text, 5) {
		line := strings.ToLower(lineOf(text, m[0]))
		if value := strings.Trim(text[m[2]:m[3]], `"'`); !isPlaceholder(value) && hasAny(line, "server=", "host=", "data source=", "user id=", "uid=", "database=", "initial catalog=", "accountkey=", "user=", "username=") {
			all = append(all, found{kind: kindLogin, text: value, score: 0.9})
		}
	}
	return all
}

// login is the password in a link, of which after is what stands behind "://".
func login(link, after string) []found {
	end := strings.IndexAny(after, " \t\r\n<>\"'/")
	if end < 0 {
		end = len(after)
	}
	if at := strings.LastIndexByte(after[:min(end, 200)], '@'); at < 0 || !strings.Contains(after[:at], ":") {
		return nil
	}
	m := loginShape.FindStringSubmatch(link[:min(len(link), 400)])
	if m == nil || isPlaceholder(m[2]) {
		return nil
	}
	return []found{{kind: kindLogin, text: m[2], score: 0.9}}
}

func hasAny(text string, list ...string) bool {
	for _, s := range list {
		if strings.Contains(text, s) {
			return true
		}
	}
	return false
}
