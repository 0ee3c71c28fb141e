package history

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// memoryFile is the name of the file in a state directory.
const memoryFile = "history.belay"

const memoryMagic = "belay history 1\n"

// Save writes all that is remembered into a directory, which it makes if need
// be. The file is whole or not there: it is written beside and moved.
func (m *Memory) Save(dir string) error {
	m.mu.Lock()
	b := m.r.encode()
	m.mu.Unlock()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("save what was learned: %w", err)
	}
	f, err := os.CreateTemp(dir, memoryFile+".*")
	if err != nil {
		return fmt.Errorf("save what was learned: %w", err)
	}
	_, err = f.Write(b)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), filepath.Join(dir, memoryFile))
	}
	if err != nil {
		os.Remove(f.Name())
		return fmt.Errorf("save what was learned: %w", err)
	}
	return nil
}

// Load reads what Save wrote into a directory, in place of what is remembered. A
// directory without such a file, or none, is an empty past.
func (m *Memory) Load(dir string) error {
	path := filepath.Join(dir, memoryFile)
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("load what was learned: %w", err)
	}
	r, err := decodeMemory(b)
	if err != nil {
		return fmt.Errorf("load what was learned from %s: %w", path, err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.r = r
	return nil
}

func (m *memoryRecords) encode() []byte {
	p := pen{b: []byte(memoryMagic)}
	p.number(m.all)
	p.number(len(m.profiles))
	for _, author := range sortedKeys(m.profiles) {
		p.text(author)
		p.text(string(m.profiles[author].encode()))
	}
	for _, all := range []map[string]*known{m.people, m.domains} {
		p.number(len(all))
		for _, name := range sortedKeys(all) {
			p.text(name)
			p.text(string(all[name].encode()))
		}
	}
	p.number(len(m.pairs))
	for k, v := range m.pairs {
		p.b = append(p.b, k.kind)
		p.text(k.a)
		p.text(k.b)
		p.number(v.times)
		p.signed(v.last.Unix())
	}
	p.number(len(m.mails))
	for _, l := range m.mails {
		p.hash(l.id)
		p.hash(l.root)
		p.hash(l.subject)
		p.signed(l.at)
		p.text(string(l.encode()))
	}
	return p.b
}

func decodeMemory(b []byte) (memoryRecords, error) {
	m := newMemoryRecords()
	if len(b) < len(memoryMagic) || string(b[:len(memoryMagic)]) != memoryMagic {
		return m, errRecord
	}
	e := &eye{b: b[len(memoryMagic):]}
	m.all = e.number()
	for range e.length(2) {
		author := e.text()
		p, err := decodeProfile([]byte(e.text()))
		if err != nil {
			return m, err
		}
		m.profiles[author] = p
	}
	for _, all := range []map[string]*known{m.people, m.domains} {
		if err := m.readKnown(e, all); err != nil {
			return m, err
		}
	}
	for range e.length(4) {
		k := pairKey{kind: e.byte(), a: e.text(), b: e.text()}
		v := m.pair(k)
		v.times, v.last = e.number(), unix(e.signed())
	}
	for range e.length(26) {
		l := &letter{id: e.hash(), root: e.hash(), subject: e.hash(), at: e.signed()}
		if err := l.decode([]byte(e.text())); err != nil {
			return m, err
		}
		m.keepMail(l)
	}
	return m, e.err()
}

func (m *memoryRecords) readKnown(e *eye, all map[string]*known) error {
	for range e.length(2) {
		name := e.text()
		k, err := decodeKnown([]byte(e.text()))
		if err != nil {
			return err
		}
		all[name] = k
		if k.indexed {
			m.near.add(name, nearKeys(scopeOf(name)))
		}
	}
	return nil
}
