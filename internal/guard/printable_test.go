package guard_test

import (
	"context"
	"testing"

	"belay/internal/guard"
)

// A file's name can look like another one, and an evidence like more than one line.
func TestP8_NothingInASignalSteersWhereItIsShown(t *testing.T) {
	d := detector{"steers", []string{"attachment.wrong"}, func(context.Context) ([]guard.Signal, error) {
		return []guard.Signal{{Code: "attachment.wrong", Score: 1, Evidence: "a\r\nb\x1b[31m",
			Facts: map[string]string{"File": "pay\u202efdp.exe", "None": "Zoë 👩\u200d💻"},
			Found: []guard.Found{{Text: "x\u2066y\x07\xff", File: "a\u2028b", Where: "c\td"}}}}, nil
	}}
	v := parseScene(t, "anna > jan").judge(t, ruleSet(t, `when: "false", delay: 1m`), nil, func(o *guard.Options) { o.Detectors = []guard.Detector{d} })
	s := v.Signals[0]
	if s.Evidence != "a  b[31m" || s.Facts["File"] != "payfdp.exe" || s.Facts["None"] != "Zoë 👩\u200d💻" ||
		s.Found[0].Text != "xy\uFFFD" || s.Found[0].File != "a b" || s.Found[0].Where != "c d" {
		t.Errorf("%+v", s)
	}
}
