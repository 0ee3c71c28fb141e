package detectors_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// The cases under testdata/cases were written one by one by people who had not
// seen the detectors: mails as they are written in offices, for each signal at
// least twenty that it must notice and twenty that only look like it. A file's
// format is that of caseFile. Where a detector cannot do what a case wants,
// testdata/missed.txt says so and why: it lists every such case, and no other.

// caseFile is one file of cases.
type caseFile struct {
	Signal    string
	Language  string
	Domains   []string
	Directory any
	Positive  []testCase
	Negative  []testCase
}

// testCase is one mail, with what was learned before it.
type testCase struct {
	Name      string
	Why       string
	Recipient string   // the signal must name this recipient
	Instead   []string // these must be among those offered
	Past      []caseMail
	Mail      caseMail
	Directory any      // instead of the file's
	Domains   []string // instead of the file's
}

// caseMail is a mail of a case.
type caseMail struct {
	From        string
	To, Cc, Bcc []string
	ToCount     *count `yaml:"to_count"`
	CcCount     *count `yaml:"cc_count"`
	BccCount    *count `yaml:"bcc_count"`
	Subject     string
	Body        string
	ID          string
	InReplyTo   string   `yaml:"in_reply_to"`
	References  []string `yaml:"references"`
	Times       int
	DaysAgo     *float64 `yaml:"days_ago"`
	Date        string
	Name        string
	PGP         string `yaml:"pgp"`
	SMIME       any    `yaml:"smime"`
	Attachments []attachment
}

// count stands for many recipients of one domain.
type count struct {
	Domain string
	N      int
}

const casesFolder = "testdata/cases"

func readCases(t *testing.T, file string) *caseFile {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var f caseFile
	if err := yaml.UnmarshalWithOptions(text, &f, yaml.Strict()); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return &f
}

func caseFiles(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(casesFolder + "/*/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases in %s (%v)", casesFolder, err)
	}
	return files
}

// missed are the cases that are known not to come out, with the reason.
func missed(t *testing.T) map[string]string {
	t.Helper()
	text, err := os.ReadFile("testdata/missed.txt")
	if err != nil {
		t.Fatal(err)
	}
	list := map[string]string{}
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, why, ok := strings.Cut(line, " — ")
		if !ok || list[name] != "" {
			t.Errorf("testdata/missed.txt: %q has no reason, or stands there twice", line)
		}
		list[name] = why
	}
	return list
}

// TestCases judges every case with all detectors.
func TestCases(t *testing.T) {
	excused := missed(t)
	known := map[string]bool{}
	for _, file := range caseFiles(t) {
		f := readCases(t, file)
		folder := filepath.Base(filepath.Dir(file))
		of := folder + "/" + strings.TrimSuffix(filepath.Base(file), ".yaml")
		t.Run(of, func(t *testing.T) {
			t.Parallel()
			if f.Signal != folder {
				t.Errorf("the file is about %q", f.Signal)
			}
			tally := map[bool]*[2]int{true: {}, false: {}}
			for _, fires := range []bool{true, false} {
				for _, c := range map[bool][]testCase{true: f.Positive, false: f.Negative}[fires] {
					name := of + ": " + c.Name
					wrong := f.judge(t, &c, fires)
					tally[fires][0]++
					switch why, ok := excused[name]; {
					case wrong == "":
						tally[fires][1]++
						if ok {
							t.Errorf("%s: it comes out; take it off testdata/missed.txt (%s)", name, why)
						}
					case !ok:
						t.Errorf("%s: %s", name, wrong)
					}
				}
			}
			t.Logf("%s: %d of %d noticed, %d of %d left alone", of, tally[true][1], tally[true][0], tally[false][1], tally[false][0])
		})
		for _, c := range slices.Concat(f.Positive, f.Negative) {
			known[of+": "+c.Name] = true
		}
	}
	for name := range maps.Keys(excused) {
		if !known[name] {
			t.Errorf("testdata/missed.txt names a case that is not there: %s", name)
		}
	}
}

// languages are those of which each signal that depends on words has a file.
var languages = []string{"en", "pl", "es", "it", "tr", "nb"}

// TestCasesAreEnough counts what the cases promise: twenty of each kind for
// every signal, and in each language where words decide.
func TestCasesAreEnough(t *testing.T) {
	byLanguage := []string{"recipient.missing", "greeting.mismatch", "content.confidential", "content.identifier", "content.secret", "attachment.missing"}
	whole := []string{"recipient.first-contact", "recipient.lookalike", "recipient.twin", "thread.outsider", "thread.returned",
		"organisation.mixed", "organisation.wrong", "crowd.visible", "crowd.broadcast", "crowd.reply-all",
		"content.hidden", "content.opaque", "attachment.unreadable", "attachment.wrong"}
	var files []string
	for _, signal := range byLanguage {
		for _, l := range languages {
			files = append(files, signal+"/"+l)
		}
	}
	for _, signal := range whole {
		files = append(files, signal+"/cases")
	}
	files = append(files, "organisation.wrong/learned")
	for _, of := range files {
		f := readCases(t, fmt.Sprintf("%s/%s.yaml", casesFolder, of))
		if len(f.Positive) < 20 || len(f.Negative) < 20 {
			t.Errorf("%s has %d cases to notice and %d to leave alone, want 20 of each", of, len(f.Positive), len(f.Negative))
		}
	}
}
