package access

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"net/netip"
	"runtime"
	"sync"
	"time"

	"belay/internal/mail"
)

// Throttled is the answer to who tried too often: the password was not looked
// at. It is a passing trouble, not a wrong password.
type Throttled struct {
	For time.Duration // how long at least
}

func (e *Throttled) Error() string {
	return fmt.Sprintf("too many wrong passwords, try again in %s", e.For.Round(time.Second))
}

const (
	cacheTime = 10 * time.Minute   // how long a password that was right need not be hashed again
	knownTime = 7 * 24 * time.Hour // how long a client is known as one where an account signs in
	maxKept   = 10_000             // entries of each of the maps below
	hashWait  = 20 * time.Second   // for a turn to hash
)

// allowance is how many wrong passwords are let pass at once, and how soon one
// is forgotten.
type allowance struct {
	burst  float64
	forget time.Duration
}

// Guessing one password from one place, many from one place, and one from many
// places. The last two would let a stranger lock people out, so they do not
// count where the account signed in before.
var (
	pairAllowance    = allowance{10, time.Minute}
	clientAllowance  = allowance{30, 30 * time.Second}
	accountAllowance = allowance{50, 10 * time.Second}
)

// gate stands before the hashing of passwords: it remembers who was right, and
// counts who was wrong.
type gate struct {
	now   func() time.Time
	turns chan struct{} // one for each password hashed at once
	key   [32]byte      // of this process, for what is kept in memory
	dummy hash          // takes the time that an account would

	mu    sync.Mutex
	right map[[32]byte]time.Time // of account, stored hash and password → until when
	known map[string]time.Time   // client and account → until when
	wrong map[string]*level
}

// level is a bucket that fills with wrong passwords and leaks.
type level struct {
	count float64
	at    time.Time
}

func newGate(o AccountOptions) *gate {
	hashers := o.Hashers
	if hashers <= 0 {
		hashers = min(runtime.GOMAXPROCS(0), 4)
	}
	g := &gate{
		now: o.Now, turns: make(chan struct{}, hashers),
		right: map[[32]byte]time.Time{}, known: map[string]time.Time{}, wrong: map[string]*level{},
	}
	if g.now == nil {
		g.now = time.Now
	}
	rand.Read(g.key[:]) // never fails (crypto/rand)
	g.dummy = hash{cost: defaultCost, salt: make([]byte, 16), key: make([]byte, 32)}
	return g
}

// Check tells whether a password is right, for a client at an address, and
// gives the account's name as the file has it. The error is ErrDenied, or a
// *Throttled, or ctx's. A password that was right lately costs microseconds, any
// other some 20 ms and 19 MiB.
func (a *Accounts) Check(ctx context.Context, client netip.Addr, name, password string) (string, error) {
	if len(name) > 254 || len(password) > maxPassword || password == "" {
		return "", ErrDenied
	}
	c, found := a.current().entries[mail.Key(name)]
	ticket := a.gate.ticket(c, password)
	if found && a.gate.remembers(ticket) {
		return c.Name, nil
	}
	attempt, err := a.gate.attempt(client, mail.Key(name))
	if err != nil {
		return "", err
	}
	if err := a.gate.turn(ctx); err != nil {
		attempt.forgive()
		return "", err
	}
	defer func() { <-a.gate.turns }()
	if found && a.gate.remembers(ticket) { // a parallel session was faster
		attempt.succeed(ticket)
		return c.Name, nil
	}
	h := a.gate.dummy
	if c.SignIn {
		h = c.hash
	}
	if !h.matches(password) || !c.SignIn {
		if found {
			a.logger.Warn("wrong password", "actor", c.Name, "client", client)
		}
		return "", ErrDenied
	}
	attempt.succeed(ticket)
	return c.Name, nil
}

// ticket is what a right password is remembered by: nothing that would help
// who reads it, and nothing that outlives a change of the password.
func (g *gate) ticket(c account, password string) (t [32]byte) {
	m := hmac.New(sha256.New, g.key[:])
	fmt.Fprintf(m, "%d %s%d %s%s", len(c.key), c.key, len(c.password), c.password, password)
	m.Sum(t[:0])
	return t
}

