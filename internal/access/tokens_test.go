package access

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestTokens_ALife(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tokens")
	clock := &watch{t: time.Unix(1e9, 0)}
	tokens, err := OpenTokens(path, clock.now, nil)
	must(t, err)
	admin, made, err := tokens.Create(" the  monitoring ", ScopeAdmin, time.Time{})
	must(t, err)
	reader, _, err := tokens.Create("a report", ScopeRead, clock.now().Add(time.Hour))
	must(t, err)
	if made.Name != "the monitoring" || made.Scope != ScopeAdmin || !strings.HasPrefix(admin, "belay_"+made.ID+"_") {
		t.Errorf("made %+v, %s", made, admin)
	}
	content, _ := os.ReadFile(path)
	if strings.Contains(string(content), admin) || strings.Contains(string(content), admin[len("belay_")+11:]) {
		t.Error("the secret is in the file")
	}
	again, err := OpenTokens(path, clock.now, nil)
	must(t, err)
	if got, err := again.Check(admin); err != nil || got != made {
		t.Errorf("got %+v, %v, want %+v", got, err, made)
	}
	if got, err := tokens.Check(reader); err != nil || got.Scope != ScopeRead {
		t.Errorf("got %+v, %v", got, err)
	}
	for _, wrong := range []string{"", "belay", "belay__", admin + "x", admin[:len(admin)-1], strings.Replace(admin, "belay", "delay", 1), "belay_" + made.ID + "_", reader[:17] + admin[17:]} {
		if _, err := tokens.Check(wrong); !errors.Is(err, ErrDenied) {
			t.Errorf("%q: %v", wrong, err)
		}
	}
	clock.pass(time.Hour)
	if _, err := tokens.Check(reader); !errors.Is(err, ErrDenied) {
		t.Errorf("expired, but: %v", err)
	}
	must(t, again.Revoke("the monitoring"))
	if _, err := tokens.Check(admin); !errors.Is(err, ErrDenied) {
		t.Errorf("revoked by another program, but: %v", err)
	}
	if err := again.Revoke(made.ID); !errors.Is(err, ErrNotFound) {
		t.Errorf("revoked twice: %v", err)
	}
	if list := tokens.List(); len(list) != 1 || list[0].Name != "a report" {
		t.Errorf("list %+v", list)
	}
}

func TestTokens_ThatCannotBe(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tokens")
	tokens, err := OpenTokens(path, nil, nil)
	must(t, err)
	if _, _, err := tokens.Create("x", ScopeRead, time.Time{}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name    string
		scope   Scope
		expires time.Time
	}{{"", ScopeRead, time.Time{}}, {"y", "root", time.Time{}}, {"y", ScopeRead, time.Now().Add(-time.Second)}, {"x", ScopeAdmin, time.Time{}}} {
		if _, _, err := tokens.Create(c.name, c.scope, c.expires); err == nil {
			t.Errorf("made %+v", c)
		}
	}
	for _, bad := range []string{"id read", "id root 2026-01-01T00:00:00Z never 00 x", "id read yesterday never 00 x",
		"id read 2026-01-01T00:00:00Z soon 00 x", "id read 2026-01-01T00:00:00Z never 00 x"} {
		must(t, os.WriteFile(path, []byte(bad+"\n"), 0o600))
		if _, err := OpenTokens(path, nil, nil); err == nil || !strings.Contains(err.Error(), "tokens:1: ") {
			t.Errorf("%s: %v", bad, err)
		}
	}
}
