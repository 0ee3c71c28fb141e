package test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestSetupSaysWhatIsMissing runs the check on machines made of a few programs:
// their PATH holds nothing else.
func TestSetupSaysWhatIsMissing(t *testing.T) {
	const all = "postfix swaks sasl2-bin libsasl2-modules libsasl2-modules-db postgresql slapd ldap-utils chromium strace poppler-utils dovecot-imapd gcc libc6-dev"
	debian := func(packages string) string {
		answer := ""
		for _, p := range strings.Fields(packages) {
			answer += p + "=install ok installed "
		}
		return "#!/bin/sh\necho '" + answer + "swaks-doc=install ok installed strace=deinstall ok config-files '\n"
	}
	for name, c := range map[string]struct {
		dpkg    string
		without string
		missing []string
	}{
		"everything there":     {dpkg: debian(all)},
		"two packages missing": {dpkg: debian(strings.NewReplacer("strace", "", "swaks", "").Replace(all)), missing: []string{"swaks", "strace"}},
		"no OpenLDAP":          {dpkg: debian(strings.NewReplacer("slapd", "", "ldap-utils", "").Replace(all)), missing: []string{"slapd", "ldap-utils"}},
		"no Go":                {dpkg: debian(all), without: "go", missing: []string{"Go"}},
		"another system":       {missing: []string{"swaks", "strace", "ldap-utils"}},
	} {
		t.Run(name, func(t *testing.T) {
			path := t.TempDir()
			for _, program := range []string{"bash", "dirname", "go"} {
				real, err := exec.LookPath(program)
				if err != nil {
					t.Fatal(err)
				}
				if program != c.without {
					if err := os.Symlink(real, filepath.Join(path, program)); err != nil {
						t.Fatal(err)
					}
				}
			}
			if c.dpkg != "" {
				if err := os.WriteFile(filepath.Join(path, "dpkg-query"), []byte(c.dpkg), 0o755); err != nil {
					t.Fatal(err)
				}
			}
			check := exec.Command(filepath.Join(path, "bash"), "../scripts/setup.sh", "--check")
			check.Env = []string{"PATH=" + path}
			out, err := check.CombinedOutput()
			var failed *exec.ExitError
			if err != nil && !errors.As(err, &failed) {
				t.Fatal(err)
			}
			if (err != nil) != (len(c.missing) > 0) {
				t.Fatalf("ended with %v and said %q", err, out)
			}
			for _, m := range c.missing {
				if !strings.Contains(string(out), m) {
					t.Errorf("does not name %s: %q", m, out)
				}
			}
		})
	}
}
