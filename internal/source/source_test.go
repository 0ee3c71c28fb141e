package source

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// folder writes files and gives where they lie.
func folder(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		must(t, os.MkdirAll(filepath.Dir(path), 0o700))
		must(t, os.WriteFile(path, []byte(text), 0o600))
	}
	return dir
}

func packed(t testing.TB, text string) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, err := z.Write([]byte(text))
	must(t, errors.Join(err, z.Close()))
	return b.String()
}

// letter is a mail of a day in March 2026.
func letter(day int, subject string) string {
	return fmt.Sprintf("From: Anna <anna@corp.test>\nTo: bob@client.test\nDate: Mon, %d Mar 2026 09:00:00 +0100\nMessage-ID: <%d@corp.test>\nSubject: %s\n\nHello.\n", day, day, subject)
}

// subjects are those of all mails in their order.
func subjects(t testing.TB, s *Set) (list []string) {
	t.Helper()
	must(t, s.Each(t.Context(), 0, func(n int, m *Mail) error {
		f, err := m.Facts(nil)
		must(t, err)
		list = append(list, f.Summary.Subject)
		return nil
	}))
	return list
}

func open1(t testing.TB, paths ...string) *Set {
	t.Helper()
	s, err := Open(t.Context(), paths, Options{})
	must(t, err)
	t.Cleanup(func() { must(t, s.Close()) })
	return s
}

func TestMailComesInTheOrderOfItsDatesWhereverItLies(t *testing.T) {
	dir := folder(t, map[string]string{
		"sent.mbox":               "From anna@corp.test Mon Mar  9 09:00:00 2026\n" + letter(9, "c") + "\nFrom anna@corp.test Mon Mar  2 09:00:00 2026\n" + letter(2, "a") + "\n",
		"old/Maildir/cur/1:2,S":   letter(3, "b"),
		"old/Maildir/new/2":       letter(12, "e"),
		"old/Maildir/tmp/3":       letter(13, "is still being delivered"),
		"old/Maildir/.Sent/cur/4": letter(14, "f"),
		"old/Maildir/dovecot.log": "not a mail",
		"one.eml":                 strings.ReplaceAll(letter(10, "d"), "\n", "\r\n"),
		"lines.jsonl":             `{"from":"a@b.test","to":["c@d.test"],"date":"2026-03-20T10:00:00Z","subject":"h"}` + "\n\n" + `{"from":"a@b.test","to":["c@d.test"],"date":"2026-03-15","subject":"g"}`,
		"packed.eml.gz":           packed(t, letter(21, "i")),
		"packed.mbox.gz":          packed(t, "From x Mon Mar 23 09:00:00 2026\n"+letter(23, "k")+"\nFrom x Mon Mar 22 09:00:00 2026\n"+letter(22, "j")),
		"empty":                   "",
	})
	for _, d := range []string{"cur", "tmp", "new"} {
		must(t, os.MkdirAll(filepath.Join(dir, "old/Maildir", d), 0o700))
	}
	s := open1(t, dir)
	if got := strings.Join(subjects(t, s), ""); got != "abcdefghijk" {
		t.Errorf("%s", got)
	}
	if len(s.Trouble()) > 0 {
		t.Errorf("trouble: %v", s.Trouble())
	}
	first, last := s.Span()
	if s.Len() != 11 || first.Day() != 2 || last.Day() != 23 {
		t.Errorf("%d mails from %v to %v", s.Len(), first, last)
	}
}

