package history

import (
	"context"
	"slices"
	"sync"
)

// Memory keeps the past in memory: for judging a stream, for looking back, and
// for tests. It gives the same Past as Store for the same events. It may be used
// by many goroutines.
type Memory struct {
	who
	mu sync.RWMutex
	r  memoryRecords
}

// MemoryOptions say who is who.
type MemoryOptions struct {
	// Main gives the main address of a person (directory.Directory.Main); nil
	// takes off the detail of sub-addresses, and nothing else.
	Main func(address string) string
	// Own tells whether a domain is ours. nil: whoever writes a mail that is not
	// incoming is one of ours, and their own domain is.
	Own func(domain string) bool
	// Excluded are those of whom nothing is learned, neither as author nor as
	// recipient; nil is nobody.
	Excluded func(address string) bool
}

// NewMemory makes one that knows nothing.
func NewMemory(o MemoryOptions) *Memory {
	return &Memory{who: who{main: o.Main, own: o.Own, excluded: o.Excluded}, r: newMemoryRecords()}
}

var (
	_ Source  = (*Memory)(nil)
	_ Learner = (*Memory)(nil)
)

// Past implements Source. It never fails.
func (m *Memory) Past(_ context.Context, q Query) (*Past, error) {
	m.mu.Lock() // not RLock: it marks what it gives away
	defer m.mu.Unlock()
	p, err := m.gather(&m.r, &q)
	return p, err
}

// Learn implements Learner. It never fails.
func (m *Memory) Learn(_ context.Context, events []Event) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for i := range events {
		if events[i].Automatic {
			continue
		}
		if err := m.learn(&m.r, &m.r, deedOf(&events[i])); err != nil {
			return err
		}
	}
	return nil
}

// learn takes one mail in.
func (w *who) learn(v view, r records, d *deed) error {
	t := w.tell(d)
	if t == nil {
		return nil
	}
	return w.learnTold(v, r, t, nil)
}

// learnTold learns a mail. foreseen are its changes as they are where nothing was
// learned of it before, nil where they are not made yet.
func (w *who) learnTold(v view, r records, t *told, foreseen []change) error {
	parent, err := w.parent(v, t)
	if err != nil {
		return err
	}
	var before *letter
	if t.id != 0 {
		before = r.mail(t.author, t.id)
	}
	again := t.fresh(before)
	if again && len(t.to) == 0 {
		return nil
	}
	if foreseen == nil || before != nil || parent != nil && parent.broadcast {
		foreseen = w.changes(t, again, parent)
	}
	for i := range foreseen {
		foreseen[i].do(r)
	}
	if t.id != 0 {
		r.keepMail(w.letterOf(t, before, parent))
	}
	return nil
}

// parent finds the mail that one answers.
func (w *who) parent(v view, t *told) (*letter, error) {
	parent, _, err := parentOf(v, w.parentQuery(t))
	if parent != nil && parent.id == t.id {
		return nil, err
	}
	return parent, err
}

// parentQuery is what it is looked for by.
func (w *who) parentQuery(t *told) threadQuery {
	q := threadQuery{parents: t.parents, root: t.root, subject: t.subject, answer: t.answer, quotes: t.quotes, author: t.author,
		people: []string{t.author}, before: forever, at: t.at}
	for _, p := range t.to {
		q.people = append(q.people, p.key)
	}
	return q
}

// memoryRecords are all records, in maps.
type memoryRecords struct {
	profiles map[string]*profile
	people   map[string]*known
	domains  map[string]*known
	pairs    map[pairKey]*pair
	named    map[string][]string // domain → organisations with a pair
	mails    map[mailKey]*letter
	byID     map[uint64][]*letter
	byRoot   map[uint64][]*letter
	bySubj   map[uint64][]*letter
	all      int
	near     *nearIndex
}

// mailKey is a mail of an author: a Message-ID alone is not unique.
type mailKey struct {
	author string
	id     uint64
}

