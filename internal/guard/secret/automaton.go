package secret

// automaton finds many words of two letters or more in one pass (Aho and
// Corasick, 1975), letters of either case alike.
type automaton struct {
	classes [256]uint8 // letters that no word has share class 0
	width   int
	next    []uint16 // by state and class
	found   [][]int  // words that end in a state
	words   []string
	begins  []bool // by two classes: a word begins so
}

// word is a word by its number.
func (a *automaton) word(i int) string { return a.words[i] }

func newAutomaton(words []string) *automaton {
	a := &automaton{width: 1, words: words}
	for _, w := range words {
		for i := range len(w) {
			if c := w[i]; a.classes[c] == 0 {
				a.classes[c] = uint8(a.width)
				if 'a' <= c && c <= 'z' {
					a.classes[c-'a'+'A'] = uint8(a.width)
				}
				a.width++
			}
		}
	}
	a.grow()
	for i, w := range words {
		state := 0
		for k := range len(w) {
			at := state*a.width + int(a.classes[w[k]])
			if a.next[at] == 0 {
				a.next[at] = uint16(len(a.found))
				a.grow()
			}
			state = int(a.next[at])
		}
		a.found[state] = append(a.found[state], i)
	}
	a.begins = make([]bool, a.width*a.width)
	for _, w := range words {
		a.begins[int(a.classes[w[0]])*a.width+int(a.classes[w[1]])] = true
	}
	a.link()
	return a
}

func (a *automaton) grow() {
	a.next = append(a.next, make([]uint16, a.width)...)
	a.found = append(a.found, nil)
}

// link lets each state go on where the longest end of it leads.
func (a *automaton) link() {
	fail := make([]int, len(a.found))
	var queue []int
	for c := range a.width {
		if s := int(a.next[c]); s != 0 {
			queue = append(queue, s)
		}
	}
	for len(queue) > 0 {
		s := queue[0]
		queue = queue[1:]
		a.found[s] = append(a.found[s], a.found[fail[s]]...)
		for c := range a.width {
			at := s*a.width + c
			if to := int(a.next[at]); to != 0 {
				fail[to] = int(a.next[fail[s]*a.width+c])
				queue = append(queue, to)
			} else {
				a.next[at] = a.next[fail[s]*a.width+c]
			}
		}
	}
}

// each calls do with every word found and where it ends, until do says stop.
func (a *automaton) each(text string, do func(word, end int) bool) {
	state := 0
	for i := 0; i < len(text); i++ {
		for state == 0 && i+1 < len(text) && !a.begins[int(a.classes[text[i]])*a.width+int(a.classes[text[i+1]])] {
			i++
		}
		state = int(a.next[state*a.width+int(a.classes[text[i]])])
		if found := a.found[state]; found != nil {
			for _, w := range found {
				if !do(w, i+1) {
					return
				}
			}
		}
	}
}
