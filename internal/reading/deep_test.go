package reading

import (
	"strings"
	"testing"
)

// An empty line of a text that was quoted thirty times over once broke the
// splitter.
func TestAnEmptyLineQuotedManyTimesIsQuoted(t *testing.T) {
	text := SplitText("Yes.\n" + strings.Repeat(">", 40) + "\nno\n> end\n")
	if !strings.HasPrefix(text.Own, "Yes.") {
		t.Errorf("own words: %q", text.Own)
	}
}
