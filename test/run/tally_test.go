package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTally(t *testing.T) {
	const pass = `{"Action":"pass","Package":"p","Test":"TestA"}` + "\n"
	const skip = `{"Action":"output","Package":"p","Test":"TestB/sub","Output":"why\n"}` + "\n" +
		`{"Action":"skip","Package":"p","Test":"TestB/sub"}` + "\n"
	const fail = `{"Action":"output","Package":"p","Test":"TestC","Output":"broken\n"}` + "\n" +
		`{"Action":"fail","Package":"p","Test":"TestC"}` + "\n"
	for _, c := range []struct {
		name, events string
		allowed      map[string]string
		ok           bool
		says         string
	}{
		{"all pass", pass, nil, true, "1 passed, 0 failed"},
		{"nothing ran", "", nil, false, "no test ran"},
		{"a skip that nobody listed", pass + skip, nil, false, "SKIPPED  p TestB/sub"},
		{"a skip that is listed with its parent", pass + skip, map[string]string{"TestB": "no data"}, true, "0 skips not listed\ntests: 1 passed, 0 failed, 1 skipped"},
		{"a failure shows its output", pass + fail, nil, false, "broken"},
		{"a package that crashed", pass + `{"Action":"output","Package":"p","Output":"panic: x\n"}` + "\n" +
			`{"Action":"fail","Package":"p"}` + "\n", nil, false, "panic: x"},
		{"a package that does not build", pass + `{"Action":"build-output","ImportPath":"q","Output":"q.go:1: no\n"}` + "\n" +
			`{"Action":"build-fail","ImportPath":"q"}` + "\n", nil, false, "q (does not build)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var out strings.Builder
			tally := newTally(c.allowed, &out)
			if err := tally.read(strings.NewReader(c.events)); err != nil {
				t.Fatal(err)
			}
			if ok := tally.summary(); ok != c.ok {
				t.Errorf("the run counts as %v, want %v:\n%s", ok, c.ok, &out)
			}
			if !strings.Contains(out.String(), c.says) {
				t.Errorf("want %q in:\n%s", c.says, &out)
			}
		})
	}
}

func TestReadSkipsWantsAReason(t *testing.T) {
	file := filepath.Join(t.TempDir(), "skips.txt")
	for text, ok := range map[string]bool{"# why\n\nTestA\tno data here\n": true, "TestA\n": false, "TestA\t \n": false} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := readSkips(file); (err == nil) != ok {
			t.Errorf("list %q: error %v, want ok %v", text, err, ok)
		}
	}
}
