package reading

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// world is where the public test mail stands, beside the repository and not in
// it: a test that may not find it has its name in test/skips.txt.
func world(t *testing.T) string {
	t.Helper()
	root := filepath.Join("..", "..", "..", "shared", "data")
	if _, err := os.Stat(root); err != nil {
		t.Skipf("the test mail is not at %s beside the repository", filepath.Join("..", "shared", "data"))
	}
	return root
}

// checkMail checks what holds for any mail, whoever wrote it.
func checkMail(t *testing.T, name string, m *Mail, size int) {
	t.Helper()
	total := 0
	for i := range m.Texts {
		x := &m.Texts[i]
		for _, s := range []string{x.Own, x.Quoted, x.Signature} {
			total += len(s)
			if !utf8.ValidString(s) {
				t.Errorf("%s: not UTF-8", name)
			}
			if strings.ContainsRune(s, '\r') {
				t.Errorf("%s: a CR is left", name)
			}
		}
		for _, w := range x.Words() {
			if x.Own[w.Start:w.End] != w.Text || w.Folded == "" {
				t.Fatalf("%s: the word %q stands elsewhere", name, w.Text)
			}
		}
		QuoteMarks(x.Quoted)
	}
	if most := 4*maxText + 64<<10; total > most || total > 4*size+4096 {
		t.Errorf("%s: %d octets of text out of %d", name, total, size)
	}
}

func TestParse_ReadsEveryMessageOfTheWorldInTime(t *testing.T) {
	root := world(t)
	n, empty := 0, 0
	for _, dir := range []string{"hostile", "ordinary"} {
		err := filepath.WalkDir(filepath.Join(root, dir), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || d.Name() == "manifest.tsv" || d.Name() == "LICENSE" {
				return err
			}
			message, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			n++
			began := time.Now()
			m, err := Parse(t.Context(), message, true, &reads{})
			if err != nil {
				t.Errorf("%s: %v", path, err)
			}
			if took := time.Since(began); took > 2*time.Second {
				t.Errorf("%s: reading %d octets took %s", path, len(message), took)
			}
			checkMail(t, path, m, len(message))
			if len(m.Words()) == 0 {
				empty++
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if n < 1000 || empty*4 > n {
		t.Errorf("%d of %d messages say nothing", empty, n)
	}
}

func TestSplit_NearlyEveryAnswerOfTheWorldHasWordsOfItsOwn(t *testing.T) {
	file, err := os.Open(filepath.Join(world(t), "lists-dev.jsonl.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	z, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	n, all, empty, quoted, languages := 0, 0, 0, 0, map[string]int{}
	for r := bufio.NewReaderSize(z, 1<<20); ; {
		line, err := r.ReadBytes('\n')
		if err != nil {
			break
		}
		if n++; n%4 != 0 {
			continue
		}
		var one struct{ Body string }
		if err := json.Unmarshal(line, &one); err != nil {
			t.Fatal(err)
		}
		x := SplitText(one.Body)
		all++
		languages[x.Language]++
		if strings.TrimSpace(x.Own) == "" {
			empty++
		}
		if x.Quoted != "" {
			quoted++
		}
	}
	// Long mail is cut off in that file, so some answers are missing in it.
	if all < 8_000 || empty*80 > all {
		t.Errorf("%d of %d have no words of their own", empty, all)
	}
	if quoted*4 < all*2 || languages["en"]*100 < all*99 {
		t.Errorf("of %d, %d quote; languages: %v", all, quoted, languages)
	}
}

func TestParse_HostileMailCostsLittle(t *testing.T) {
	mixed := func(part string, n int) string {
		return "Content-Type: multipart/mixed; boundary=b\n\n" + strings.Repeat("--b\n"+part+"\n", n) + "--b--\n"
	}
	nested := strings.Builder{}
	for i := range 200 {
		nested.WriteString("Content-Type: multipart/alternative; boundary=b" + strings.Repeat("x", i%50) + "\n\n--b" + strings.Repeat("x", i%50) + "\n")
	}
	for name, message := range map[string]string{
		"a long line":              "\n" + strings.Repeat("word ", 20<<20/5),
		"a long line of base64":    "Content-Transfer-Encoding: base64\n\n" + strings.Repeat("QUJD", 40<<20/4),
		"a base64 file in a line":  mixed("Content-Type: text/csv; name=a.csv\nContent-Transfer-Encoding: base64\n\n"+strings.Repeat("QUJD", 40<<20/4), 1),
		"escapes in a line":        "Content-Transfer-Encoding: quoted-printable\n\n" + strings.Repeat("=C5=82", 10<<20/6),
		"equals signs":             "Content-Transfer-Encoding: quoted-printable\n\n" + strings.Repeat("=", 10<<20),
		"blanks":                   "Content-Transfer-Encoding: quoted-printable\n\n" + strings.Repeat(" ", 10<<20),
		"padding":                  "Content-Transfer-Encoding: base64\n\n" + strings.Repeat("QQ==", 10<<20/4),
		"ten thousand parts":       mixed("Content-Type: text/plain\n\nHello.", 10_000),
		"ten thousand files":       mixed("Content-Type: text/csv; name=a.csv\n\n1;2", 10_000),
		"parts inside parts":       nested.String(),
		"line ends":                "\n\n" + strings.Repeat("\n", 10<<20),
		"carriage returns":         "\n" + strings.Repeat("\r", 5<<20),
		"quote signs":              "\n" + strings.Repeat(">", 5<<20),
		"lines of quote signs":     "\n" + strings.Repeat(">\n", 2<<20),
		"colons":                   "\n" + strings.Repeat("From: a@b wrote:\n", 200_000),
		"closings":                 "\n" + strings.Repeat("Regards\n\n", 200_000),
		"names":                    "\n" + strings.Repeat("Anna Nowak\ntel. 600 100 100\n\n", 100_000),
		"heads without an end":     "\n" + strings.Repeat("From: a\nTo: b\n", 200_000),
		"flowed":                   "Content-Type: text/plain; format=flowed\n\n" + strings.Repeat("a \n", 1<<20),
		"elements inside elements": "Content-Type: text/html\n\n" + strings.Repeat("<div><blockquote>", 100_000),
		"an element without end":   "Content-Type: text/html\n\n<a " + strings.Repeat("b=c ", 1<<20),
		"entities":                 "Content-Type: text/html\n\n" + strings.Repeat("&nbsp;", 1<<20),
		"a header without end":     "Subject: " + strings.Repeat("=?utf-8?q?a?= ", 1<<20),
		"many marks":               "\n" + strings.Repeat("a\u0301\u0302", 1<<20),
	} {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		began := time.Now()
		c := NewCollector(Options{Extractor: &reads{}, Pool: NewPool(0)})
		for rest := []byte(message); len(rest) > 0; {
			n := min(len(rest), 32<<10)
			c.Write(rest[:n])
			rest = rest[n:]
		}
		c.Close()
		m, err := c.Mail(t.Context())
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		m.Words()
		took := time.Since(began)
		runtime.GC()
		runtime.ReadMemStats(&after)
		t.Logf("%-26s %8s %4d MB kept", name, took.Round(time.Millisecond), (int64(after.HeapAlloc)-int64(before.HeapAlloc))>>20)
		if took > 2*time.Second {
			t.Errorf("%s: reading took %s", name, took)
		}
		if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 64<<20 {
			t.Errorf("%s: %d MB are kept", name, grown>>20)
		}
		checkMail(t, name, m, len(message))
		c.Release()
		runtime.KeepAlive(m)
	}
}
