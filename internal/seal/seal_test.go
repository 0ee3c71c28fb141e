package seal_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"belay/internal/seal"
)

func load(t *testing.T, dir, env string) *seal.Keys {
	t.Helper()
	k, err := seal.Load(dir, env)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestSeal_OpensOnlyUnchangedAndInItsPlace(t *testing.T) {
	k := load(t, t.TempDir(), "")
	sealed, err := k.Seal([]byte("Dear Marta"), []byte("piece 1"))
	if err != nil {
		t.Fatal(err)
	}
	if plain, err := k.Open(sealed, []byte("piece 1")); err != nil || string(plain) != "Dear Marta" {
		t.Fatalf("opened %q, %v", plain, err)
	}
	if bytes.Contains(sealed, []byte("Marta")) {
		t.Error("the text can be read in the sealed bytes")
	}
	if _, err := k.Open(sealed, []byte("piece 2")); !errors.Is(err, seal.ErrOpen) {
		t.Errorf("opened as another piece: %v", err)
	}
	for i := range sealed {
		changed := bytes.Clone(sealed)
		changed[i] ^= 1
		if _, err := k.Open(changed, []byte("piece 1")); !errors.Is(err, seal.ErrOpen) {
			t.Fatalf("opened with byte %d changed: %v", i, err)
		}
	}
	for n := range len(sealed) {
		if _, err := k.Open(sealed[:n], []byte("piece 1")); !errors.Is(err, seal.ErrOpen) {
			t.Fatalf("opened when cut to %d bytes: %v", n, err)
		}
	}
}

func TestKeys_StayTheSameAfterARestartAndARotation(t *testing.T) {
	dir := t.TempDir()
	k := load(t, dir, "")
	sealed, _ := k.Seal([]byte("x"), nil)
	code, _ := k.MAC([]byte("m"))
	sig, _ := k.Sign([]byte("s"))
	for _, p := range []seal.Purpose{seal.Body, seal.Token, seal.Journal} {
		if err := k.Rotate(p); err != nil {
			t.Fatal(err)
		}
	}
	newer, _ := k.Seal([]byte("y"), nil)
	k = load(t, dir, "")
	for _, s := range [][]byte{sealed, newer} {
		if _, err := k.Open(s, nil); err != nil {
			t.Errorf("after rotation and restart: %v", err)
		}
	}
	if !k.CheckMAC(code, []byte("m")) || k.CheckMAC(code, []byte("n")) {
		t.Error("the code of before the rotation is judged wrongly")
	}
	if !k.CheckSignature(sig, []byte("s")) || k.CheckSignature(sig, []byte("t")) {
		t.Error("the signature of before the rotation is judged wrongly")
	}
}

func TestKeys_FromTheEnvironmentOpenWhatTheFilesSealed(t *testing.T) {
	k := load(t, t.TempDir(), "")
	sealed, _ := k.Seal([]byte("x"), nil)
	exported, err := k.Export()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "unused")
	for _, env := range []string{string(exported), base64.StdEncoding.EncodeToString(exported) + "\n"} {
		if _, err := load(t, dir, env).Open(sealed, nil); err != nil {
			t.Errorf("from the environment: %v", err)
		}
	}
	if _, err := os.Stat(dir); err == nil {
		t.Error("files were made although the keys came from the environment")
	}
	for _, bad := range []string{"hunter2", "{}", `{"body":{}}`} {
		if _, err := seal.Load(dir, bad); err == nil {
			t.Errorf("%q was taken for keys", bad)
		}
	}
}

func TestKeys_FilesArePrivate(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "keys")
	load(t, dir, "")
	name := filepath.Join(dir, "body.json")
	if info, err := os.Stat(name); err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("%v, %v; want mode 0600", info.Mode(), err)
	}
	if err := os.Chmod(name, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := seal.Load(dir, ""); err == nil {
		t.Error("a key that everybody can read was used")
	}
}

func BenchmarkSeal10KB(b *testing.B) {
	k, err := seal.New()
	if err != nil {
		b.Fatal(err)
	}
	plain := make([]byte, 10<<10)
	b.SetBytes(int64(len(plain)))
	for b.Loop() {
		if _, err := k.Seal(plain, []byte("ad")); err != nil {
			b.Fatal(err)
		}
	}
}
