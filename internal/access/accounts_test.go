package access

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// cheap keeps the tests fast: what is dear is argon2's to prove.
var cheap = cost{memory: 8, passes: 1, threads: 1}

// watch is a clock that tests move.
type watch struct {
	mu sync.Mutex
	t  time.Time
}

func (w *watch) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.t
}

func (w *watch) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.t = w.t.Add(d)
}

type house struct {
	*Accounts
	path  string
	clock *watch
	log   *bytes.Buffer
}

func open(t *testing.T) house {
	t.Helper()
	h := house{path: filepath.Join(t.TempDir(), "accounts"), clock: &watch{t: time.Unix(1e9, 0)}, log: &bytes.Buffer{}}
	h.Accounts = reopen(t, h)
	return h
}

func reopen(t *testing.T, h house) *Accounts {
	t.Helper()
	a, err := OpenAccounts(h.path, AccountOptions{Now: h.clock.now, Logger: slog.New(slog.NewTextHandler(h.log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	a.cost, a.gate.dummy.cost = cheap, cheap
	return a
}

var (
	office = netip.MustParseAddr("192.0.2.1")
	cafe   = netip.MustParseAddr("2001:db8::1")
)

func (h house) check(name, password string, from netip.Addr) error {
	_, err := h.Check(context.Background(), from, name, password)
	return err
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestAccounts_ALife(t *testing.T) {
	h := open(t)
	must(t, h.Add("Anna@corp.test", "rope", "sales@corp.test"))
	must(t, h.Add("ewa@corp.test", "knot"))
	if err := h.Add("anna@CORP.test", "x"); !errors.Is(err, ErrExists) {
		t.Errorf("added twice: %v", err)
	}
	if name, err := h.Check(context.Background(), office, "anna@corp.test", "rope"); err != nil || name != "Anna@corp.test" {
		t.Errorf("signed in as %q, %v", name, err)
	}
	for _, wrong := range [][2]string{{"anna@corp.test", "Rope"}, {"anna@corp.test", ""}, {"nobody@corp.test", "rope"}, {"", "rope"}, {"ewa@corp.test", "rope"}} {
		if err := h.check(wrong[0], wrong[1], office); !errors.Is(err, ErrDenied) {
			t.Errorf("%q: %v", wrong, err)
		}
	}
	must(t, h.Grant("anna@corp.test", "@news.corp.test", "SALES@corp.test"))
	must(t, h.Revoke("anna@corp.test", "sales@corp.test"))
	must(t, h.SetPassword("anna@corp.test", "new"))
	if err := h.check("anna@corp.test", "rope", office); !errors.Is(err, ErrDenied) {
		t.Errorf("the old password, just right and kept in memory, still is: %v", err)
	}
	must(t, h.check("anna@corp.test", "new", office))
	must(t, h.Remove("ewa@corp.test"))
	for _, err := range []error{h.Remove("ewa@corp.test"), h.Grant("ewa@corp.test", "a@b.test"), h.SetPassword("ewa@corp.test", "x")} {
		if !errors.Is(err, ErrNotFound) {
			t.Errorf("gone, but: %v", err)
		}
	}
	want := "[{Anna@corp.test [@news.corp.test] true}]"
	if got := fmt.Sprint(h.List()); got != want {
		t.Errorf("list %s, want %s", got, want)
	}
	if got := fmt.Sprint(reopen(t, h).List()); got != want {
		t.Errorf("list after a restart %s, want %s", got, want)
	}
}

func TestAccounts_TheFileIsForPeopleToo(t *testing.T) {
	h := open(t)
	must(t, h.Add("anna@corp.test", "rope"))
	content, err := os.ReadFile(h.path)
	must(t, err)
	if info, err := os.Stat(h.path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if !strings.HasPrefix(string(content), "# belay: ") || strings.Contains(string(content), "rope") {
		t.Errorf("the file:\n%s", content)
	}
	hash := newHash("knot", cheap).String()
	edited := string(content) + "\n# the assistants\n  ewa@corp.test\t" + hash + "  anna@corp.test @corp.test\nlena@corp.test -\n"
	must(t, os.WriteFile(h.path, []byte(edited), 0o600))
	must(t, os.Chmod(h.path, 0o640))
	must(t, h.check("ewa@corp.test", "knot", office))
	if err := h.check("lena@corp.test", "-", office); !errors.Is(err, ErrDenied) {
		t.Errorf("without a password: %v", err)
	}
	must(t, h.SetPassword("ewa@corp.test", "bend"))
	after, err := os.ReadFile(h.path)
	must(t, err)
	if !strings.Contains(string(after), "\n# the assistants\newa@corp.test  $argon2id$") || !strings.HasSuffix(string(after), "  anna@corp.test  @corp.test\nlena@corp.test -\n") {
		t.Errorf("what people wrote is gone:\n%s", after)
	}
	if info, _ := os.Stat(h.path); info.Mode().Perm() != 0o640 {
		t.Errorf("the mode became %v", info.Mode())
	}
}

func TestAccounts_ABadFileIsRefusedAndTheLastGoodOneStays(t *testing.T) {
	h := open(t)
	must(t, h.Add("anna@corp.test", "rope"))
	good, _ := os.ReadFile(h.path)
	hash := newHash("x", cheap).String()
	for _, bad := range []struct{ line, want string }{
		{"ewa@corp.test", ":6: account ewa@corp.test has no password"},
		{"ewa@corp.test secret", "no argon2id hash"},
		{"anna@corp.test -", "stands in line 5 already"},
		{"e@wa@corp.test -", "is no name for an account"},
		{"ewa@corp.test - sales", "cannot be granted"},
		{"ewa@corp.test - @-corp.test", "cannot be granted"},
		{"ewa@corp.test " + strings.Replace(hash, "m=8", "m=99999999", 1), "want m=8"},
		{"ewa@corp.test " + strings.Replace(hash, "t=1", "t=0", 1), "want m=8"},
		{"ewa@corp.test " + strings.Replace(hash, "v=19", "v=16", 1), "version"},
		{"ewa@corp.test $argon2id$v=19$m=8,t=1,p=1$AA$AA", "salt"},
	} {
		must(t, os.WriteFile(h.path, []byte(string(good)+bad.line+"\n"), 0o600))
		h.log.Reset()
		if err := h.check("anna@corp.test", "rope", office); err != nil {
			t.Errorf("%s: the good account is gone: %v", bad.line, err)
		}
		if !strings.Contains(h.log.String(), bad.want) || strings.Count(h.log.String(), "\n") != 1 {
			t.Errorf("%s: logged %q, want one line with %q", bad.line, h.log, bad.want)
		}
		if err := h.Add("lena@corp.test", "x"); err == nil {
			t.Errorf("%s: a bad file was changed", bad.line)
		}
		if _, err := OpenAccounts(h.path, AccountOptions{}); err == nil || !strings.Contains(err.Error(), bad.want) {
			t.Errorf("%s: opened: %v", bad.line, err)
		}
	}
}

func TestAccounts_TwoProgramsEditAtOnce(t *testing.T) {
	h := open(t)
	other := reopen(t, h)
	var wait sync.WaitGroup
	for i := range 20 {
		for j, a := range []*Accounts{h.Accounts, other} {
			wait.Go(func() {
				if err := a.Add(fmt.Sprintf("u%d.%d@corp.test", i, j), "x"); err != nil {
					t.Error(err)
				}
			})
		}
	}
	wait.Wait()
	if got := len(h.List()); got != 40 {
		t.Errorf("%d accounts, want 40", got)
	}
	left, _ := filepath.Glob(filepath.Join(filepath.Dir(h.path), ".*"))
	if len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestAccounts_WhichAddressesOneMayUse(t *testing.T) {
	h := open(t)
	must(t, h.Add("anna@corp.test", "x", "sales@corp.test", "@news.corp.test", `"odd@one"@corp.test`, "@bücher.test"))
	must(t, h.Add("robot", "x", "billing@corp.test"))
	must(t, h.Add("lena+shop@corp.test", "x"))
	for _, c := range []struct {
		account, address string
		want             bool
	}{
		{"anna@corp.test", "anna@corp.test", true},
		{"Anna@CORP.test", "ANNA@Corp.Test", true},
		{"anna@corp.test", "anna+shop@corp.test", true},
		{"anna@corp.test", "annab@corp.test", false},
		{"anna@corp.test", "anna@corp.test.evil.test", false},
		{"anna@corp.test", "anna@mail.corp.test", false},
		{"anna@corp.test", "sales@corp.test", true},
		{"anna@corp.test", "sales+eu@corp.test", true},
		{"anna@corp.test", "boss@corp.test", false},
		{"anna@corp.test", "anyone@news.corp.test", true},
		{"anna@corp.test", "anyone@NEWS.corp.test", true},
		{"anna@corp.test", "anyone@x.news.corp.test", false},
		{"anna@corp.test", "anyone@xnews.corp.test", false},
		{"anna@corp.test", `"odd@one"@corp.test`, true},
		{"anna@corp.test", `odd@one@corp.test`, false},
		{"anna@corp.test", `"boss@corp.test"@news.corp.test`, true},
		{"anna@corp.test", `"x@news.corp.test"@evil.test`, false},
		{"anna@corp.test", "x@xn--bcher-kva.test", true},
		{"anna@corp.test", "", false},
		{"anna@corp.test", "@news.corp.test", false},
		{"anna@corp.test", "anna", false},
		{"robot", "billing@corp.test", true},
		{"robot", "robot", false},
		{"robot", "robot@corp.test", false},
		{"lena+shop@corp.test", "lena+shop@corp.test", true},
		{"lena+shop@corp.test", "lena@corp.test", false},
		{"known.upstream@corp.test", "known.upstream@corp.test", true},
		{"known.upstream@corp.test", "anna@corp.test", false},
		{"", "", false},
		{"", "anna@corp.test", false},
	} {
		if got := h.MayUse(c.account, c.address); got != c.want {
			t.Errorf("may %q write as %q: %v, want %v", c.account, c.address, got, c.want)
		}
	}
}

func TestAccounts_NamesAndGrantsThatCannotBe(t *testing.T) {
	h := open(t)
	for _, name := range []string{"", "a b", "#anna", "a@b@c", "a\nb -", strings.Repeat("x", 300)} {
		if err := h.Add(name, "x"); err == nil {
			t.Errorf("added %q", name)
		}
	}
	must(t, h.Add("anna@corp.test", "x"))
	for _, grant := range []string{"", "@", "sales", "@a b.test", `"a b"@corp.test`, "a@b.test\nroot -"} {
		if err := h.Grant("anna@corp.test", grant); err == nil {
			t.Errorf("granted %q", grant)
		}
		if err := h.Add("ewa@corp.test", "x", grant); err == nil {
			t.Errorf("added with %q", grant)
		}
	}
	if err := h.Add("ewa@corp.test", strings.Repeat("x", maxPassword+1)); err == nil {
		t.Error("added with an endless password")
	}
	if got := len(h.List()); got != 1 {
		t.Errorf("%d accounts", got)
	}
}

func TestCheck_AWrongPasswordIsThrottled(t *testing.T) {
	h := open(t)
	must(t, h.Add("anna@corp.test", "rope"))
	guess := func(from netip.Addr, n int) (looked int) {
		for i := range n {
			var late *Throttled
			if err := h.check("anna@corp.test", fmt.Sprint("guess", i), from); errors.Is(err, ErrDenied) {
				looked++
			} else if !errors.As(err, &late) || late.For <= 0 {
				t.Fatalf("guess %d: %v", i, err)
			}
		}
		return looked
	}
	if got := guess(cafe, 40); got != 10 {
		t.Errorf("%d guesses from one place were looked at, want 10", got)
	}
	next := netip.MustParseAddr("2001:db8::ffff") // the same /64
	if got := guess(next, 1); got != 0 {
		t.Error("another address of the same network starts anew")
	}
	var late *Throttled
	if err := h.check("anna@corp.test", "rope", cafe); !errors.As(err, &late) {
		t.Errorf("the right password, where guesses came from: %v", err)
	}
	must(t, h.check("anna@corp.test", "rope", office))
	must(t, h.check("anna@corp.test", "rope", cafe)) // was right a moment ago
	h.clock.pass(time.Hour)
	must(t, h.check("anna@corp.test", "rope", cafe))
	if strings.Contains(h.log.String(), "guess") || strings.Contains(h.log.String(), "rope") {
		t.Error("a password is in the log")
	}
}

func TestCheck_StrangersDoNotLockPeopleOut(t *testing.T) {
	h := open(t)
	must(t, h.Add("anna@corp.test", "rope"))
	must(t, h.check("anna@corp.test", "rope", office))
	h.clock.pass(time.Hour) // longer than a right password is kept
	for i := range 200 {
		from := netip.AddrFrom4([4]byte{198, 51, 100, byte(i)})
		h.check("anna@corp.test", "guess", from)
	}
	var late *Throttled
	if err := h.check("anna@corp.test", "rope", cafe); !errors.As(err, &late) {
		t.Errorf("from a new place, while many guess: %v", err)
	}
	must(t, h.check("anna@corp.test", "rope", office))
}

func TestCheck_ManyAtOnceCountAsMany(t *testing.T) {
	h := open(t)
	must(t, h.Add("anna@corp.test", "rope"))
	var wait sync.WaitGroup
	var mu sync.Mutex
	looked := 0
	for i := range 100 {
		wait.Go(func() {
			if err := h.check("anna@corp.test", fmt.Sprint(i), cafe); errors.Is(err, ErrDenied) {
				mu.Lock()
				looked++
				mu.Unlock()
			}
		})
	}
	wait.Wait()
	if looked != 10 {
		t.Errorf("%d parallel guesses were looked at, want 10", looked)
	}
}

func TestCheck_WaitsItsTurnAndGivesUpWithTheSession(t *testing.T) {
	h := open(t)
	must(t, h.Add("anna@corp.test", "rope"))
	for range cap(h.gate.turns) {
		h.gate.turns <- struct{}{}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for range 30 { // and such an attempt is no guess
		if _, err := h.Check(ctx, office, "anna@corp.test", "rope"); !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
	}
	for range cap(h.gate.turns) {
		<-h.gate.turns
	}
	must(t, h.check("anna@corp.test", "rope", office))
}

func TestGate_StaysWithinBounds(t *testing.T) {
	h := open(t)
	for i := range 3 * maxKept {
		from := netip.AddrFrom4([4]byte{byte(i >> 16), byte(i >> 8), byte(i), 1})
		at, err := h.gate.attempt(from, fmt.Sprint(i))
		must(t, err)
		if i%2 == 0 {
			at.succeed([32]byte{byte(i >> 16), byte(i >> 8), byte(i)})
		}
	}
	if r, k, w := len(h.gate.right), len(h.gate.known), len(h.gate.wrong); r > maxKept || k > maxKept || w > maxKept+3 {
		t.Errorf("kept %d, %d, %d entries", r, k, w)
	}
}

func TestHash_RoundTripAndKnownValue(t *testing.T) {
	h, err := parseHash(newHash("pąssword", defaultCost).String())
	must(t, err)
	if h.cost != defaultCost || !h.matches("pąssword") || h.matches("password") {
		t.Error("does not know its own password")
	}
	if !h.matches("pa\u0328ssword") { // the same letters, from another keyboard
		t.Error("a decomposed letter is another password")
	}
	// From the argon2 reference implementation's tests: "password", "somesalt".
	known, err := parseHash("$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc")
	must(t, err)
	if !known.matches("password") {
		t.Error("differs from the reference implementation")
	}
}

func BenchmarkCheck_Remembered(b *testing.B) {
	path := filepath.Join(b.TempDir(), "accounts")
	a, err := OpenAccounts(path, AccountOptions{})
	if err != nil {
		b.Fatal(err)
	}
	if err := a.Add("anna@corp.test", "rope"); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := a.Check(context.Background(), office, "anna@corp.test", "rope"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkHash(b *testing.B) {
	h := newHash("rope", defaultCost)
	for b.Loop() {
		h.matches("rope")
	}
}
