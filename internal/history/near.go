package history

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"

	"belay/internal/mail"
)

// What is a slip away from an address is found by keys that most slips leave
// alone. Letters that look alike are made one, dots and hyphens dropped; then one
// wrong, missing, doubled or swapped letter leaves either the front half or the
// back half of a name as it was. So three keys a name are enough: front, back, and
// the whole, in which two letters that look like one (rn, m) are one. Who asks tries the
// halves of names that are as long, one longer and one shorter.
//
// A domain is looked for by its registrable label (other endings, hyphens, one
// letter) and by the domains that stand in front of it ("corp.test.co"); an
// address by its local part among those of its domain.

// shortest is how many letters a name needs for one of them to be a slip.
const shortest = 4

// nearKeys are the keys of a name in a scope: of what is established. (Names with
// one skeleton have one glance.)
func nearKeys(scope, name string) []uint64 {
	s := skeleton(name)
	if s == "" {
		return nil
	}
	keys := []uint64{hashOf("glance", scope, glance(s))}
	if n := utf8.RuneCountInString(s); n >= shortest-1 {
		r := []rune(s)
		keys = append(keys, half("front", scope, r[:n/2], n), half("back", scope, r[n/2:], n))
	}
	return keys
}

// oldKey is one that names had too, before the glance was enough.
func oldKey(scope, name string) uint64 { return hashOf("whole", scope, skeleton(name)) }

// probes are the keys under which something a slip away from a name stands.
func probes(scope, name string) []uint64 {
	r := []rune(skeleton(name))
	if len(r) == 0 {
		return nil
	}
	keys := []uint64{hashOf("glance", scope, glance(string(r)))}
	if len(r) < shortest {
		return keys
	}
	for n := len(r) - 1; n <= len(r)+1; n++ {
		h := n / 2
		keys = append(keys, half("front", scope, r[:h], n), half("back", scope, r[len(r)-(n-h):], n))
	}
	// Two letters swapped across the middle leave neither half.
	if h := len(r) / 2; r[h-1] != r[h] {
		swapped := slices.Clone(r)
		swapped[h-1], swapped[h] = swapped[h], swapped[h-1]
		keys = append(keys, hashOf("glance", scope, glance(string(swapped))))
	}
	return keys
}

func half(side, scope string, r []rune, n int) uint64 {
	return hashOf(side, scope, string(r), string(rune(n)))
}

// scopeDomains is the scope of domains' labels; an address's is its domain.
const scopeDomains = ""

// scopeOf gives the scope and the name under which an established address or
// domain is found.
func scopeOf(item string) (scope, name string) {
	local, domain := mail.Split(item)
	if domain == "" {
		return scopeDomains, labelOf(item)
	}
	return domain, local
}

// labelOf is the label that an organisation chose: "corp" of "mail.corp.co.uk".
func labelOf(domain string) string {
	registrable, err := publicsuffix.EffectiveTLDPlusOne(domain)
	if err != nil {
		return domain
	}
	label, _, _ := strings.Cut(registrable, ".")
	return label
}

// lookalikes are letters that one takes for another, by the one they are made.
// They are those of the scripts that domains are forged with.
var lookalikes = func() map[rune]rune {
	table := map[rune]rune{}
	for to, from := range map[rune]string{
		'a': "аαɑàáâãäåāăąạǎɐ4", 'b': "ьвЬƅḃ", 'c': "сϲçćčċĉ", 'd': "ԁɗđďḍ", 'e': "еéèêëēėęěẹɛε3", 'f': "ƒḟ", 'g': "ɡğģġǵ9",
		'h': "һհħ", 'i': "іıíìîïīįị1l|ⅰӏǀ!", 'j': "јϳ", 'k': "кκķḱ", 'm': "м", 'n': "пոñńňņηṇ", 'o': "оοօóòôõöøōőọσ0", 'p': "рρṗ",
		'q': "ԛզ", 'r': "гŕřṛ", 's': "ѕśšşșṣ5ʂ", 't': "тţťțτ7", 'u': "υսúùûüūůűųụ", 'v': "ѵνᴠ", 'w': "ԝωŵẁẃ", 'x': "хχ×", 'y': "уүýÿγ", 'z': "żźžᴢ2",
	} {
		for _, r := range from {
			table[r] = to
		}
	}
	table['ł'] = 'i' // as l
	return table
}()

