package detectors_test

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"belay/internal/extract"
	"belay/internal/guard"
	"belay/internal/guard/detectors"
	"belay/internal/history"
	"belay/internal/mail"
	"belay/internal/reading"
)

// What one hostile mail may cost. The time is generous beside the budgets of
// guard (1 s for reading, 500 ms for detectors), since tests share the machine.
const (
	hostileTime = 2 * time.Second
	hostileHeap = 256 << 20
)

// hostile are mails that somebody made to do harm.
func hostile(t *testing.T) map[string][]byte {
	t.Helper()
	line := func(size int) string { return strings.Repeat("QUJD", size/4) }
	file := func(name string, data []byte) []byte {
		return []byte("From: a@corp.test\r\nTo: b@x.test\r\nSubject: file\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" +
			"--b\r\n\r\nHi Bob\r\n--b\r\nContent-Disposition: attachment; filename=\"" + name + "\"\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
			wrap(data) + "--b--\r\n")
	}
	laughs := `<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol">`
	for n := 1; n < 10; n++ {
		laughs += fmt.Sprintf(`<!ENTITY lol%d "%s">`, n, strings.Repeat(fmt.Sprintf("&lol%s;", strings.TrimPrefix(fmt.Sprint(n-1), "0")), 10))
	}
	laughs += `]><w:document xmlns:w="x"><w:body><w:p><w:r><w:t>&lol9;</w:t></w:r></w:p></w:body></w:document>`
	deep := strings.Repeat("<w:p>", 200_000)
	many := "From: a@corp.test\r\nTo: b@x.test\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
	nested := "From: a@corp.test\r\nTo: b@x.test\r\nMIME-Version: 1.0\r\n"
	for n := range 10_000 {
		many += fmt.Sprintf("--b\r\nContent-Type: text/plain\r\n\r\npart %d\r\n", n)
		if n < 2000 {
			nested += fmt.Sprintf("Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n", n, n)
		}
	}
	head := "From: a@corp.test\r\nTo: b@x.test\r\nMIME-Version: 1.0\r\n"
	return map[string][]byte{
		"a zip bomb":                      file("bomb.zip", packed(map[string][]byte{"zeros.txt": make([]byte, 100<<20)})),
		"a zip bomb that is a workbook":   file("bomb.xlsx", packed(map[string][]byte{"[Content_Types].xml": []byte("<Types/>"), "xl/workbook.xml": []byte("<workbook/>"), "xl/sharedStrings.xml": make([]byte, 100<<20)})),
		"zips inside each other":          file("deep.zip", zips(40)),
		"a zip of 60,000 files":           file("many.zip", entries(60_000)),
		"a billion laughs":                file("lol.docx", packed(map[string][]byte{"[Content_Types].xml": []byte("<Types/>"), "word/document.xml": []byte(laughs)})),
		"XML without an end":              file("deep.docx", packed(map[string][]byte{"[Content_Types].xml": []byte("<Types/>"), "word/document.xml": []byte(deep)})),
		"10,000 parts":                    []byte(many),
		"2,000 parts inside each other":   []byte(nested),
		"one line of 100 MB of base64":    []byte(head + "Content-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n" + line(100<<20)),
		"one line of 30 MB of text":       []byte(head + "Content-Type: text/plain\r\n\r\n" + strings.Repeat("attached please find Bob ", 30<<20/25)),
		"a header of a million addresses": []byte("From: a@corp.test\r\nTo: " + strings.Repeat("x@y.test, ", 100_000) + "z@y.test\r\n\r\nHi\r\n"),
		"a charset that nobody knows":     []byte(head + "Content-Type: text/plain; charset=\"x-\xff\xfe-klingon\"\r\n\r\n\xff\xfe\x00Dear \x80\x81\x82Bob\r\n"),
		"HTML without an end":             []byte(head + "Content-Type: text/html\r\n\r\n" + strings.Repeat("<div><blockquote><table><tr><td>", 100_000)),
		"a PDF that is none":              file("a.pdf", []byte("%PDF-1.7\n"+strings.Repeat("1 0 obj<</Length 99999999>>stream\n", 100_000))),
		"rich text that opens for ever":   file("a.rtf", []byte(strings.Repeat(`{\rtf1`, 500_000))),
		"quotes inside quotes":            []byte(head + "\r\n" + strings.Repeat(strings.Repeat("> ", 500)+"Dear Bob, attached\r\n", 1000)),
		"numbers without an end":          []byte(head + "\r\n" + strings.Repeat("4111 1111 1111 1111 PL61109010140000071219812874 ", 40_000)),
		"words that nearly match":         []byte(head + "\r\n" + strings.Repeat("password password: token api_key= aws_secret ", 40_000)),
	}
}

// packed is a zip of some files.
func packed(files map[string][]byte) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, data := range files {
		w, err := z.Create(name)
		if err != nil {
			panic(err)
		}
		_, _ = w.Write(data) // into memory: never fails
	}
	_ = z.Close()
	return b.Bytes()
}

