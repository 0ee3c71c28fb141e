package intake

import (
	"strings"
	"testing"

	"belay/internal/guard"
	"belay/internal/mail"
	"belay/internal/smtpd"
)

// BenchmarkReading is what intake itself costs a message of 10 KB: splitting,
// summarizing, tracing; judging and storing not counted.
func BenchmarkReading(b *testing.B) {
	message := []byte(letter + strings.Repeat("abcdefghij abcdefghij abcdefghij abcdefghij abcdefghij abcdef\r\n", 160))
	env := envelope("anna@corp.test", "bob@client.test")
	b.SetBytes(int64(len(message)))
	b.ReportAllocs()
	for b.Loop() {
		s := mail.NewHeaderSplitter(discard{}, true, keepForGuard)
		s.Write(message)
		s.Close()
		in := &incoming{client: anna, env: env, splitter: s, summary: s.Header().Summary(), h: &Handler{}}
		in.message()
	}
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }

var (
	_ smtpd.Handler = (*Handler)(nil)
	_ Guard         = (*guard.Guard)(nil)
)
