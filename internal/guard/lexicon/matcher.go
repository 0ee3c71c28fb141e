package lexicon

import (
	"slices"
	"strings"

	"belay/internal/reading"
)

// Entry is a word or phrase that is looked for.
type Entry struct {
	// Phrase are the words of it. In each, "*" at the end stands for any ending (of
	// the first word only where three letters or more stand before it); a word "_"
	// alone stands for none to two words of any kind. They are folded
	// as reading.Fold does.
	Phrase   string
	Language string
	Kind     string // the caller's word for what it is
	Weight   float64
	Words    int // how many words it has; New counts them
}

// Matcher finds entries in words. It is not changed once it was made, and may be
// used by many goroutines.
type Matcher struct {
	// roots are where phrases begin, by the first three letters; those that begin
	// with a shorter word stand under all of it. A root stands where its letters
	// say, or in the next free place behind; the places are a power of two, and
	// half of them and more are free.
	roots   []root
	count   int // of roots
	entries []Entry
	// first is a filter: the hashes of the first three letters with which any
	// phrase begins. Most words of a text end there.
	first [1 << 13]uint64
	// short are the first words of two letters and less, which the filter does
	// not see.
	short map[string]bool
}

// root is a node by its letters; nil where there is none.
type root struct {
	key [3]byte
	at  *node
}

// node is a place in a phrase.
type node struct {
	few      []edge           // where words lead on, up to fewEdges
	exact    map[string]*node // the others
	endings  []ending         // by the first letters
	gap      *node            // any words, then on
	complete []int            // entries that end here
}

// edge is where a word leads on.
type edge struct {
	word string
	next *node
}

// fewEdges are compared faster one by one than they are found in a map.
const fewEdges = 6

type ending struct {
	begin string
	next  *node
}

// maxGap is how many words a "_" may stand for.
const maxGap = 2

// New makes a matcher. Entries without words are left out.
func New(entries []Entry) *Matcher {
	m := &Matcher{roots: make([]root, 16), short: map[string]bool{}}
	for _, e := range entries {
		words := phraseWords(e.Phrase)
		if len(words) == 0 || words[0] == "_" || strings.HasSuffix(words[0], "*") && len(words[0]) < 4 {
			continue
		}
		e.Words = len(words)
		m.entries = append(m.entries, e)
		m.add(words, len(m.entries)-1)
	}
	return m
}

// phraseWords parts a phrase as reading parts a text, and keeps "*" and "_".
func phraseWords(phrase string) (words []string) {
	for piece := range strings.FieldsSeq(phrase) {
		if piece == "_" {
			words = append(words, piece)
			continue
		}
		list := reading.WordsOf(piece)
		for i, w := range list {
			folded := w.Folded
			if i == len(list)-1 && strings.HasSuffix(piece, "*") {
				folded += "*"
			}
			words = append(words, folded)
		}
	}
	return words
}

func (m *Matcher) add(words []string, entry int) {
	m.admit(words[0])
	n := m.newRoot(rootOf(strings.TrimSuffix(words[0], "*")))
	for _, w := range words {
		n = n.step(w)
	}
	n.complete = append(n.complete, entry)
}

func rootOf(w string) (key [3]byte) {
	copy(key[:], w)
	return key
}

// placeOf is where a root stands, or would.
func (m *Matcher) placeOf(key [3]byte) *root {
	last := uint32(len(m.roots) - 1)
	h := (uint32(key[0])<<16 | uint32(key[1])<<8 | uint32(key[2])) * 0x9E3779B1
	for i := h >> 8 & last; ; i = (i + 1) & last {
		if r := &m.roots[i]; r.at == nil || r.key == key {
			return r
		}
	}
}

// newRoot gives the root of a key, a new one where there is none.
func (m *Matcher) newRoot(key [3]byte) *node {
	r := m.placeOf(key)
	if r.at != nil {
		return r.at
	}
	*r = root{key, &node{}}
	n := r.at
	if m.count++; 2*m.count > len(m.roots) {
		old := m.roots
		m.roots = make([]root, 2*len(old))
		for _, r := range old {
			if r.at != nil {
				*m.placeOf(r.key) = r
			}
		}
	}
	return n
}

