package access

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"belay/internal/mail"
)

var (
	// ErrDenied: no such account, or the password or token is not right.
	ErrDenied = errors.New("user or password is not right")
	// ErrNotFound: no account or token of that name.
	ErrNotFound = errors.New("not found")
	// ErrExists: the name is taken.
	ErrExists = errors.New("exists already")
)

// Account is one who may sign in.
type Account struct {
	Name string // usually the address it writes as
	// Grants are the addresses it may use beside its own: "sales@corp.test",
	// or "@corp.test" for all of a domain.
	Grants []string
	// SignIn is false for one that has no password here: its line only grants.
	SignIn bool
}

// account is an Account as the file has it.
type account struct {
	Account
	key      string
	password string // as stored; "-" for none
	hash     hash
}

// Accounts is the file of accounts. All methods may be called at once.
type Accounts struct {
	file   file[account]
	logger *slog.Logger
	cost   cost
	gate   *gate
}

// AccountOptions may be left zero.
type AccountOptions struct {
	Now     func() time.Time // default time.Now
	Logger  *slog.Logger     // default slog.Default
	Hashers int              // passwords hashed at once, 19 MiB each; default one per processor, at most 4
}

const accountsHeader = `# belay: who may sign in. One account a line:
#   name  password  [address or @domain that it may write as, beside its own]...
# The password is an argon2id hash; "-" means that none is kept here. Change this
# file with "belay user" or an editor; belay sees it at the next sign-in.`

// OpenAccounts reads the file; one that does not exist is empty.
func OpenAccounts(path string, o AccountOptions) (*Accounts, error) {
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	a := &Accounts{logger: o.Logger, cost: defaultCost, gate: newGate(o)}
	a.file = file[account]{path: path, header: accountsHeader, parse: parseAccount}
	if err := a.file.open(); err != nil {
		return nil, fmt.Errorf("open accounts: %w", err)
	}
	return a, nil
}

func parseAccount(line string) (string, account, error) {
	fields := strings.Fields(line)
	if len(fields) < 2 {
		return "", account{}, fmt.Errorf("account %s has no password; \"-\" stands for none", fields[0])
	}
	a := account{Account: Account{Name: fields[0], Grants: fields[2:]}, key: mail.Key(fields[0]), password: fields[1]}
	if err := checkName(a.Name); err != nil {
		return "", a, err
	}
	if a.password != "-" {
		var err error
		if a.hash, err = parseHash(a.password); err != nil {
			return "", a, fmt.Errorf("account %s: %w", a.Name, err)
		}
		a.SignIn = true
	}
	for _, grant := range a.Grants {
		if err := checkGrant(grant); err != nil {
			return "", a, fmt.Errorf("account %s: %w", a.Name, err)
		}
	}
	return a.key, a, nil
}

func (a account) line() string {
	return strings.Join(append([]string{a.Name, a.password}, a.Grants...), "  ")
}

// checkName lets pass an address or a plain word.
func checkName(name string) error {
	if strings.Contains(name, "@") {
		if err := mail.CheckAddress(name); err != nil {
			return fmt.Errorf("%q is no name for an account: %w", name, err)
		}
	}
	bad := strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r == 0x7f })
	if name == "" || bad || strings.HasPrefix(name, "#") || len(name) > 254 {
		return fmt.Errorf("%q is no name for an account: want an address, or a word of at most 254 octets", name)
	}
	return nil
}

func checkGrant(grant string) error {
	if domain, ok := strings.CutPrefix(grant, "@"); ok {
		if err := mail.CheckDomain(domain); err != nil {
			return fmt.Errorf("%q cannot be granted: %w", grant, err)
		}
		return nil
	}
	if strings.ContainsAny(grant, " \t") {
		return fmt.Errorf("%q cannot be granted: this file has no room for spaces; grant the domain", grant)
	}
	if err := mail.CheckAddress(grant); err != nil {
		return fmt.Errorf("%q cannot be granted (want an address or @domain): %w", grant, err)
	}
	return nil
}

// current gives the accounts as they are now. A file that became unreadable is
// logged; the last good one stays.
func (a *Accounts) current() *snapshot[account] {
	s, err := a.file.current()
	if err != nil {
		a.logger.Error("accounts file not read, the last good one stays", "error", err)
	}
	return s
}

// List gives all accounts in the order of the file.
func (a *Accounts) List() []Account {
	s := a.current()
	list := make([]Account, 0, len(s.keys))
	for _, key := range s.keys {
		list = append(list, s.entries[key].Account)
	}
	return list
}

