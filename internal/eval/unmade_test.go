package eval

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"
)

// TestWhatCouldNotBeMadeIsSaid: a house that writes to one client alone has no
// second organisation, and one without threads nobody who left one. A variant that
// vanished from the tables would look like one that was forgotten.
func TestWhatCouldNotBeMadeIsSaid(t *testing.T) {
	var b strings.Builder
	for n := range 160 {
		write(&b, map[string]any{"id": fmt.Sprint(n), "date": first.Add(time.Duration(n) * time.Hour), "from": []string{"anna@corp.test", "jan@corp.test"}[n%2],
			"to": []string{fmt.Sprintf("%s.holm@client.test", strings.ToLower(given[n*n%7]))}, "subject": fmt.Sprint("matter ", given[n%12], n), "body": "Text"})
	}
	set := setOf(t, b.String())
	in := plain(scorerOf(t, set, seer))
	in.WarmUp, in.AtLeast = 20, 60
	r, err := Run(t.Context(), set, in)
	must(t, err)
	why := map[string]string{}
	for _, u := range r.Unmade {
		why[u.Variant] = u.Why
	}
	for v, want := range map[string]string{"V3": "goes on with a thread", "V4": "goes on with a thread", "V5": "no second organisation"} {
		if !strings.Contains(why[v], want) {
			t.Errorf("%s: %q, want %q", v, why[v], want)
		}
	}
	for _, v := range []string{"V0", "V6"} {
		if why[v] != "" {
			t.Errorf("%s was made, and is said to lack %q", v, why[v])
		}
	}
	var text, html bytes.Buffer
	r.Text(&text, false)
	must(t, r.HTML(&html, ""))
	for _, want := range []string{"V5    the wrong client                  none could be made", "V5    the wrong client                         0  none could be made", "V5: none could be made, most likely because there is no second organisation"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("%q does not stand in\n%s", want, &text)
		}
	}
	if strings.Contains(text.String(), "mean of V1 to V7") || !strings.Contains(html.String(), "none could be made") || !strings.Contains(html.String(), "no second organisation") {
		t.Errorf("the mean is over what was made alone, and the page says what was not:\n%s", &text)
	}
	in.Variants = []string{"V6"}
	in.Scorer = scorerOf(t, set, seer)
	if r, err = Run(t.Context(), set, in); err != nil || len(r.Unmade) != 0 {
		t.Errorf("what nobody asked for is not missing: %v, %+v", err, r.Unmade)
	}
}

// TestAColumnHasOneFormat: 0.0000 stood beside 0.000, and 29 % beside 1.55 %.
func TestAColumnHasOneFormat(t *testing.T) {
	f := Figure{Value: 0.0106, Low: 0, High: 0.018, N: 9}
	if got := f.String(); got != "0.011 (0.000–0.018)" {
		t.Error(got)
	}
	if got := f.Percent(); got != "1.06 % (0.00–1.80)" {
		t.Error(got)
	}
	if got := (Figure{}).Percent(); got != "–" {
		t.Error(got)
	}
	if tenths(0) != "0.0 %" || tenths(0.0667) != "6.7 %" || tenths(0.29) != "29.0 %" {
		t.Error(tenths(0.0667))
	}
}
