package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"belay/internal/guard/expect"
)

// archive writes made-up mail of four people into a file.
func archive(t *testing.T, name string) string {
	t.Helper()
	var b strings.Builder
	to := []string{"Bob Berg <bob.berg@falcon.test>", "Bea Holt <bea.holt@falcon.test>", "Bob Ruiz <bob.ruiz@heron.test>", "Eva Lind <eva.lind@heron.test>", "Kim Moss <kim.moss@kite.test>"}
	for i := range 280 {
		at := time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC).Add(time.Duration(i) * time.Hour)
		raw, err := json.Marshal(map[string]any{"id": fmt.Sprintf("%d@corp.test", i), "date": at, "from": []string{"anna", "tom", "jan", "ida"}[i%4] + "@corp.test",
			"to": []string{to[i*i%7%5]}, "subject": fmt.Sprintf("about %d", i%5), "body": fmt.Sprintf("Hello,\n\nhere is number %d.\n", i)})
		if err != nil {
			t.Fatal(err)
		}
		b.Write(append(raw, '\n'))
	}
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestWeightsAreMadeOfFiles(t *testing.T) {
	one, other, out := archive(t, "a.jsonl"), archive(t, "b.jsonl"), filepath.Join(t.TempDir(), "weights.bin")
	aliases := filepath.Join(t.TempDir(), "aliases")
	if err := os.WriteFile(aliases, []byte("tom@corp.test\tanna@corp.test\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var said, errs bytes.Buffer
	args := []string{"-out", out, "-aliases", aliases, "-folds", "2", "-per-author", "12", "-groups", "8", "-trees", "8", "-limit", "250", one, other}
	if err := run(t.Context(), args, &said, &errs); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(said.String(), "Corpus 2") || !strings.Contains(said.String(), "7 people") {
		t.Errorf("it says\n%s", &said)
	}
	raw, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := expect.DecodeModel(raw); err != nil || bytes.Contains(raw, []byte("corp.test")) {
		t.Errorf("%d octets: %v", len(raw), err)
	}
	for _, args := range [][]string{nil, {"-nothing"}, {filepath.Join(t.TempDir(), "none")}, {"-aliases", "/nowhere/at/all", one}} {
		if run(t.Context(), args, &said, &errs) == nil {
			t.Errorf("%v ends well", args)
		}
	}
}
