package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"belay/internal/api"
)

func TestTheDoctorSaysUntilWhenQuestionsOnlyWatch(t *testing.T) {
	until := time.Date(2026, 12, 6, 9, 0, 0, 0, time.Local)
	for want, s := range map[string]*api.Learning{
		"until it is known how often they would be asked":                  {},
		"until 6 December 2026 09:00, and until 1 more mail is judged":     {Until: &until, Missing: 1},
		"until 6 December 2026 09:00, and until 958 more mails are judged": {Until: &until, Missing: 958},
		"until 6 December 2026 09:00":                                      {Until: &until},
	} {
		if got := watchedUntil(s); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// TestTakingBackWhatCannotBe: a slip in a code or an address is said, and
// nothing is said to be asked again.
func TestTakingBackWhatCannotBe(t *testing.T) {
	for want, args := range map[string][]string{
		`did you mean "greeting.mismatch"?`: {"--of", "anna@corp.test", "--forget", "--code", "greeting.mismach"},
		`"anna" is no mail address`:         {"--of", "anna"},
	} {
		var out, errOut bytes.Buffer
		if code := run(t.Context(), append([]string{"right"}, args...), strings.NewReader(""), &out, &errOut); code != 2 || !strings.Contains(errOut.String(), want) {
			t.Errorf("right %q: exit %d, %s; want %s", args, code, errOut.String(), want)
		}
	}
}
