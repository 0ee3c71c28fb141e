package directory

import (
	"slices"
	"strings"

	"belay/internal/mail"
	"belay/internal/reading"
)

// Naming is how a text names an organisation.
type Naming string

// Namings, the surest first.
const (
	ByDomain  Naming = "domain"  // falcon.test, or an address there
	ByKeyword Naming = "keyword" // Project Falcon, FE-2219
	ByName    Naming = "name"    // Falcon Energy
	ByPerson  Naming = "person"  // the full name of somebody with an address there
	ByShort   Naming = "short"   // Falcon: the first word of its name alone
)

// Mention is a place where words name an organisation.
type Mention struct {
	Organisation *Organisation
	By           Naming
	From, To     int // the words: from, and the first that does not belong to it
}

// Named finds the organisations that words name, in their order: by name,
// keyword, domain, or the full name of one of their people, declined too ("Gminy
// Lipowo", "Tindra Helses"). Case and diacritics do not count, but that a single
// word of letters has to have a capital letter where the directory writes it with
// one. It looks each word up in a table that was made with the directory: some
// 10 ns for a word.
func (d *Directory) Named(words []reading.Word) (found []Mention) {
	if d == nil || d.named == nil {
		return nil
	}
	x := d.named
	for i := 0; i < len(words); i++ {
		if !x.maybe(words[i].Folded) {
			continue
		}
		list := x.at(words[i:])
		best := 0
		for j := range list {
			if n := len(list[j].words); n > best && list[j].stands(words[i:]) {
				best = n
			}
		}
		if best == 0 {
			continue
		}
		for j := range list { // the same words may name several
			if p := &list[j]; len(p.words) == best && p.stands(words[i:]) {
				found = append(found, Mention{Organisation: p.of, By: p.by, From: i, To: i + best})
			}
		}
		i += best - 1
	}
	return found
}

// NamesOf are the names of the organisations that words name surely, each once:
// not by the first word of a name alone.
func (d *Directory) NamesOf(texts ...[]reading.Word) (all []string) {
	for _, words := range texts {
		for _, m := range d.Named(words) {
			if m.By != ByShort && !slices.Contains(all, m.Organisation.Name) {
				all = append(all, m.Organisation.Name)
			}
		}
	}
	return all
}

// phrase is a row of words that names an organisation.
type phrase struct {
	of      *Organisation
	by      Naming
	words   []string // folded
	capital bool     // it counts only with a capital letter
}

// stands tells whether a text goes on with the phrase.
func (p *phrase) stands(words []reading.Word) bool {
	if len(words) < len(p.words) {
		return false
	}
	for i, w := range p.words {
		if words[i].Folded != w && (p.by == ByDomain || !isForm(words[i].Folded, w, len(p.words) == 1)) {
			return false
		}
		if i > 0 && !p.close(&words[i-1], &words[i]) {
			return false
		}
	}
	return !p.capital || words[0].Capital
}

// isForm tells whether a word may be a declined form of another: only the end
// differs. Of a word that stands alone less is borne: Brzozy is Brzoza,
// Tindrasundet is not Tindra.
func isForm(word, of string, alone bool) bool {
	cut, more := 2, 4
	if alone {
		cut, more = 1, 2
	}
	if len(of) < 5 || len(word) > len(of)+more || strings.ContainsAny(of, "0123456789") {
		return false
	}
	stem := max(4, len(of)-cut)
	return len(word) >= stem && word[:stem] == of[:stem]
}

// close tells whether two words stand together: of a domain, with nothing but
// the dot between them.
func (p *phrase) close(a, b *reading.Word) bool {
	gap := b.Start - a.End
	if p.by == ByDomain {
		return gap == 1 && a.Line == b.Line
	}
	return gap <= 4
}

// namedIndex finds phrases by the beginnings of their first two words: endings
// change. Phrases of one word stand under its beginning alone.
type namedIndex struct {
	phrases map[string][]phrase
	sieve   [1 << 10]uint64 // of the beginnings of first words: most words have none of them
}

// begin is how much of a word is its beginning, in octets.
const begin = 4

func beginOf(w string) string { return w[:min(begin, len(w))] }

// sieveOf is where a beginning stands in the sieve.
func sieveOf(w string) uint32 {
	if len(w) >= begin {
		return (uint32(w[0]) | uint32(w[1])<<8 | uint32(w[2])<<16 | uint32(w[3])<<24) * 2654435761 >> 16
	}
	h := uint32(len(w))
	for i := range len(w) {
		h = h<<8 | uint32(w[i])
	}
	return h * 2654435761 >> 16
}

// maybe tells whether a phrase may begin with a word.
func (x *namedIndex) maybe(w string) bool {
	h := sieveOf(w)
	return x.sieve[h>>6]&(1<<(h&63)) != 0
}

