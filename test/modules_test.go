package test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path"
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

// TestDirectModulesAreMarkedSo: go.mod tells what belay itself imports, under
// any tag that its tests use, from what others bring along.
func TestDirectModulesAreMarkedSo(t *testing.T) {
	out, err := exec.Command("go", "list", "-m", "-f", "{{if not .Main}}{{.Path}} {{.Indirect}}{{end}}", "all").Output()
	if err != nil {
		t.Fatalf("list the modules: %v", err)
	}
	indirect := map[string]bool{}
	for line := range strings.Lines(string(out)) {
		if path, mark, ok := strings.Cut(strings.TrimSpace(line), " "); ok {
			indirect[path] = mark == "true"
		}
	}
	used := map[string]bool{}
	for pkg := range imports(t) {
		for at := pkg; at != "."; at = path.Dir(at) { // the longest module that the package is in
			if _, is := indirect[at]; is {
				used[at] = true
				break
			}
		}
	}
	if len(used) == 0 {
		t.Fatal("belay imports no module at all")
	}
	for path, mark := range indirect {
		switch {
		case used[path] && mark:
			t.Errorf("go.mod has %s as // indirect, but belay imports it", path)
		case !used[path] && !mark:
			t.Errorf("go.mod has %s as direct, but belay does not import it", path)
		}
	}
}

// imports are the packages that those of this module import, their tests and
// what builds only where there are peers included.
func imports(t *testing.T) map[string]bool {
	t.Helper()
	const all = "{{range .Imports}}{{.}}\n{{end}}{{range .TestImports}}{{.}}\n{{end}}{{range .XTestImports}}{{.}}\n{{end}}"
	out, err := exec.Command("go", "list", "-tags", "peers", "-f", all, "belay/...").Output()
	if err != nil {
		t.Fatalf("list what belay imports: %v", err)
	}
	found := map[string]bool{}
	for path := range strings.Lines(string(out)) {
		found[strings.TrimSpace(path)] = true
	}
	return found
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