func (g *gate) remembers(ticket [32]byte) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.now().Before(g.right[ticket])
}

// turn waits for a place among those who hash.
func (g *gate) turn(ctx context.Context) error {
	timer := time.NewTimer(hashWait)
	defer timer.Stop()
	select {
	case g.turns <- struct{}{}:
		return nil
	case <-timer.C:
		return &Throttled{For: hashWait}
	case <-ctx.Done():
		return ctx.Err()
	}
}

// attempt is one password about to be looked at. It counts as wrong until it
// proves right, so that many at once cannot slip by.
type attempt struct {
	g    *gate
	pair string
	keys []string
}

func (g *gate) attempt(client netip.Addr, account string) (*attempt, error) {
	place := client.Unmap().WithZone("")
	if place.Is6() {
		if net, err := place.Prefix(64); err == nil { // what one customer gets
			place = net.Addr()
		}
	}
	pair := "p" + place.String() + " " + account
	levels := []struct {
		key string
		allowance
	}{{pair, pairAllowance}, {"c" + place.String(), clientAllowance}, {"a" + account, accountAllowance}}

	g.mu.Lock()
	defer g.mu.Unlock()
	now := g.now()
	if now.Before(g.known[pair]) {
		levels = levels[:1]
	}
	for _, l := range levels {
		if over := g.leaked(l.key, l.allowance, now) + 1 - l.burst; over > 0 {
			return nil, &Throttled{For: time.Duration(over * float64(l.forget))}
		}
	}
	t := &attempt{g: g, pair: pair}
	for _, l := range levels {
		t.keys = append(t.keys, l.key)
		if g.wrong[l.key] == nil { // making room for a later one took it
			g.wrong[l.key] = &level{at: now}
		}
		g.wrong[l.key].count++
	}
	return t, nil
}

// leaked gives how full a bucket is now, under mu.
func (g *gate) leaked(key string, a allowance, now time.Time) float64 {
	l := g.wrong[key]
	if l == nil {
		if len(g.wrong) >= maxKept {
			g.forgetWrong(now)
		}
		l = &level{at: now}
		g.wrong[key] = l
	}
	if passed := now.Sub(l.at); passed > 0 {
		l.count = max(0, l.count-float64(passed)/float64(a.forget))
	}
	l.at = now
	return l.count
}

// forgetWrong makes room: what has not moved for long is empty by now, and of
// the rest the emptier half goes.
func (g *gate) forgetWrong(now time.Time) {
	for limit := 0.0; len(g.wrong) > maxKept/2; limit = 2*limit + 1 {
		for key, l := range g.wrong {
			if now.Sub(l.at) > time.Hour || l.count <= limit {
				delete(g.wrong, key)
			}
		}
	}
}

// forgive takes the attempt back: it was not looked at.
func (t *attempt) forgive() {
	t.g.mu.Lock()
	defer t.g.mu.Unlock()
	t.undo()
}

func (t *attempt) undo() {
	for _, key := range t.keys {
		if l := t.g.wrong[key]; l != nil {
			l.count = max(0, l.count-1)
		}
	}
}

// succeed notes that the password was right.
func (t *attempt) succeed(ticket [32]byte) {
	g := t.g
	g.mu.Lock()
	defer g.mu.Unlock()
	t.undo()
	now := g.now()
	prune(g.right, now)
	prune(g.known, now)
	g.right[ticket] = now.Add(cacheTime)
	g.known[t.pair] = now.Add(knownTime)
}

// prune keeps a map of times within bounds: it drops what has passed, and all
// of it if that is not enough.
func prune[K comparable](m map[K]time.Time, now time.Time) {
	if len(m) < maxKept {
		return
	}
	for key, until := range m {
		if !now.Before(until) {
			delete(m, key)
		}
	}
	if len(m) >= maxKept {
		clear(m)
	}
}