// glance is a skeleton with pairs of letters made one that look like it. (An l is
// an i there.)
func glance(skeleton string) string {
	for i := 1; i < len(skeleton); i++ {
		switch skeleton[i-1 : i+1] {
		case "rn", "vv", "ci", "nn":
			return twoLetters.Replace(skeleton)
		}
	}
	return skeleton
}

var twoLetters = strings.NewReplacer("rn", "m", "vv", "w", "ci", "d", "nn", "m")

// skeleton is a name as it looks at a glance: small letters, those that look
// alike made one, without dots, hyphens and underscores.
func skeleton(name string) string {
	if strings.Contains(name, "xn--") {
		if shown, err := idna.ToUnicode(name); err == nil {
			name = shown
		}
	}
	name = strings.ToLower(name)
	var b strings.Builder
	b.Grow(len(name))
	for _, r := range name {
		switch r {
		case '.', '-', '_':
			continue
		}
		if to, ok := lookalikes[r]; ok {
			r = to
		}
		b.WriteRune(r)
	}
	return b.String()
}

// slip tells whether two skeletons are the same or one letter apart: wrong,
// missing, too many, or swapped with its neighbour.
func slip(a, b string) bool {
	if alike(a, b) {
		return true
	}
	x, y := []rune(a), []rune(b)
	if len(x) > len(y) {
		x, y = y, x
	}
	if len(y)-len(x) > 1 || len(x) < shortest-1 || len(y) < shortest {
		return false
	}
	i := 0
	for i < len(x) && x[i] == y[i] {
		i++
	}
	if len(x) < len(y) {
		return slices.Equal(x[i:], y[i+1:])
	}
	return slices.Equal(x[i+1:], y[i+1:]) ||
		i+1 < len(x) && x[i] == y[i+1] && x[i+1] == y[i] && slices.Equal(x[i+2:], y[i+2:])
}

// alike tells whether two skeletons look the same.
func alike(a, b string) bool { return a == b || glance(a) == glance(b) }

// sight is a domain as it is compared with others.
type sight struct {
	domain, registrable string // registrable is "" where there is none
	skeleton            string // of the label
}

func sightOf(domain string) *sight {
	registrable, err := publicsuffix.EffectiveTLDPlusOne(domain)
	if err != nil {
		return &sight{domain: domain, skeleton: skeleton(domain)}
	}
	label, _, _ := strings.Cut(registrable, ".")
	return &sight{domain, registrable, skeleton(label)}
}

// slips tells whether a domain is a slip away from another one: a label that
// looks the same, whatever its ending, or one letter away with the same ending.
func (a *sight) slips(b *sight) bool {
	if !slip(a.skeleton, b.skeleton) || below(a.domain, b.domain) || a.registrable != "" && a.registrable == b.registrable {
		return false
	}
	return alike(a.skeleton, b.skeleton) || endingOf(a.domain) == endingOf(b.domain)
}

// endingOf is what stands behind the label: "co.uk".
func endingOf(domain string) string {
	ending, _ := publicsuffix.PublicSuffix(domain)
	return ending
}

// near finds what is established and looks like an address.
func (g *gathering) near(key string) ([]Near, error) {
	local, domain := mail.Split(key)
	if domain == "" {
		return nil, nil
	}
	n := &nearing{gathering: g, key: key, local: local, domain: domain, sight: sightOf(domain), found: map[string]Near{}}
	if err := n.domains(); err != nil {
		return nil, err
	}
	if err := n.addresses(); err != nil {
		return nil, err
	}
	if err := n.contacts(); err != nil {
		return nil, err
	}
	list := make([]Near, 0, len(n.found))
	for _, f := range n.found {
		list = append(list, f)
	}
	slices.SortFunc(list, func(a, b Near) int {
		return cmp.Or(cmp.Compare(number(b.Contact), number(a.Contact)), cmp.Compare(b.Sent, a.Sent), strings.Compare(a.Address, b.Address))
	})
	return capped(list, maxFound), nil
}

// maxFound is how many candidates a detector is given.
const maxFound = 20

func number(b bool) int {
	if b {
		return 1
	}
	return 0
}

// nearing is the search around one address.
type nearing struct {
	*gathering
	key, local, domain string
	sight              *sight // of domain
	found              map[string]Near
}