// at gives the phrases that may begin with the first of words.
func (x *namedIndex) at(words []reading.Word) []phrase {
	w := words[0].Folded
	one := x.phrases[beginOf(w)]
	if len(words) == 1 {
		return one
	}
	var key [2*begin + 1]byte
	k := append(append(append(key[:0], beginOf(w)...), ' '), beginOf(words[1].Folded)...)
	two := x.phrases[string(k)]
	switch {
	case len(two) == 0:
		return one
	case len(one) == 0:
		return two
	}
	return append(slices.Clone(two), one...)
}

func (x *namedIndex) add(p phrase) {
	if len(p.words) == 0 || len(p.words) == 1 && len(p.words[0]) < 2 {
		return
	}
	key := beginOf(p.words[0])
	if len(p.words) > 1 {
		key += " " + beginOf(p.words[1])
	}
	for _, other := range x.phrases[key] {
		if other.of == p.of && slices.Equal(other.words, p.words) {
			return
		}
	}
	h := sieveOf(p.words[0])
	x.sieve[h>>6] |= 1 << (h & 63)
	x.phrases[key] = append(x.phrases[key], p)
}

// named makes the index.
func (b *builder) named() {
	d := b.d
	if len(d.organisations) == 0 {
		return
	}
	x := &namedIndex{phrases: map[string][]phrase{}}
	shorts := map[string]*Organisation{}
	for _, o := range d.organisations {
		for _, domain := range o.Domains {
			if words := foldedWords(domain); len(words) > 1 {
				x.add(phrase{of: o, by: ByDomain, words: words})
			}
		}
		for _, k := range o.Keywords {
			x.add(phraseOf(o, ByKeyword, k))
		}
		name := phraseOf(o, ByName, o.Name)
		x.add(name)
		name.words = coreOf(name.words)
		name.capital = name.capital || len(name.words) == 1
		x.add(name)
		if len(name.words) > 1 {
			short := name.words[0]
			if _, there := shorts[short]; there {
				shorts[short] = nil // of several: it says nothing
			} else {
				shorts[short] = o
			}
		}
	}
	ours := map[string]bool{} // the words of our own people's names
	for _, p := range d.people {
		for _, w := range foldedWords(p.Name) {
			ours[w] = true
		}
	}
	for short, o := range shorts {
		if o != nil && len(short) >= 4 && !generic[short] && !ours[short] {
			x.add(phrase{of: o, by: ByShort, words: []string{short}, capital: true})
		}
	}
	for _, p := range d.people {
		if o := d.Organisation(p.Addresses[0]); o != nil && !d.own[mail.Domain(p.Addresses[0])] {
			if words := foldedWords(p.Name); len(words) > 1 {
				x.add(phrase{of: o, by: ByPerson, words: words, capital: true})
			}
		}
	}
	d.named = x
}

func phraseOf(o *Organisation, by Naming, text string) phrase {
	words := reading.WordsOf(text)
	p := phrase{of: o, by: by}
	for _, w := range words {
		p.words = append(p.words, w.Folded)
	}
	p.capital = len(words) == 1 && words[0].Capital && !strings.ContainsAny(text, "0123456789")
	return p
}

func foldedWords(text string) (words []string) {
	for _, w := range reading.WordsOf(text) {
		words = append(words, w.Folded)
	}
	return words
}

// coreOf is a name without the words for its legal form at the end, and without
// an article before it.
func coreOf(words []string) []string {
	end := len(words)
	for end > 1 && (legalForms[words[end-1]] || len(words[end-1]) == 1) {
		end--
	}
	words = words[:end]
	if len(words) > 1 && (words[0] == "the" || words[0] == "el" || words[0] == "la" || words[0] == "il") {
		words = words[1:]
	}
	return words
}

// legalForms end the names of firms, and parts of such forms.
var legalForms = wordSet(`ltd limited llc llp plc inc incorporated corp corporation co company gmbh ag kg sa srl spa sl slu sau sas snc scarl coop
sp zoo oo o z spolka akcyjna jawna komandytowa psa
as asa ans da nuf a s sti sirketi anonim limited tic san ve ticaret sanayi holding group grupa grupo gruppo`)

// generic are words that begin the names of many.
var generic = wordSet(`bank hotel urzad biuro szkola zaklad przedsiebiorstwo fundacja stowarzyszenie gmina miasto powiat szpital instytut kancelaria grupa firma centrum
ayuntamiento banco grupo hospital universidad colegio clinica despacho bufete asociacion fundacion centro casa ciudad comunidad construcciones transportes talleres
comune banca gruppo ospedale universita scuola studio clinica associazione fondazione citta casa officina edilizia impresa autotrasporti
belediye belediyesi banka grup hastane universite okul vakfi dernegi otel merkez
kommune banken gruppe sykehus skole stiftelse forening advokatfirma advokatfirmaet bygg norsk norske oslo bergen
city county council university school hospital clinic group institute national international first global general united american british european royal central
north south east west northern southern eastern western green blue black white grand great good best smart home data digital media energy power capital
europe europa poland polska spain espana italy italia turkey turkiye norway norge london warsaw warszawa madrid milano istanbul`)

func wordSet(list string) map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(list) {
		m[w] = true
	}
	return m
}
