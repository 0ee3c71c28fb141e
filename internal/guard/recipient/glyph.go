package recipient

import (
	"strings"

	"belay/internal/guard/parties"
)

// alike are letters that one takes for another at a glance, each line under the
// plain one. They are those of the scripts with which domains are forged; letters
// with marks count as the plain ones, since in an address bar nobody sees a dot
// below.
const alike = `a аαɑàáâãäåāăąǎạ
b ьƅḃ
c сϲçćčċĉ
d ԁɗđďḍ
e еéèêëēėęěẹє
g ɡğģġǵ
h һհħḥ
i іıíìîïīįịӏ1l|ⅼ
j јϳ
k кκķḳ
m мṃ
n պոñńňņṇ
o оοօ0óòôõöøōőọσ
p рρṗ
q ԛ
r гŕřṛ
s ѕśšşșṣ
t тťțṭτ
u υսúùûüūůűųụ
v ѵν
w ԝωŵẁẃ
x хχ
y уýÿỳ
z żźžẓ`

var looks, forged = func() (map[rune]rune, map[rune]bool) {
	table, foreign := map[rune]rune{}, map[rune]bool{}
	for line := range strings.Lines(alike) {
		plain, all, _ := strings.Cut(strings.TrimSpace(line), " ")
		for _, r := range all {
			table[r] = rune(plain[0])
			foreign[r] = r >= 0x80
		}
	}
	table['ł'] = 'i' // as l
	return table, foreign
}()

// runTogether are pairs of letters that look like one.
var runTogether = strings.NewReplacer("rn", "m", "vv", "w", "cl", "d")

// outline is a word as it looks at a glance.
func outline(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range runTogether.Replace(s) {
		if to, ok := looks[r]; ok {
			r = to
		}
		b.WriteRune(r)
	}
	return b.String()
}

// looksLike tells whether two words are not the same and look so.
func looksLike(a, b string) bool { return a != b && outline(a) == outline(b) }

// isForged tells whether a domain has letters of another script among plain ones.
func isForged(domain string) bool {
	for _, r := range parties.Readable(domain) {
		if forged[r] {
			return true
		}
	}
	return false
}