// domains finds established domains a slip away, and whether the same person is
// known there.
func (n *nearing) domains() error {
	items, err := n.v.candidates(probes(scopeDomains, labelOf(n.domain)))
	if err != nil {
		return err
	}
	for _, d := range items {
		if d != n.domain && sightOf(d).slips(n.sight) {
			if err := n.at(d); err != nil {
				return err
			}
		}
	}
	// A known domain in front of another one: corp.test.co, corp.test.mail.org.
	labels := strings.Split(n.domain, ".")
	for i := 2; i < len(labels); i++ {
		if d := strings.Join(labels[:i], "."); !sameOwner(d, n.domain) {
			if err := n.at(d); err != nil {
				return err
			}
		}
	}
	return nil
}

// sameOwner tells whether one of two domains stands below the other, or both
// below the same registrable one.
func sameOwner(a, b string) bool {
	if below(a, b) {
		return true
	}
	x, err := publicsuffix.EffectiveTLDPlusOne(a)
	if err != nil {
		return false
	}
	y, err := publicsuffix.EffectiveTLDPlusOne(b)
	return err == nil && x == y
}

// below tells whether one of two domains stands below the other.
func below(a, b string) bool {
	if len(a) < len(b) {
		a, b = b, a
	}
	n := len(a) - len(b)
	return n > 0 && a[n-1] == '.' && a[n:] == b
}

// at notes an established domain, or the person that is meant there.
func (n *nearing) at(domain string) error {
	k, err := n.v.domainOf(domain)
	if err != nil || k == nil || k.sent < established {
		return err
	}
	address := n.local + "@" + domain
	person, err := n.v.addressOf(address)
	if err != nil {
		return err
	}
	if person != nil && person.sent > 0 {
		n.note(address, person.sent, person)
		return nil
	}
	n.note(domain, k.sent, k)
	return nil
}

// addresses finds established addresses of the same domain.
func (n *nearing) addresses() error {
	items, err := n.v.candidates(probes(n.domain, n.local))
	if err != nil {
		return err
	}
	local := skeleton(n.local)
	for _, a := range items {
		l, d := mail.Split(a)
		if d != n.domain || a == n.key || !slip(local, skeleton(l)) {
			continue
		}
		k, err := n.v.addressOf(a)
		if err != nil {
			return err
		}
		if k != nil && k.sent >= established {
			n.note(a, k.sent, k)
		}
	}
	return nil
}

// contacts finds the author's own contacts a slip away, however few mails they
// got.
func (n *nearing) contacts() error {
	local := skeleton(n.local)
	for _, c := range n.list {
		if c.domain() != n.domain && c.local() != n.local || c.Address == n.key || c.Trusted() == 0 {
			continue
		}
		a := c.Address
		if _, there := n.found[a]; there {
			continue
		}
		switch l, d := c.local(), c.domain(); {
		case d == n.domain && abs(len(l)-len(n.local)) <= 4 && slip(local, skeleton(l)):
		case l == n.local && (sightOf(d).slips(n.sight) || strings.HasPrefix(n.domain, d+".") && !sameOwner(d, n.domain)):
		default:
			continue
		}
		k, err := n.v.addressOf(a)
		if err != nil {
			return err
		}
		if k == nil {
			k = &known{sent: c.Sent, last: c.LastSent}
		}
		n.note(a, k.sent, k)
	}
	return nil
}

func abs(n int) int { return max(n, -n) }

func (n *nearing) note(address string, sent int, k *known) {
	if n.leftOut(address) {
		return
	}
	c := n.p.Contacts[address]
	n.found[address] = Near{Address: address, Contact: c != nil && c.Sent > 0, Sent: sent, Colleagues: len(k.colleagues), Last: k.last}
}

// nearIndex finds established items by their keys, in memory: about 60 bytes an
// item beside its text.
type nearIndex struct {
	first map[uint64]int32 // key → entry
	items []string
	at    []nearEntry
}

type nearEntry struct{ item, next int32 }

func newNearIndex() *nearIndex {
	return &nearIndex{first: map[uint64]int32{}, at: make([]nearEntry, 1)}
}

// add takes up an item that is not there yet.
func (x *nearIndex) add(item string, keys []uint64) {
	n := int32(len(x.items))
	x.items = append(x.items, item)
	for _, k := range keys {
		x.at = append(x.at, nearEntry{n, x.first[k]})
		x.first[k] = int32(len(x.at) - 1)
	}
}

// maxCandidates is how many items one key gives.
const maxCandidates = 100

func (x *nearIndex) find(keys []uint64) []string {
	var found []string
	for _, k := range keys {
		n := 0
		for e := x.first[k]; e != 0 && n < maxCandidates; e = x.at[e].next {
			found = append(found, x.items[x.at[e].item])
			n++
		}
	}
	return found
}