func TestAnMboxIsPartedWhereMailsBegin(t *testing.T) {
	for name, c := range map[string]struct {
		mbox string
		want []string
	}{
		"a sentence that nobody quoted": {"From a Mon Mar  2 09:00:00 2026\n" + letter(2, "a") + "\nFrom here on it is text.\nMore of it.\n\nFrom b Tue Mar  3 09:00:00 2026\n" + letter(3, "b"), []string{"a", "b"}},
		"a quoted one":                  {"From a Mon Mar  2 09:00:00 2026\n" + letter(2, "a") + "\n>From b Tue Mar  3 09:00:00 2026\n" + letter(3, "b"), []string{"a"}},
		"no empty line before":          {"From a Mon Mar  2 09:00:00 2026\n" + letter(2, "a") + "From b Tue Mar  3 09:00:00 2026\nthat is text", []string{"a"}},
		"lines that end with CRLF":      {strings.ReplaceAll("From a Mon Mar  2 09:00:00 2026\n"+letter(2, "a")+"\nFrom b Tue Mar  3 09:00:00 2026\n"+letter(3, "b"), "\n", "\r\n"), []string{"a", "b"}},
		"the zone before the year":      {"From 17@xxx Mon Mar 02 09:00:00 +0000 2026\n" + letter(2, "a") + "\nFrom 18@xxx Tue Mar 03 09:00:00 +0000 2026\n" + letter(3, "b"), []string{"a", "b"}},
		"dates of no kind":              {"From a\n" + letter(2, "a") + "\nFrom b sometime\n" + letter(3, "b"), []string{"a", "b"}},
		"a line longer than any buffer": {"From a Mon Mar  2 09:00:00 2026\n" + letter(2, "a") + strings.Repeat("x", 3<<20) + "\n\nFrom b Tue Mar  3 09:00:00 2026\n" + letter(3, "b"), []string{"a", "b"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := open1(t, filepath.Join(folder(t, map[string]string{"m": c.mbox}), "m"))
			if got := subjects(t, s); !slices.Equal(got, c.want) {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

func TestAMailWithoutADateHasThatOfItsPlace(t *testing.T) {
	undated := "From: a@corp.test\nTo: b@client.test\nSubject: x\n\nHello.\n"
	dir := folder(t, map[string]string{"m.mbox": "From a Thu Mar  5 09:00:00 2026\n" + undated, "m.eml": undated})
	then := time.Date(2026, 3, 7, 9, 0, 0, 0, time.UTC)
	must(t, os.Chtimes(filepath.Join(dir, "m.eml"), then, then))
	var days []int
	must(t, open1(t, dir).Each(t.Context(), 0, func(_ int, m *Mail) error {
		days = append(days, m.Date.Day())
		return nil
	}))
	if !slices.Equal(days, []int{5, 7}) {
		t.Errorf("days %v", days)
	}
}

func TestWhatIsNoMailIsSaidAndTheRestIsRead(t *testing.T) {
	dir := folder(t, map[string]string{
		"good.eml": letter(2, "a"), "picture.png": "\x89PNG\r\n\x1a\n", "broken.mbox.gz": packed(t, "From x Mon Mar  9 09:00:00 2026\n"+letter(9, "b"))[:90],
		"lines.jsonl": "{\"from\":\"a@b.test\",\"to\":[\"c@d.test\"],\"date\":\"2026-03-20T10:00:00Z\",\"subject\":\"c\"}\n{\"from\":1,\n[]\n{\"date\":\"soon\"}\n",
	})
	s := open1(t, dir)
	got := strings.Join(subjects(t, s), "")
	if !strings.HasPrefix(got, "a") || !strings.HasSuffix(got, "c") {
		t.Errorf("read %s", got)
	}
	said := errors.Join(s.Trouble()...).Error()
	for _, want := range []string{"picture.png: it is no mail, mbox or JSON lines", "broken.mbox.gz: unpack it: unexpected EOF", "lines.jsonl, line 2: it is no JSON object",
		"lines.jsonl, line 3: it is no JSON object", `lines.jsonl, line 4: the date "soon" is none; write it as 2026-03-10T09:12:00Z`} {
		if !strings.Contains(said, want) {
			t.Errorf("nobody said %q:\n%s", want, said)
		}
	}
}

func TestTroubleIsSaidOnceHoweverOftenMailIsRead(t *testing.T) {
	dir := folder(t, map[string]string{"a.eml": letter(2, "a"), "b.eml": letter(3, "b")})
	s := open1(t, dir)
	must(t, os.Remove(filepath.Join(dir, "b.eml")))
	for range 3 {
		if got := subjects(t, s); !slices.Equal(got, []string{"a"}) {
			t.Errorf("read %q", got)
		}
	}
	if n := len(s.Trouble()); n != 1 {
		t.Errorf("%d errors of one file that is gone: %v", n, s.Trouble())
	}
}

func TestWhereThereIsNoMailThatIsAnError(t *testing.T) {
	dir := folder(t, map[string]string{"picture.png": "\x89PNG", "empty.mbox": ""})
	must(t, os.WriteFile(filepath.Join(dir, "belay.yaml"), []byte("data: x\ndomains: [corp.test]\n"), 0o600))
	for path, want := range map[string]string{filepath.Join(dir, "belay.yaml"): "it is no mail, mbox or JSON lines", dir: "there is no mail", filepath.Join(dir, "picture.png"): "it is no mail, mbox or JSON lines",
		filepath.Join(dir, "none"): "no such file", filepath.Join(dir, "empty.mbox"): "there is no mail"} {
		if _, err := Open(t.Context(), []string{path}, Options{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", path, err, want)
		}
	}
}

func TestReadingGoesOnWhereItWasBrokenOff(t *testing.T) {
	var mbox strings.Builder
	for day := 2; day < 9; day++ {
		fmt.Fprintf(&mbox, "From a Mon Mar  %d 09:00:00 2026\n%s\n", day, letter(day, fmt.Sprint(day)))
	}
	s := open1(t, filepath.Join(folder(t, map[string]string{"m": mbox.String()}), "m"))
	stop := errors.New("stop")
	var seen []string
	note := func(n int, m *Mail) error {
		f, err := m.Facts(nil)
		must(t, err)
		seen = append(seen, fmt.Sprint(n, ":", f.Summary.Subject))
		if n == 2 && len(seen) == 3 {
			return stop
		}
		return nil
	}
	if err := s.Each(t.Context(), 0, note); !errors.Is(err, stop) {
		t.Fatal(err)
	}
	must(t, s.Each(t.Context(), 3, note))
	if got := strings.Join(seen, " "); got != "0:2 1:3 2:4 3:5 4:6 5:7 6:8" {
		t.Errorf("%s", got)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Each(ctx, 0, note); !errors.Is(err, context.Canceled) {
		t.Errorf("after a Ctrl-C: %v", err)
	}
}

func TestWhatWasPackedForASendingComesOutTheSame(t *testing.T) {
	dir := folder(t, map[string]string{
		"m.mbox": "From a Mon Mar  2 09:00:00 2026\n" + letter(2, "a") + "\n>From the beginning\n>>From twice\n\nFrom b Tue Mar  3 09:00:00 2026\n" + letter(3, "b"),
		"m.eml":  letter(4, "c") + "\nFrom an unquoted line\n",
	})
	var mbox, lines []byte
	var first []string
	must(t, open1(t, dir).Each(t.Context(), 0, func(_ int, m *Mail) error {
		mbox = m.AppendTo(mbox, 1<<20)
		first = append(first, strings.TrimRight(string(m.raw), "\r\n"))
		return nil
	}))
	again, err := FromBytes(t.Context(), "mbox", mbox)
	must(t, err)
	var second []string
	must(t, again.Each(t.Context(), 0, func(_ int, m *Mail) error {
		second = append(second, strings.TrimRight(string(m.raw), "\r\n"))
		return nil
	}))
	if !slices.Equal(first, second) || len(first) != 3 {
		t.Errorf("%q\nbecame %q", first, second)
	}
	set, err := FromBytes(t.Context(), "lines", []byte(`{"from":"a@b.test","subject":"x"}`+"\n"))
	must(t, err)
	must(t, set.Each(t.Context(), 0, func(_ int, m *Mail) error {
		lines = m.AppendTo(lines, 5)
		return nil
	}))
	if string(lines) != `{"from":"a@b.test","subject":"x"}`+"\n" {
		t.Errorf("%s", lines)
	}
	if _, err := FromBytes(t.Context(), "x", []byte("no mail")); err == nil {
		t.Error("anything is taken for mail")
	}
}

// TestHostileMailOfTheWorldIsReadAsFarAsItGoes reads the public test mail
// beside the repository (test/skips.txt).
func TestHostileMailOfTheWorldIsReadAsFarAsItGoes(t *testing.T) {
	root := filepath.Join("..", "..", "..", "shared", "data", "hostile")
	if _, err := os.Stat(root); err != nil {
		t.Skipf("the test mail is not at %s beside the repository", filepath.Join("..", "shared", "data"))
	}
	s := open1(t, root)
	if s.Len() < 500 {
		t.Errorf("only %d mails", s.Len())
	}
	must(t, s.Each(t.Context(), 0, func(_ int, m *Mail) error {
		f, _ := m.Facts(nil)
		began := time.Now()
		if _, err := f.Read(t.Context()); err != nil {
			t.Errorf("%s: %v", m.Name, err)
		}
		if took := time.Since(began); took > 2*time.Second {
			t.Errorf("%s took %v", m.Name, took)
		}
		return nil
	}))
}
