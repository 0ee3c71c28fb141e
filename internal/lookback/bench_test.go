package lookback

import (
	"fmt"
	"testing"
	"time"

	"belay/internal/config"
	"belay/internal/guard"
	"belay/internal/guard/detectors"
	"belay/internal/guard/rules"
	"belay/internal/source"
)

// BenchmarkReplay judges and learns a mail with all detectors: at least 1,000
// mails a second on one core are wanted.
func BenchmarkReplay(b *testing.B) {
	set, err := rules.FromConfig(config.Default())
	must(b, err)
	replay := NewReplay(Options{Domains: []string{"corp.test"}, Guard: guard.Options{Rules: set, Detectors: detectors.All(detectors.Options{}),
		Admins: []string{"postmaster@corp.test"}}})
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	n := 0
	b.ReportAllocs()
	for b.Loop() {
		n++
		l, err := source.ParseLine(fmt.Appendf(nil, `{"id":"%d@corp.test","from":"Anna Nowak <p%d@corp.test>","to":["c%d@client%d.test","Jan Berg <p%d@corp.test>"],`+
			`"subject":"The offer for %d","body":"Dear Bob,\n\nhere is what we spoke of on Monday. The prices are those of last year, and the work begins in May.\n`+
			`Please tell me whether that suits you.\n\nKind regards\nAnna\n\n> Dear Anna,\n> could you send me the offer again, with the prices of last year?\n> Bob\n"}`, n, n%40, n%300, n%50, n%37, n%100))
		must(b, err)
		f, err := l.Facts()
		must(b, err)
		f.Time = at.Add(time.Duration(n) * time.Minute)
		replay.Judge(b.Context(), f)
		must(b, replay.Learn(b.Context(), f))
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "mails/s")
}