func newMemoryRecords() memoryRecords {
	return memoryRecords{profiles: map[string]*profile{}, people: map[string]*known{}, domains: map[string]*known{},
		pairs: map[pairKey]*pair{}, named: map[string][]string{}, mails: map[mailKey]*letter{},
		byID: map[uint64][]*letter{}, byRoot: map[uint64][]*letter{}, bySubj: map[uint64][]*letter{}, near: newNearIndex()}
}

func (m *memoryRecords) profile(author string) *profile {
	p := m.profiles[author]
	if p == nil {
		p = newProfile()
		m.profiles[author] = p
	}
	return p
}

func (m *memoryRecords) address(key string) *known { return m.known(m.people, key) }

func (m *memoryRecords) domain(domain string) *known { return m.known(m.domains, domain) }

func (m *memoryRecords) settle(item string, k *known) {
	if k.sent >= established && !k.indexed {
		k.indexed = true
		m.near.add(item, nearKeys(scopeOf(item)))
	}
}

func (m *memoryRecords) known(in map[string]*known, key string) *known {
	k := in[key]
	if k == nil {
		k = &known{}
		in[key] = k
	}
	return k
}

func (m *memoryRecords) pair(k pairKey) *pair {
	p := m.pairs[k]
	if p == nil {
		p = &pair{}
		m.pairs[k] = p
		if k.kind == pairNamed {
			m.named[k.a] = append(m.named[k.a], k.b)
		}
	}
	return p
}

func (m *memoryRecords) mail(author string, id uint64) *letter { return m.mails[mailKey{author, id}] }

func (m *memoryRecords) keepMail(l *letter) {
	key := mailKey{l.author, l.id}
	if old := m.mails[key]; old != nil {
		*old = *l // it stands in the lists already
		return
	}
	m.mails[key] = l
	m.byID[l.id] = append(m.byID[l.id], l)
	m.byRoot[l.root] = append(m.byRoot[l.root], l)
	if l.subject != 0 {
		m.bySubj[l.subject] = append(m.bySubj[l.subject], l)
	}
}

func (m *memoryRecords) count(string) { m.all++ }

func (m *memoryRecords) prepare(_, _ []string) error { return nil }

func (m *memoryRecords) foresee([]string, []uint64) error { return nil }

func (m *memoryRecords) profileOf(author string) (*profile, error) {
	p := m.profiles[author]
	if p != nil {
		p.shared = true
	}
	return p, nil
}

func (m *memoryRecords) peerOf(key string) (*profile, error) {
	return m.profiles[key], nil
}

func (m *memoryRecords) addressOf(key string) (*known, error)   { return m.people[key], nil }
func (m *memoryRecords) domainOf(domain string) (*known, error) { return m.domains[domain], nil }
func (m *memoryRecords) total() (int, error)                    { return m.all, nil }

func (m *memoryRecords) timesOf(k pairKey) (int, error) {
	if p := m.pairs[k]; p != nil {
		return p.times, nil
	}
	return 0, nil
}

func (m *memoryRecords) namedTo(domain string) (map[string]int, error) {
	names := map[string]int{}
	for _, name := range m.named[domain] {
		names[name] = m.pairs[pairKey{pairNamed, domain, name}].times
	}
	return names, nil
}

func (m *memoryRecords) letters(ids []uint64) (found []*letter, err error) {
	for _, id := range ids {
		found = append(found, m.byID[id]...)
	}
	return found, nil
}

func (m *memoryRecords) thread(roots []uint64, before int64) (found []*letter, err error) {
	for _, root := range roots {
		found = append(found, newest(m.byRoot[root], before, maxThread)...)
	}
	return found, nil
}

func (m *memoryRecords) subject(subject uint64, before int64) ([]*letter, error) {
	return newest(m.bySubj[subject], before, maxSubject), nil
}

// newest gives up to n of these mails that are not later than before, the newest
// first.
func newest(mails []*letter, before int64, n int) []*letter {
	found := make([]*letter, 0, min(n, len(mails)))
	for _, l := range mails {
		if l.at <= before {
			found = append(found, l)
		}
	}
	slices.SortFunc(found, newestFirst)
	return capped(found, n)
}

func (m *memoryRecords) candidates(hashes []uint64) ([]string, error) {
	return m.near.find(hashes), nil
}
