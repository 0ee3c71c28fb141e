package reading

import (
	"strings"
	"testing"
)

// letterOf is a mail of about so many octets: somebody answers, and what they
// answer to stands below.
func letterOf(size int) string {
	const head = "From: Anna Nowak <anna.nowak@corp.test>\r\nTo: Jan Lis <jan@falcon.test>\r\nSubject: The figures\r\n" +
		"Message-ID: <1@corp.test>\r\nDate: Tue, 10 Mar 2026 09:12:00 +0100\r\nMIME-Version: 1.0\r\n" +
		"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
	const own = "I have been through the figures for the second quarter, and most of them look as\r\nwe expected. The transport costs are higher than " +
		"last year, mainly because of the\r\nnew warehouse in Łódź; Mr Zając will send the details on Thursday.\r\n\r\n"
	const close = "Best regards,\r\nAnna Nowak\r\nHead of Purchasing\r\ntel. +48 22 555 01 02\r\n\r\n" +
		"On Mon, 9 Mar 2026 at 16:20, Jan Lis <jan@falcon.test> wrote:\r\n\r\n"
	var b strings.Builder
	b.WriteString(head + "Hello Jan,\r\n\r\n")
	for b.Len() < size*2/3 {
		b.WriteString(own)
	}
	b.WriteString(close)
	for b.Len() < size {
		b.WriteString("> " + strings.ReplaceAll(strings.TrimSpace(own), "\r\n", "\r\n> ") + "\r\n>\r\n")
	}
	return b.String()
}

func benchmarkParse(b *testing.B, message string) {
	raw := []byte(message)
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		m, err := Parse(b.Context(), raw, true, nil)
		if err != nil || len(m.Words()) == 0 || m.Texts[0].Language != "en" {
			b.Fatal(err, m)
		}
	}
}

// BenchmarkParse10K and 20K read a mail: parts, texts, language and words.
func BenchmarkParse10K(b *testing.B) { benchmarkParse(b, letterOf(10<<10)) }
func BenchmarkParse20K(b *testing.B) { benchmarkParse(b, letterOf(20<<10)) }

func BenchmarkWords10K(b *testing.B) {
	text := letterOf(10 << 10)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		WordsOf(text)
	}
}

func BenchmarkQuoteMarks10K(b *testing.B) {
	text := letterOf(10 << 10)
	b.ReportAllocs()
	for b.Loop() {
		QuoteMarks(text)
	}
}

func BenchmarkSplit10K(b *testing.B) {
	_, text, _ := strings.Cut(strings.ReplaceAll(letterOf(10<<10), "\r\n", "\n"), "\n\n")
	b.ReportAllocs()
	for b.Loop() {
		SplitText(text)
	}
}
