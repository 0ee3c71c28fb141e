package locale_test

import (
	"testing"

	"belay/internal/locale"
)

func TestNumbersForReports(t *testing.T) {
	for n, want := range map[int]string{0: "0 mails", 1: "1 mail", 2: "2 mails", 999: "999 mails", 1000: "1,000 mails", 1234567: "1,234,567 mails", -1000: "-1,000 mails"} {
		if got := locale.Count(n, "mail"); got != want {
			t.Errorf("%d: %s, want %s", n, got, want)
		}
	}
}
