package access

import "testing"

// FuzzAccounts: what is taken from a line and written again is the same account.
func FuzzAccounts(f *testing.F) {
	for _, seed := range []string{"anna@corp.test - @b.test c@d.test", "anna " + newHash("x", cheap).String(), "a $argon2id$v=19$m=8,t=1,p=1$AAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA", "#x -"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, line string) {
		files := file[account]{path: "accounts", parse: parseAccount}
		s, err := files.read(line)
		if err != nil {
			return
		}
		for _, key := range s.keys {
			a := s.entries[key]
			again, b, err := parseAccount(a.line())
			if err != nil || again != key || b.line() != a.line() || b.SignIn != a.SignIn {
				t.Fatalf("%q became %q: %v", a.line(), b.line(), err)
			}
		}
	})
}

func FuzzTokens(f *testing.F) {
	f.Add("0011 read 2026-01-01T00:00:00Z never e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 a name")
	f.Add("0011 admin 2026-01-01T00:00:00+02:00 2027-01-01T00:00:00Z e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 x")
	f.Fuzz(func(t *testing.T, line string) {
		id, a, err := parseToken(line)
		if err != nil || id == "" {
			return
		}
		again, b, err := parseToken(a.line())
		if err != nil || again != id || b.line() != a.line() {
			t.Fatalf("%q became %q: %v", a.line(), b.line(), err)
		}
	})
}
