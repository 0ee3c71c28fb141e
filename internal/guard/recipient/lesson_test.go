package recipient_test

import (
	"testing"
	"time"

	"belay/internal/guard/recipient"
	"belay/internal/history"
)

// taught learns what came to light about somebody, some days ago.
func (o *office) taught(kind history.LessonKind, recipient string, days int) *office {
	o.t.Helper()
	err := o.memory.Teach(o.t.Context(), history.Lesson{Kind: kind, Author: "anna.nowak@corp.test", Recipient: recipient, At: now.AddDate(0, 0, -days).Add(time.Hour)})
	if err != nil {
		o.t.Fatal(err)
	}
	return o
}

// A wrong address does not become right by being used: what came to light about
// it weighs more than how often that was, until somebody says that it is right.
func TestLookalike_FrequencyIsNotBlindTrust(t *testing.T) {
	const slip = "jan.novak@cleint.test"
	for _, c := range []struct {
		name  string
		learn func(o *office)
		want  bool
	}{
		{"used five times", func(*office) {}, false},
		{"and stopped", func(o *office) { o.taught(history.LessonStopped, slip, 1) }, true},
		{"and wrong afterwards", func(o *office) { o.taught(history.LessonOops, slip, 1) }, true},
		{"not for them", func(o *office) { o.taught(history.LessonNotForMe, slip, 1) }, true},
		{"no such address", func(o *office) { o.taught(history.LessonBounced, slip, 1) }, true},
		{"doubted, and then said to be right", func(o *office) { o.taught(history.LessonOops, slip, 2).taught(history.LessonRight, slip, 1) }, false},
		{"another one was doubted", func(o *office) { o.taught(history.LessonOops, "jan.novak@client.test", 1) }, false},
	} {
		o := newOffice(t).wrote("anna.nowak@corp.test", "jan.novak@client.test", 40).wrote("anna.nowak@corp.test", slip, 5)
		c.learn(o)
		s := fired(o.judge(slip, "The offer", "Dear Jan"), recipient.CodeLookalike, slip)
		if (s != nil) != c.want || s != nil && (len(s.Instead) != 1 || s.Instead[0] != "jan.novak@client.test") {
			t.Errorf("%s: it is noticed as %+v, want that: %v", c.name, s, c.want)
		}
	}
}
