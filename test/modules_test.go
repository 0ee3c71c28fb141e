package test

import (
	"encoding/json"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestModulesOfSQLiteFit keeps modernc.org/libc at exactly the version that
// modernc.org/sqlite was made and tested with: the two are one program in two
// modules, and any other pair may corrupt memory.
func TestModulesOfSQLiteFit(t *testing.T) {
	sqlite, libc := module(t, "modernc.org/sqlite"), module(t, "modernc.org/libc")
	data, err := os.ReadFile(sqlite.GoMod)
	if err != nil {
		t.Fatalf("read the go.mod of modernc.org/sqlite: %v", err)
	}
	found := regexp.MustCompile(`(?m)^\s*(?:require\s+)?modernc\.org/libc\s+(\S+)`).FindSubmatch(data)
	if found == nil {
		t.Fatalf("%s asks for no modernc.org/libc", sqlite.GoMod)
	}
	if want := string(found[1]); libc.Version != want {
		t.Errorf("modernc.org/sqlite %s asks for modernc.org/libc %s, the build has %s: exclude the newer one in go.mod",
			sqlite.Version, want, libc.Version)
	}
}

type moduleInfo struct{ Version, GoMod string }

func module(t *testing.T, path string) (m moduleInfo) {
	t.Helper()
	out, err := exec.Command("go", "list", "-m", "-json", path).Output()
	if err != nil {
		t.Fatalf("go list -m %s: %v", path, err)
	}
	if err := json.Unmarshal(out, &m); err != nil {
		t.Fatalf("read what go list says of %s: %v", path, err)
	}
	return m
}

// TestModulesHoldTimeZones: belay reads times in zones by name on machines
// that have no zone files, too.
func TestModulesHoldTimeZones(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", "belay/cmd/belay").Output()
	if err != nil {
		t.Fatalf("list what cmd/belay is made of: %v", err)
	}
	if !slices.Contains(strings.Fields(string(out)), "time/tzdata") {
		t.Error("cmd/belay does not import time/tzdata")
	}
}
