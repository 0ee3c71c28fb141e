package backup_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"belay/internal/backup"
	"belay/internal/db/dbtest"
)

// withFiles is an archive of a house with these files.
func (h *house) withFiles(files ...backup.File) []byte {
	h.t.Helper()
	var archive bytes.Buffer
	if _, err := backup.Write(ctx, h.db, &archive, backup.Options{Files: files, Now: h.clock.Clock.Now}); err != nil {
		h.t.Fatal(err)
	}
	return archive.Bytes()
}

// back restores an archive whose accounts may be put back.
func (h *house) back(archive []byte, dir string, replace bool) (backup.Result, error) {
	o := h.options(false)
	o.Files = backup.FileOptions{Dir: dir, State: []string{"accounts"}, Replace: replace}
	return backup.Restore(ctx, h.db, bytes.NewReader(archive), o)
}

func content(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// names are the files of a directory.
func names(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, e := range entries {
		list = append(list, e.Name())
	}
	return strings.Join(list, " ")
}

func TestRestore_FilesComeBackWhereThereAreNone(t *testing.T) {
	h, dir := newHouse(t, dbtest.SQLiteOptions(t), newKeys(t)), t.TempDir()
	archive := h.withFiles(
		backup.File{Name: "accounts", Path: "/var/lib/belay/accounts", State: true, Text: []byte("anna@corp.test -\n")},
		backup.File{Name: "belay.yaml", Path: "/etc/belay/belay.yaml", Text: []byte("rules: []\n")},
		backup.File{Name: "belay.db", State: true, Text: []byte("not a database")})
	summary, err := backup.Check(bytes.NewReader(archive))
	if err != nil || len(summary.Files) != 3 || summary.Files[0].Name != "accounts" || summary.Files[0].Text != nil {
		t.Errorf("%+v, %v", summary.Files, err)
	}
	if _, err := h.back(archive, dir, false); err != nil {
		t.Fatal(err)
	}
	if got := content(t, filepath.Join(dir, "accounts")); got != "anna@corp.test -\n" {
		t.Errorf("accounts: %q", got)
	}
	if info, err := os.Stat(filepath.Join(dir, "accounts")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("others may read the accounts: %v, %v", info.Mode(), err)
	}
	// The configuration is only handed out, and so is what no restore may put back.
	const want = "accounts belay.db.from-backup-20260302-120000 belay.yaml.from-backup-20260302-120000"
	if got := names(t, dir); got != want {
		t.Errorf("the directory has %q, want %q", got, want)
	}
	result, err := h.back(archive, dir, true)
	if err != nil || result.Files[0].Outcome != backup.FileSame || names(t, dir) != want {
		t.Errorf("the second time: %+v, %v, %s", result.Files, err, names(t, dir))
	}
}

func TestRestore_NeverOverwritesAFileWithoutBeingAsked(t *testing.T) {
	h, dir := newHouse(t, dbtest.SQLiteOptions(t), newKeys(t)), t.TempDir()
	archive := h.withFiles(backup.File{Name: "accounts", State: true, Text: []byte("old\n")})
	accounts := filepath.Join(dir, "accounts")
	// An empty one counts too: somebody may have taken everybody out.
	for _, now := range []string{"new\n", ""} {
		if err := os.WriteFile(accounts, []byte(now), 0o600); err != nil {
			t.Fatal(err)
		}
		result, err := h.back(archive, dir, false)
		if err != nil {
			t.Fatal(err)
		}
		if p := result.Files[0]; p.Outcome != backup.FileKept || content(t, accounts) != now || content(t, p.At) != "old\n" {
			t.Errorf("%+v; the accounts are now %q", p, content(t, accounts))
		}
	}
	result, err := h.back(archive, dir, true)
	if err != nil {
		t.Fatal(err)
	}
	if p := result.Files[0]; p.Outcome != backup.FileReplaced || content(t, accounts) != "old\n" || content(t, p.At) != "" {
		t.Errorf("%+v; the accounts are now %q", p, content(t, accounts))
	}
	if got := names(t, dir); strings.Contains(got, ".restore-") {
		t.Errorf("it left something half done: %s", got)
	}
}

func TestRestore_AFileCannotLeaveItsDirectory(t *testing.T) {
	h := newHouse(t, dbtest.SQLiteOptions(t), newKeys(t))
	dir := filepath.Join(t.TempDir(), "data")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"../accounts", "..", "", "/etc/passwd", "a/b"} {
		archive := h.withFiles(backup.File{Name: name, State: true, Text: []byte("x")})
		if _, err := newHouse(t, dbtest.SQLiteOptions(t), h.keys).back(archive, dir, true); err == nil {
			t.Errorf("a file with the name %q was brought back", name)
		}
	}
	if got := names(t, dir) + names(t, filepath.Dir(dir)); got != "data" {
		t.Errorf("it left %s", got)
	}
}
