package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

// event is one line of `go test -json` (see `go doc test2json`).
type event struct {
	Action, Package, Test, Output string
	ImportPath                    string // of a build failure
	FailedBuild                   string
}

// tally counts tests and keeps the output of those that are still running.
type tally struct {
	allowed map[string]string // test name → reason
	out     io.Writer
	output  map[string][]string // package + test → its lines

	passed, failed, skipped, packages int
	failures, unlisted                []string
}

func newTally(allowed map[string]string, out io.Writer) *tally {
	return &tally{allowed: allowed, out: out, output: map[string][]string{}}
}

// readSkips reads the list of allowed skips: "name<TAB>reason" a line, where
// the name is that of a test ("TestX" allows its subtests too).
func readSkips(file string) (map[string]string, error) {
	allowed := map[string]string{}
	if file == "" {
		return allowed, nil
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read the list of skips: %w", err)
	}
	for i, line := range strings.Split(string(data), "\n") {
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, reason, ok := strings.Cut(line, "\t")
		if !ok || strings.TrimSpace(reason) == "" {
			return nil, fmt.Errorf("%s:%d: want a test's name, a tab and the reason, have %q", file, i+1, line)
		}
		allowed[name] = reason
	}
	return allowed, nil
}

// read takes the events until their end. Lines that are no event (a broken
// build on old toolchains) are passed on.
func (t *tally) read(r io.Reader) error {
	lines := bufio.NewReader(r)
	for {
		line, err := lines.ReadBytes('\n')
		if len(line) > 0 {
			var e event
			if json.Unmarshal(line, &e) != nil {
				t.out.Write(line)
			} else {
				t.take(e)
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read the events of go test: %w", err)
		}
	}
}

func (t *tally) take(e event) {
	key := e.Package + " " + e.Test
	switch e.Action {
	case "build-output":
		fmt.Fprint(t.out, e.Output)
	case "build-fail":
		t.failures = append(t.failures, e.ImportPath+" (does not build)")
	case "output":
		t.output[key] = append(t.output[key], e.Output)
	case "pass", "fail", "skip":
		t.end(e, key)
	}
}

func (t *tally) end(e event, key string) {
	lines := t.output[key]
	delete(t.output, key)
	if e.Test == "" {
		t.endPackage(e, lines)
		return
	}
	switch e.Action {
	case "pass":
		t.passed++
		return
	case "fail":
		t.failed++
		t.failures = append(t.failures, key)
	case "skip":
		t.skipped++
		if t.allows(e.Test) {
			return
		}
		t.unlisted = append(t.unlisted, key)
	}
	fmt.Fprint(t.out, strings.Join(lines, ""))
}

// endPackage prints go test's own line for the package, and all it said
// besides where it failed outside a test (a crash, a data race).
func (t *tally) endPackage(e event, lines []string) {
	t.packages++
	if e.Action == "fail" {
		for key, rest := range t.output { // tests that never ended
			if strings.HasPrefix(key, e.Package+" ") {
				fmt.Fprint(t.out, strings.Join(rest, ""))
				t.failures = append(t.failures, key+" (did not end)")
				delete(t.output, key)
			}
		}
		if !slices.ContainsFunc(t.failures, func(f string) bool { return strings.HasPrefix(f, e.Package+" ") }) {
			t.failures = append(t.failures, e.Package+" ")
		}
	}
	for _, line := range lines {
		if line != "PASS\n" && (e.Action == "fail" || !strings.Contains(line, "[no test files]")) {
			fmt.Fprint(t.out, line)
		}
	}
}

// allows tells whether the skip of a test, or of the test it is part of, is
// listed.
func (t *tally) allows(test string) bool {
	for {
		if _, ok := t.allowed[test]; ok {
			return true
		}
		i := strings.LastIndexByte(test, '/')
		if i < 0 {
			return false
		}
		test = test[:i]
	}
}

// summary prints the last lines and tells whether all is well.
func (t *tally) summary() bool {
	for _, f := range t.failures {
		fmt.Fprintln(t.out, "FAILED  ", f)
	}
	for _, s := range t.unlisted {
		fmt.Fprintln(t.out, "SKIPPED ", s, "(not in the list of skips: give it its peer, or list it with a reason)")
	}
	ran := t.passed + t.failed
	if ran == 0 {
		fmt.Fprintln(t.out, "FAILED   no test ran")
	}
	fmt.Fprintf(t.out, "%d packages, %d skips not listed\n", t.packages, len(t.unlisted))
	fmt.Fprintf(t.out, "tests: %d passed, %d failed, %d skipped\n", t.passed, t.failed, t.skipped)
	return ran > 0 && len(t.failures) == 0 && len(t.unlisted) == 0
}
