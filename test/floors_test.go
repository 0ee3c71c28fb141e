package test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// floors are the rooms from the top of the house to the ground. Imports run
// down only, and never sideways on the same floor.
var floors = [][]string{
	{"cmd"},
	{"api", "web", "demo"},
	{"door", "outbox"},
	{"intake"},
	{"notice"},
	{"smtpd", "relay", "backup"},
	{"queue"},
	{"eval"},
	{"training"},
	{"mistake"},
	{"lookback"},
	{"source"},
	{"guard"},
	{"history"},
	{"directory"},
	{"access"},
	{"journal"},
	{"node"},
	{"body"},
	{"db", "seal"},
	{"clock"},
	{"config"},
	{"worktime"},
	{"reading"},
	{"extract"},
	{"locale"},
	{"mail"},
	{"boost"},
}

// narrow are rooms that may import less than their floor allows.
var narrow = map[string][]string{
	"mail":     {},
	"locale":   {},
	"config":   {"mail", "worktime"},
	"worktime": {},
	"clock":    {},
	"db":       {"mail", "clock"},
	"seal":     {},
	"boost":    {},
	"door":     {"access", "mail"},
	"smtpd":    {"mail", "clock"},
}

// testHelpers are packages that only tests and benchmarks import.
var testHelpers = []string{"belay/internal/db/dbtest", "belay/internal/relay/smtptest", "belay/internal/outbox/outboxtest", "belay/internal/extract/extracttest"}

type listed struct {
	ImportPath string
	Imports    []string
}

func TestFloorsRunDownOnly(t *testing.T) {
	for _, p := range packages(t) {
		for _, imported := range p.Imports {
			if !strings.HasPrefix(imported, "belay/") {
				continue
			}
			if why := forbidden(p.ImportPath, imported); why != "" {
				t.Errorf("%s imports %s: %s", p.ImportPath, imported, why)
			}
		}
	}
}

// TestEveryRoomHasOneFloor keeps a room from standing on two, of which only the
// upper one would count.
func TestEveryRoomHasOneFloor(t *testing.T) {
	seen := map[string]bool{}
	for _, name := range slices.Concat(floors...) {
		if seen[name] {
			t.Errorf("%s stands on two floors", name)
		}
		seen[name] = true
	}
}

// TestFloorsWouldBeNoticed makes sure that the rule above can fail.
func TestFloorsWouldBeNoticed(t *testing.T) {
	for _, c := range []struct {
		from, to string
		bad      bool
	}{
		{"belay/internal/queue", "belay/internal/db", false},
		{"belay/internal/db", "belay/internal/queue", true},
		{"belay/internal/smtpd", "belay/internal/relay", true},
		{"belay/internal/guard", "belay/internal/guard/rules", false},
		{"belay/internal/config", "belay/internal/locale", true},
		{"belay/internal/mail", "belay/internal/anything", true},
		{"belay/internal/queue", "belay/internal/db/dbtest", true},
		{"belay/internal/web", "belay/cmd/belay", true},
	} {
		if got := forbidden(c.from, c.to) != ""; got != c.bad {
			t.Errorf("%s imports %s: forbidden is %v, want %v", c.from, c.to, got, c.bad)
		}
	}
}

// forbidden says why a package may not import another of ours, "" where it may.
func forbidden(from, to string) string {
	above, below := room(from), room(to)
	if above == "" || strings.HasSuffix(from, "test") {
		return "" // tests, benchmarks and tools look from outside
	}
	if slices.Contains(testHelpers, to) {
		return "it is a helper for tests only"
	}
	if above == below {
		return ""
	}
	a, b := floor(above), floor(below)
	switch {
	case a < 0:
		return fmt.Sprintf("no floor is known for %s: add it to the list here and to the design", above)
	case b < 0:
		return fmt.Sprintf("no floor is known for %s: add it to the list here and to the design", below)
	case a >= b:
		return fmt.Sprintf("imports run down only: %s lies above %s or beside it", below, above)
	}
	if only, ok := narrow[above]; ok && !slices.Contains(only, below) {
		return fmt.Sprintf("%s may import nothing of ours but %v", above, only)
	}
	return ""
}

// room is the first folder under internal (or cmd), "" for what stands
// outside the house.
func room(path string) string {
	parts := strings.Split(strings.TrimPrefix(path, "belay/"), "/")
	switch {
	case parts[0] == "cmd":
		return "cmd"
	case parts[0] == "internal" && len(parts) > 1:
		return parts[1]
	}
	return ""
}

func floor(room string) int {
	return slices.IndexFunc(floors, func(f []string) bool { return slices.Contains(f, room) })
}

func packages(t *testing.T) []listed {
	t.Helper()
	cmd := exec.Command("go", "list", "-e", "-json=ImportPath,Imports", "belay/...")
	cmd.Dir = ".."
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []listed
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		err := d.Decode(&p)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("read what go list says: %v", err)
		}
		all = append(all, p)
	}
	if len(all) < 5 {
		t.Fatalf("go list names only %d packages", len(all))
	}
	return all
}
