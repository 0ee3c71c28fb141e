package access

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"
)

// Scope is what a token lets its bearer do.
type Scope string

const (
	ScopeRead  Scope = "read"  // look, change nothing
	ScopeAdmin Scope = "admin" // everything
)

// Token is the pass of a program.
type Token struct {
	ID      string    `json:"id"`
	Name    string    `json:"name"` // what it is for, one line; unique
	Scope   Scope     `json:"scope"`
	Created time.Time `json:"created"`
	Expires time.Time `json:"expires,omitzero"` // zero: never
}

type token struct {
	Token
	sum [32]byte // of the whole secret
}

// Tokens is the file of tokens. All methods may be called at once.
type Tokens struct {
	file   file[token]
	now    func() time.Time
	logger *slog.Logger
}

const tokensHeader = `# belay: tokens of programs that use the API. One a line:
#   id  scope (read or admin)  made  expires (or "never")  SHA-256 of the token  name
# Make one with "belay token"; take a line out to revoke it at once.`

const tokenPrefix = "belay"

// OpenTokens reads the file; one that does not exist is empty. now may be nil.
func OpenTokens(path string, now func() time.Time, logger *slog.Logger) (*Tokens, error) {
	if now == nil {
		now = time.Now
	}
	if logger == nil {
		logger = slog.Default()
	}
	t := &Tokens{now: now, logger: logger}
	t.file = file[token]{path: path, header: tokensHeader, parse: parseToken}
	if err := t.file.open(); err != nil {
		return nil, fmt.Errorf("open tokens: %w", err)
	}
	return t, nil
}

func parseToken(line string) (string, token, error) {
	var t token
	fields := strings.Fields(line)
	if len(fields) < 6 {
		return "", t, errors.New("a token needs id, scope, made, expires, SHA-256 and name")
	}
	t.ID, t.Scope, t.Name = fields[0], Scope(fields[1]), strings.Join(fields[5:], " ")
	if t.Scope != ScopeRead && t.Scope != ScopeAdmin {
		return "", t, fmt.Errorf("token %s: scope %q is neither read nor admin", t.ID, t.Scope)
	}
	var err error
	if t.Created, err = time.Parse(time.RFC3339, fields[2]); err != nil {
		return "", t, fmt.Errorf("token %s: made at %q: want a time such as 2006-01-02T15:04:05Z", t.ID, fields[2])
	}
	if fields[3] != "never" {
		if t.Expires, err = time.Parse(time.RFC3339, fields[3]); err != nil {
			return "", t, fmt.Errorf("token %s: expires at %q: want \"never\" or a time such as 2006-01-02T15:04:05Z", t.ID, fields[3])
		}
	}
	sum, err := hex.DecodeString(fields[4])
	if err != nil || len(sum) != len(t.sum) {
		return "", t, fmt.Errorf("token %s: %q is no SHA-256 in hexadecimal", t.ID, fields[4])
	}
	copy(t.sum[:], sum)
	return t.ID, t, nil
}

func (t token) line() string {
	expires := "never"
	if !t.Expires.IsZero() {
		expires = t.Expires.Format(time.RFC3339)
	}
	return strings.Join([]string{t.ID, string(t.Scope), t.Created.Format(time.RFC3339), expires, hex.EncodeToString(t.sum[:]), t.Name}, "  ")
}

// Create makes a token and gives its secret, which is kept nowhere. A zero
// expires is never. ErrExists where the name is taken.
func (t *Tokens) Create(name string, scope Scope, expires time.Time) (secret string, made Token, err error) {
	name = strings.Join(strings.Fields(name), " ")
	if name == "" || len(name) > 200 {
		return "", Token{}, errors.New("a token needs a name of at most 200 octets that says what it is for")
	}
	if scope != ScopeRead && scope != ScopeAdmin {
		return "", Token{}, fmt.Errorf("scope %q is neither read nor admin", scope)
	}
	now := t.now().UTC().Truncate(time.Second)
	if !expires.IsZero() && !expires.After(now) {
		return "", Token{}, fmt.Errorf("the token would expire at %s, which has passed", expires.Format(time.RFC3339))
	}
	var random [37]byte
	rand.Read(random[:]) // never fails (crypto/rand)
	id := hex.EncodeToString(random[:5])
	secret = tokenPrefix + "_" + id + "_" + base64.RawURLEncoding.EncodeToString(random[5:])
	fresh := token{Token{ID: id, Name: name, Scope: scope, Created: now}, sha256.Sum256([]byte(secret))}
	if !expires.IsZero() {
		fresh.Expires = expires.UTC().Truncate(time.Second)
	}
	err = t.file.edit(func(s *snapshot[token]) ([]string, error) {
		for _, other := range s.entries {
			if other.Name == name || other.ID == id {
				return nil, fmt.Errorf("token %s: %w", name, ErrExists)
			}
		}
		return s.with(id, fresh.line()), nil
	})
	if err != nil {
		return "", Token{}, err
	}
	return secret, fresh.Token, nil
}

// Check gives the token that a secret stands for. ErrDenied where there is
// none, or where it expired.
func (t *Tokens) Check(secret string) (Token, error) {
	parts := strings.SplitN(secret, "_", 3)
	if len(parts) != 3 || parts[0] != tokenPrefix || len(secret) > 200 {
		return Token{}, ErrDenied
	}
	found := t.current().entries[parts[1]]
	sum := sha256.Sum256([]byte(secret))
	if subtle.ConstantTimeCompare(sum[:], found.sum[:]) != 1 {
		return Token{}, ErrDenied
	}
	if !found.Expires.IsZero() && !t.now().Before(found.Expires) {
		return Token{}, ErrDenied
	}
	return found.Token, nil
}

// List gives all tokens, expired ones too, in the order of the file.
func (t *Tokens) List() []Token {
	s := t.current()
	list := make([]Token, 0, len(s.keys))
	for _, key := range s.keys {
		list = append(list, s.entries[key].Token)
	}
	return list
}

// Revoke takes a token away, by its id or name. ErrNotFound.
func (t *Tokens) Revoke(name string) error {
	return t.file.edit(func(s *snapshot[token]) ([]string, error) {
		for id, other := range s.entries {
			if id == name || other.Name == name {
				return s.with(id, ""), nil
			}
		}
		return nil, fmt.Errorf("token %s: %w", name, ErrNotFound)
	})
}

// current gives the tokens as they are now. A file that became unreadable is
// logged; the last good one stays.
func (t *Tokens) current() *snapshot[token] {
	s, err := t.file.current()
	if err != nil {
		t.logger.Error("tokens file not read, the last good one stays", "error", err)
	}
	return s
}
