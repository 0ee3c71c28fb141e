package lexicon

import (
	"slices"
	"strings"
	"sync/atomic"
	"unicode"

	"belay/internal/directory"
	"belay/internal/reading"
)

// Organisations finds the directory's organisations in short texts: names of
// files, titles, the beginning of a document. Its zero value is ready, and may
// be used by many goroutines; it keeps what it made of the last directory.
type Organisations struct{ last atomic.Pointer[organisations] }

type organisations struct {
	of      *directory.Directory
	matcher *Matcher
	list    []*directory.Organisation
}

// maxEnding is how long an ending may be that a language hangs on a name:
// "Falconowi", "Falcon'dan".
const maxEnding = 4

// Named gives the organisations that a text names, each once, by name, keyword
// or domain. A name of one word counts only as a name: with a capital letter.
func (o *Organisations) Named(d *directory.Directory, text string) []*directory.Organisation {
	return o.named(d, text, false)
}

// NamedInFileName is Named for the words of a file's name (FileWords), which
// people write in small letters.
func (o *Organisations) NamedInFileName(d *directory.Directory, name string) []*directory.Organisation {
	return o.named(d, name, true)
}

func (o *Organisations) named(d *directory.Directory, text string, small bool) (list []*directory.Organisation) {
	known := o.of(d)
	if known == nil || text == "" {
		return nil
	}
	words := reading.WordsOf(text)
	for _, m := range known.matcher.Find(text, words) {
		last := m.To - 1
		org := known.list[int(m.Entry.Weight)]
		begin := phraseWords(m.Entry.Phrase)
		ending := words[last].Folded[min(len(words[last].Folded), len(strings.TrimSuffix(begin[len(begin)-1], "*"))):]
		if len(ending) > maxEnding || isCode(ending) {
			continue
		}
		if m.Entry.Kind == "one" && !small && !words[m.From].Capital && !isCode(words[m.From].Text) {
			continue
		}
		if !slices.Contains(list, org) {
			list = append(list, org)
		}
	}
	return list
}

// isCode tells words with a digit in them, which are no everyday words.
func isCode(s string) bool { return strings.ContainsAny(s, "0123456789") }

func (o *Organisations) of(d *directory.Directory) *organisations {
	if d == nil || len(d.Organisations()) == 0 {
		return nil
	}
	known := o.last.Load()
	if known == nil || known.of != d {
		known = newOrganisations(d)
		o.last.Store(known)
	}
	return known
}

func newOrganisations(d *directory.Directory) *organisations {
	o := &organisations{of: d, list: d.Organisations()}
	// Words by which more than one organisation might be meant name none.
	uses := map[string]map[int]bool{}
	use := func(word string, i int) {
		if uses[word] == nil {
			uses[word] = map[int]bool{}
		}
		uses[word][i] = true
	}
	for i, org := range o.list {
		for _, w := range shortNames(org) {
			use(w, i)
		}
	}
	var entries []Entry
	for i, org := range o.list {
		add := func(phrase, kind string) {
			entries = append(entries, Entry{Phrase: phrase, Kind: kind, Weight: float64(i)})
		}
		if words := nameWords(org.Name); len(words) > 1 {
			add(strings.Join(words, " ")+"*", "")
		}
		for _, k := range org.Keywords {
			kind := ""
			if words := phraseWords(k); len(words) == 1 && len(words[0]) > 3 {
				kind = "one"
				k += "*"
			}
			add(k, kind)
		}
		for _, domain := range org.Domains {
			add(strings.ReplaceAll(domain, ".", " "), "")
		}
		for _, w := range shortNames(org) {
			if len(uses[w]) == 1 {
				add(w+"*", "one")
			}
		}
	}
	o.matcher = New(entries)
	return o
}

// nameWords are the words of a name without the legal form.
func nameWords(name string) (words []string) {
	for _, w := range reading.WordsOf(name) {
		if len(w.Folded) > 1 && !legalForms[w.Folded] {
			words = append(words, w.Folded)
		}
	}
	return words
}

// shortNames are the words by which people call an organisation: the first one
// of its name that says something, and its domain without the ending.
func shortNames(org *directory.Organisation) (list []string) {
	add := func(w string) {
		if len(w) >= 4 && !everyday[w] && !slices.Contains(list, w) {
			list = append(list, w)
		}
	}
	words := nameWords(org.Name)
	if len(words) == 1 || len(words) > 1 && !everyday[words[0]] {
		add(words[0])
	}
	for _, domain := range org.Domains {
		label, _, _ := strings.Cut(domain, ".")
		if !strings.ContainsFunc(label, func(r rune) bool { return r > unicode.MaxASCII || r == '-' }) {
			add(label)
		}
	}
	return list
}

var legalForms = setOf(`ltd limited inc llc llp plc corp corporation company gmbh ag as asa ans da sa sl slu sau srl spa snc sas sp zoo oo spolka z
	o akcyjna jawna komandytowa sti ltdsti anonim sirketi limitet tic san ve and the of e y i og de del di da holding group grupa grupo gruppo grup`)

// everyday are words with which names of many organisations begin.
var everyday = setOf(`bank banco banca banka bankasi hotel clinic klinika clinica klinik hospital szpital ospedale hastane sykehus university universidad universita
	uniwersytet universitesi universitet school szkola escuela colegio scuola okul skole city urzad gmina miasto ayuntamiento comune belediye kommune kommunen studio
	kancelaria despacho bufete avukatlik advokat law firm office biuro partners consulting construction constructora budowa costruzioni insaat bygg energy energia
	energi enerji north south east west nord norte norsk norske polska polski polskie turk turkiye italia italiana espana espanola british english first national international
	global general new nowy nova nuevo nuovo yeni green blue red black white data soft tech media design system systems trade trading logistics transport import export
	food foods house home casa foundation fundacja fundacion fondazione vakif stiftelse ministry ministerio ministerstwo ministero bakanligi dental medical pharma auto
	zaklad przedsiebiorstwo firma empresa azienda sirket fabrik fabryka fabrica saint santa royal museum muzeum museo club klub agencja agencia agenzia ajans byraa`)

func setOf(list string) map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(list) {
		m[w] = true
	}
	return m
}

// FileWords is the name of a file as words: without its ending, parted at
// capital letters and digits as people write them together ("OfferFalcon2024").
func FileWords(name string) string {
	if i := strings.LastIndexByte(name, '.'); i > 0 && len(name)-i <= 6 {
		name = name[:i]
	}
	var b strings.Builder
	runes := []rune(name)
	for i, r := range runes {
		if i > 0 && (unicode.IsUpper(r) && unicode.IsLower(runes[i-1]) || unicode.IsLetter(runes[i-1]) && isYear(runes[i:])) {
			b.WriteByte(' ')
		}
		if r == '_' || r == '+' {
			r = ' '
		}
		b.WriteRune(r)
	}
	return b.String()
}

// isYear tells whether four digits follow.
func isYear(r []rune) bool {
	return len(r) >= 4 && unicode.IsDigit(r[0]) && unicode.IsDigit(r[1]) && unicode.IsDigit(r[2]) && unicode.IsDigit(r[3])
}