// admit lets the filter pass words that begin like this one.
func (m *Matcher) admit(w string) {
	begin := strings.TrimSuffix(w, "*")
	if len(begin) < 3 {
		m.short[begin] = true
		return
	}
	h := hash(begin)
	m.first[h>>6] |= 1 << (h & 63)
}

// hash is of the first three octets, 19 bits.
func hash(s string) uint32 {
	return (uint32(s[0])*0x9E3779B1 ^ uint32(s[1])*0x85EBCA6B ^ uint32(s[2])*0xC2B2AE35) >> 13
}

func (n *node) step(w string) *node {
	if w == "_" {
		if n.gap == nil {
			n.gap = &node{}
		}
		return n.gap
	}
	if begin, wild := strings.CutSuffix(w, "*"); wild {
		for i := range n.endings {
			if n.endings[i].begin == begin {
				return n.endings[i].next
			}
		}
		next := &node{}
		n.endings = append(n.endings, ending{begin, next})
		slices.SortFunc(n.endings, func(a, b ending) int { return strings.Compare(a.begin, b.begin) })
		return next
	}
	if next := n.on(w); next != nil {
		return next
	}
	next := &node{}
	switch {
	case len(n.few) < fewEdges:
		n.few = append(n.few, edge{w, next})
	case n.exact == nil:
		n.exact = map[string]*node{w: next}
	default:
		n.exact[w] = next
	}
	return next
}

// on is where a word leads, nil where nothing goes on with it.
func (n *node) on(w string) *node {
	for i := range n.few {
		if n.few[i].word == w {
			return n.few[i].next
		}
	}
	if n.exact == nil {
		return nil
	}
	return n.exact[w]
}

// Match is an entry that was found.
type Match struct {
	Entry    *Entry
	From, To int // words: from (included) to (excluded)
}

// Find gives all entries in the words of a text, also those that overlap, in
// the order in which they begin. No phrase reaches over the end of a sentence.
func (m *Matcher) Find(text string, words []reading.Word) (found []Match) {
	s := search{m: m, text: text, words: words}
	for i := range words {
		w := words[i].Folded
		if len(w) < 3 {
			if !m.short[w] {
				continue
			}
		} else if h := hash(w); m.first[h>>6]&(1<<(h&63)) == 0 {
			continue
		}
		if n := m.placeOf(rootOf(w)).at; n != nil {
			s.begin = i
			s.from(n, i)
		}
	}
	return s.found
}

// search is one search through the words of a text.
type search struct {
	m     *Matcher
	text  string
	words []reading.Word
	begin int
	found []Match
}

// from goes on from a place in phrases with the word at i.
func (s *search) from(n *node, i int) {
	if i >= len(s.words) || i > s.begin && Parts(s.text, s.words, i-1) {
		return
	}
	w := s.words[i].Folded
	if next := n.on(w); next != nil {
		s.at(next, i)
	}
	if len(n.endings) == 0 {
		return
	}
	// All beginnings of the word lie before it in the order, and share its first
	// letter.
	end, _ := slices.BinarySearchFunc(n.endings, w, func(e ending, w string) int {
		if e.begin <= w {
			return -1
		}
		return 1
	})
	for k := end - 1; k >= 0 && len(w) > 0 && n.endings[k].begin != "" && n.endings[k].begin[0] == w[0]; k-- {
		if strings.HasPrefix(w, n.endings[k].begin) {
			s.at(n.endings[k].next, i)
		}
	}
}

// at is a place in phrases that the word at i reached.
func (s *search) at(n *node, i int) {
	for _, e := range n.complete {
		s.found = append(s.found, Match{&s.m.entries[e], s.begin, i + 1})
	}
	if n.few != nil || n.endings != nil {
		s.from(n, i+1)
	}
	if n.gap != nil {
		for skip := 0; skip <= maxGap && i+1+skip < len(s.words); skip++ {
			if skip > 0 && Parts(s.text, s.words, i+skip-1) {
				return
			}
			s.from(n.gap, i+1+skip)
		}
	}
}