// zips is a zip in a zip in a zip.
func zips(depth int) []byte {
	inner := []byte("the end")
	for n := range depth {
		inner = packed(map[string][]byte{fmt.Sprintf("%d.zip", n): inner, fmt.Sprintf("%d-too.zip", n): inner[:min(len(inner), 4096)]})
	}
	return inner
}

func entries(n int) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := range n {
		w, _ := z.CreateHeader(&zip.FileHeader{Name: fmt.Sprintf("%d.txt", i), Method: zip.Store})
		_, _ = w.Write([]byte("x"))
	}
	_ = z.Close()
	return b.Bytes()
}

// heap watches how much of it is in use.
func heap(stop <-chan struct{}) *atomic.Uint64 {
	var most atomic.Uint64
	go func() {
		var m runtime.MemStats
		for {
			select {
			case <-stop:
				return
			case <-time.After(5 * time.Millisecond):
				runtime.ReadMemStats(&m)
				most.Store(max(most.Load(), m.HeapAlloc))
			}
		}
	}()
	return &most
}

// judgeHostile takes a mail in as intake does, in pieces, and judges it.
func judgeHostile(t *testing.T, g *guard.Guard, options reading.Options, message []byte) (v guard.Verdict, took time.Duration, grown uint64) {
	t.Helper()
	runtime.GC()
	var before runtime.MemStats
	runtime.ReadMemStats(&before)
	stop := make(chan struct{})
	most := heap(stop)
	begin := time.Now()
	c := reading.NewCollector(options)
	for rest := message; len(rest) > 0; {
		n := min(len(rest), 64<<10)
		_, _ = c.Write(rest[:n]) // never fails
		rest = rest[n:]
	}
	_ = c.Close()
	headLength := min(len(message), 64<<10)
	s := mail.Summarize(message[:min(len(message), 1<<20)])
	env := &mail.Envelope{ReversePath: "a@corp.test", Recipients: []mail.Recipient{{Address: "b@x.test"}}}
	v = g.Judge(t.Context(), guard.Facts{Time: caseTime, Listener: "relay", Author: "a@corp.test", Size: int64(len(message)), Envelope: env, Summary: &s,
		Head: message[:headLength], Whole: headLength == len(message), Read: func(ctx context.Context) (*reading.Mail, error) { return c.Mail(ctx) }})
	took = time.Since(begin)
	c.Release()
	close(stop)
	return v, took, most.Load() - min(most.Load(), before.HeapAlloc)
}

// hostileGuard has all detectors and the default rules.
func hostileGuard(t *testing.T) (*guard.Guard, reading.Options) {
	memory := history.NewMemory(history.MemoryOptions{Own: func(d string) bool { return d == "corp.test" }})
	return guard.New(guard.Options{Rules: defaultSet(t), Domains: []string{"corp.test"}, Detectors: detectors.All(detectors.Options{}),
			History: memory, Admins: []string{"postmaster@corp.test"}, Logger: slog.New(slog.DiscardHandler)}),
		reading.Options{Extractor: extract.New(extract.Limits{}), Pool: reading.NewPool(96 << 20)}
}

// waits tells whether the default rule for the outside world holds a mail, as it
// must, whatever stands in it.
func waits(v guard.Verdict) bool {
	return v.Delay == 5*time.Minute || v.Action == guard.Ask
}

func TestHostileMailCostsLittleAndWaitsLikeAny(t *testing.T) {
	g, options := hostileGuard(t)
	for name, message := range hostile(t) {
		v, took, grown := judgeHostile(t, g, options, message)
		t.Logf("%-34s %9d octets: %6.0f ms, %4d MB, %v", name, len(message), float64(took.Microseconds())/1000, grown>>20, codesOf(v.Signals))
		if took > hostileTime || grown > hostileHeap || !waits(v) {
			t.Errorf("%s: it took %s and %d MB, and its verdict is %s after %s", name, took, grown>>20, v.Action, v.Delay)
		}
		if used := options.Pool.Used(); used != 0 {
			t.Errorf("%s: %d octets of its files are still kept", name, used)
		}
	}
}

func TestTheWorldsHostileMailIsJudgedLikeAny(t *testing.T) {
	folder := dataFile(t, "hostile")
	g, options := hostileGuard(t)
	n := 0
	var slowest time.Duration
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || d.Name() == "manifest.tsv" || d.Name() == "LICENSE" {
			return err
		}
		message, err := os.ReadFile(path)
		if err != nil || len(message) == 0 {
			return err
		}
		n++
		v, took, grown := judgeHostile(t, g, options, message)
		slowest = max(slowest, took)
		if took > hostileTime || grown > hostileHeap {
			t.Errorf("%s: it took %s and %d MB", path, took, grown>>20)
		}
		if v.Action == guard.Pass && len(v.Rules) == 0 {
			t.Errorf("%s: it does not wait: %+v", path, v)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if n < 500 {
		t.Fatalf("only %d mails there", n)
	}
	t.Logf("%d mails, the slowest took %s", n, slowest)
}
