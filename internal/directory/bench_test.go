package directory

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// crowd is the table of n people of one firm: two addresses each, a manager for
// every ten, a few groups.
func crowd(n int) []byte {
	var b bytes.Buffer
	b.WriteString("Name,Email,Aliases,Language,Groups,Manager\n")
	for i := range n {
		fmt.Fprintf(&b, "Person %d,person%d@corp.test,p.%d@corp.test,pl,team%d; office%d,person%d@corp.test\n", i, i, i, i/10, i%7, i/10*10)
	}
	return b.Bytes()
}

// crowdYAML are the same people by hand.
func crowdYAML(n int) []byte {
	var b bytes.Buffer
	b.WriteString("people:\n")
	for i := range n {
		fmt.Fprintf(&b, "  - name: Person %d\n    addresses: [person%d@corp.test, p.%d@corp.test]\n    language: pl\n    groups: [team%d, office%d]\n    manager: person%d@corp.test\n", i, i, i, i/10, i%7, i/10*10)
	}
	return b.Bytes()
}

// BenchmarkOpen reads 100,000 people: from a table, and from the state that was
// kept. Wanted: at most 2 s. held-MB is what the directory keeps.
func BenchmarkOpen(b *testing.B) {
	const n = 100_000
	dir := b.TempDir()
	csv, yaml := filepath.Join(dir, "people.csv"), filepath.Join(dir, "people.yaml")
	for file, text := range map[string][]byte{csv: crowd(n), yaml: crowdYAML(10_000)} {
		if err := os.WriteFile(file, text, 0o600); err != nil {
			b.Fatal(err)
		}
	}
	for name, o := range map[string]Options{
		"csv/100000":       {File: csv},
		"csv+cache/100000": {File: csv, Cache: filepath.Join(dir, "people.json")},
		"yaml/10000":       {File: yaml},
	} {
		b.Run(name, func(b *testing.B) {
			var held float64
			for b.Loop() {
				before := heap()
				book, err := Open(b.Context(), o)
				if err != nil {
					b.Fatal(err)
				}
				held = float64(heap()-before) / 1e6
				if book.Current().Person("p.5@corp.test") == nil {
					b.Fatal("somebody is missing")
				}
			}
			b.ReportMetric(held, "held-MB")
		})
	}
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// BenchmarkLookUp asks what every message asks. Wanted: at most 1 µs each.
func BenchmarkLookUp(b *testing.B) {
	facts, _, err := ParseCSV("people.csv", map[string][]byte{"people.csv": crowd(100_000)})
	if err != nil {
		b.Fatal(err)
	}
	d, _ := New(facts, []string{"corp.test"}, nil)
	for name, ask := range map[string]func(){
		"alias":     func() { d.Main("p.77777@corp.test") },
		"detail":    func() { d.Person("person5+shop@corp.test") },
		"stranger":  func() { d.Known("somebody@elsewhere.test") },
		"external":  func() { d.External("person99@corp.test") },
		"may stop":  func() { d.MayStop("person3@corp.test", "p.99@corp.test") },
		"capitals":  func() { d.Main("Person99@Corp.test") },
		"group":     func() { d.Group("office3") },
		"in groups": func() { d.Groups("p.123@corp.test") },
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				ask()
			}
		})
	}
}
