package expect

import (
	"strings"
	"sync"

	"belay/internal/guard/names"
	"belay/internal/mail"
	"belay/internal/reading"
)

// who is somebody's name and address, ready to be compared many times.
type who struct {
	key           string
	local, domain string
	given, family []uint32 // hashes of the folded words of the name, of nicknames the usual form too
	words         []uint32 // of everything they may be called by
	first, last   string   // folded; "" where not known
}

// cacheSize is how many people are kept read: some twenty megabytes.
const cacheSize = 40_000

// people keeps names that were read: the same contacts are looked through for
// mail after mail.
type people struct {
	mu   sync.RWMutex
	read map[[2]string]*who
}

func (p *people) of(display, key string) *who {
	id := [2]string{display, key}
	p.mu.RLock()
	w := p.read[id]
	p.mu.RUnlock()
	if w != nil {
		return w
	}
	w = readWho(display, key)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.read == nil || len(p.read) >= cacheSize {
		p.read = map[[2]string]*who{}
	}
	p.read[id] = w
	return w
}

func readWho(display, key string) *who {
	w := &who{key: key}
	w.local, w.domain = mail.Split(mail.Base(key))
	n := names.Parse(display, key)
	for _, g := range n.Given {
		w.given = addName(w.given, g)
	}
	for _, f := range n.Family {
		w.family = append(w.family, hash(f))
	}
	for _, x := range n.Words {
		w.words = addName(w.words, x)
	}
	if len(n.Given) > 0 {
		w.first = n.Given[0]
	}
	if len(n.Family) > 0 {
		w.last = n.Family[0]
	}
	return w
}

// addName adds the hashes of a word, and of the given names that it is a form of.
func addName(list []uint32, word string) []uint32 {
	word = reading.Fold(strings.TrimSpace(word))
	if len(word) < 2 {
		return list
	}
	list = append(list, hash(word))
	for _, u := range names.Usual(word) {
		list = append(list, usualHash(u))
	}
	return list
}

func hash(s string) uint32 {
	h := uint32(2166136261)
	for i := range len(s) {
		h = (h ^ uint32(s[i])) * 16777619
	}
	return h ^ h>>15
}

// usualHash is the hash of a usual form, apart from that of the word itself.
func usualHash(s string) uint32 { return hash(s) ^ 0x5bd1e995 }

// commonPrefix is how many letters two texts begin with in common, at most n.
func commonPrefix(a, b string, n int) int {
	n = min(n, len(a), len(b))
	for i := range n {
		if a[i] != b[i] {
			return i
		}
	}
	return n
}

// distance is the number of letters by which two texts differ (a letter more,
// fewer, another one, or two swapped), 3 where it is more than 2.
func distance(a, b string) int {
	if d := len(a) - len(b); d > 2 || d < -2 {
		return 3
	}
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	if len(a) == 0 || len(b) == 0 {
		return min(3, max(len(a), len(b)))
	}
	if len(a) > 24 || len(b) > 24 {
		return 3
	}
	var rows [3][26]int
	before, above, row := &rows[0], &rows[1], &rows[2]
	for j := range len(b) + 1 {
		above[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		least := i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(above[j]+1, row[j-1]+1, above[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
			least = min(least, row[j])
		}
		if least > 2 {
			return 3
		}
		before, above, row = above, row, before
	}
	return min(3, above[len(b)])
}
