package detectors_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The second set of cases, under testdata/blind, was written when the detectors
// were done, by people who had seen neither them nor the first set, and nobody
// mends a detector by looking at it: it tells how well they do on mail that they
// were not made for. testdata/blind/first.txt has what came out the first time;
// docs/benchmarks.md shows it. It may get better by itself, and must not get
// worse.

const blindFolder = "testdata/blind"

// scored is what came out of a file: of how many cases how many as they should.
type scored struct{ noticed, positive, left, negative int }

func (s scored) String() string {
	return fmt.Sprintf("%d of %d noticed, %d of %d left alone", s.noticed, s.positive, s.left, s.negative)
}

func TestSecondSet(t *testing.T) {
	files, err := filepath.Glob(blindFolder + "/*/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases in %s (%v)", blindFolder, err)
	}
	first := firstScores(t)
	var all scored
	var lines []string
	for _, file := range files {
		of := filepath.Base(filepath.Dir(file)) + "/" + strings.TrimSuffix(filepath.Base(file), ".yaml")
		s := readCases(t, file).score(t)
		lines = append(lines, of+": "+s.String())
		all = scored{all.noticed + s.noticed, all.positive + s.positive, all.left + s.left, all.negative + s.negative}
		if was, ok := first[of]; !ok || s.noticed < was.noticed || s.left < was.left {
			t.Errorf("%s: %s; the first time it was %s", of, s, was)
		}
	}
	slices.Sort(lines)
	t.Logf("%s\nall: %s", strings.Join(lines, "\n"), all)
}

// score judges the cases of a file.
func (f *caseFile) score(t *testing.T) (s scored) {
	for i := range f.Positive {
		s.positive++
		if f.judge(t, &f.Positive[i], true) == "" {
			s.noticed++
		}
	}
	for i := range f.Negative {
		s.negative++
		if f.judge(t, &f.Negative[i], false) == "" {
			s.left++
		}
	}
	return s
}

// firstScores are what came out the first time.
func firstScores(t *testing.T) map[string]scored {
	t.Helper()
	text, err := os.ReadFile(blindFolder + "/first.txt")
	if err != nil {
		t.Fatal(err)
	}
	scores := map[string]scored{}
	for line := range strings.Lines(string(text)) {
		of, counts, ok := strings.Cut(strings.TrimSpace(line), ": ")
		var s scored
		if !ok {
			continue
		}
		if _, err := fmt.Sscanf(counts, "%d of %d noticed, %d of %d left alone", &s.noticed, &s.positive, &s.left, &s.negative); err != nil {
			t.Fatalf("testdata/blind/first.txt: %q: %v", line, err)
		}
		scores[of] = s
	}
	return scores
}