// Add makes an account. An empty password makes one that cannot sign in here,
// for grants to somebody whose password the upstream knows.
func (a *Accounts) Add(name, password string, grants ...string) error {
	if err := a.MayAdd(name, grants...); err != nil {
		return err
	}
	stored, err := a.store(password)
	if err != nil {
		return err
	}
	return a.file.edit(func(s *snapshot[account]) ([]string, error) {
		key := mail.Key(name)
		if _, taken := s.entries[key]; taken {
			return nil, fmt.Errorf("account %s: %w", name, ErrExists)
		}
		return s.with(key, account{Account: Account{Name: name, Grants: grants}, password: stored}.line()), nil
	})
}

// MayAdd tells whether Add could make this account, whatever its password:
// ErrExists, or a name or a grant that cannot be one.
func (a *Accounts) MayAdd(name string, grants ...string) error {
	if err := checkName(name); err != nil {
		return err
	}
	for _, grant := range grants {
		if err := checkGrant(grant); err != nil {
			return err
		}
	}
	if a.Has(name) {
		return fmt.Errorf("account %s: %w", name, ErrExists)
	}
	return nil
}

// Has tells whether there is such an account, with a password or without.
func (a *Accounts) Has(name string) bool {
	key := mail.Key(name)
	return slices.ContainsFunc(a.List(), func(other Account) bool { return mail.Key(other.Name) == key })
}

func (a *Accounts) store(password string) (string, error) {
	if len(password) > maxPassword {
		return "", fmt.Errorf("a password has at most %d octets", maxPassword)
	}
	if password == "" {
		return "-", nil
	}
	return newHash(password, a.cost).String(), nil
}

// Remove takes an account away. ErrNotFound.
func (a *Accounts) Remove(name string) error {
	return a.change(name, func(*account) string { return "" })
}

// SetPassword gives an account another password; "" takes it away. ErrNotFound.
func (a *Accounts) SetPassword(name, password string) error {
	stored, err := a.store(password)
	if err != nil {
		return err
	}
	return a.change(name, func(c *account) string {
		c.password = stored
		return c.line()
	})
}

// Grant lets an account use more addresses; Revoke takes some back. ErrNotFound.
func (a *Accounts) Grant(name string, grants ...string) error {
	for _, grant := range grants {
		if err := checkGrant(grant); err != nil {
			return err
		}
	}
	return a.change(name, func(c *account) string {
		for _, grant := range grants {
			if !slices.ContainsFunc(c.Grants, same(grant)) {
				c.Grants = append(c.Grants, grant)
			}
		}
		return c.line()
	})
}

func (a *Accounts) Revoke(name string, grants ...string) error {
	return a.change(name, func(c *account) string {
		for _, grant := range grants {
			c.Grants = slices.DeleteFunc(c.Grants, same(grant))
		}
		return c.line()
	})
}

func same(grant string) func(string) bool {
	key := mail.Key(grant)
	return func(other string) bool { return mail.Key(other) == key }
}

func (a *Accounts) change(name string, f func(*account) string) error {
	return a.file.edit(func(s *snapshot[account]) ([]string, error) {
		key := mail.Key(name)
		c, ok := s.entries[key]
		if !ok {
			return nil, fmt.Errorf("account %s: %w", name, ErrNotFound)
		}
		c.Grants = slices.Clone(c.Grants)
		return s.with(key, f(&c)), nil
	})
}

// MayUse tells whether an account may write as address, in the reverse-path or
// in From: its own, a sub-address of it ("anna+shop@" belongs to "anna@"), or one
// that was granted. An account that has no line here (the upstream checked its
// password) has its own address.
func (a *Accounts) MayUse(name, address string) bool {
	return mayUse(a.current().entries[mail.Key(name)].Grants, name, address)
}

func mayUse(grants []string, name, address string) bool {
	if mail.CheckAddress(address) != nil {
		return false // nobody's
	}
	key := mail.Key(address)
	base := mail.Base(key)
	if own := mail.Key(name); own == key || own == base {
		return true
	}
	domain := mail.Domain(key)
	for _, grant := range grants {
		if whole, ok := strings.CutPrefix(grant, "@"); ok {
			if domain == mail.DomainKey(whole) {
				return true
			}
		} else if granted := mail.Key(grant); granted == key || granted == base {
			return true
		}
	}
	return false
}
