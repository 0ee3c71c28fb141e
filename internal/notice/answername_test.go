package notice

import "testing"

func TestANameBelowAnAnswerIsNoComment(t *testing.T) {
	for _, c := range []struct{ comment, name, want string }{
		{"Jan", "Jan Kowalski", ""},
		{"– Jan Kowalski", "Jan Kowalski", ""},
		{"But tell Bob.\njan", "Jan Kowalski", "But tell Bob."},
		{"Ask Jan", "Jan Kowalski", "Ask Jan"},
		{"Ewa", "Jan Kowalski", "Ewa"},
		{"not before Monday", "", "not before Monday"},
		{"", "Jan", ""},
	} {
		if got := withoutName(c.comment, c.name); got != c.want {
			t.Errorf("%q of %s: %q, want %q", c.comment, c.name, got, c.want)
		}
	}
}
