package directory

import (
	"context"
	"errors"
	"time"
)

// Times of Run.
const (
	lookEvery = 15 * time.Second // whether a file changed
	syncEvery = time.Hour        // LDAP, where nothing is set
	tryAgain  = time.Minute      // LDAP, after it did not answer
)

// Run reads the people again whenever a file changed, and LDAP in its
// interval, until ctx ends. What cannot be read is logged and changes nothing.
func (b *Book) Run(ctx context.Context) {
	if b == nil {
		return
	}
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			b.look(ctx)
		}
	}
}

// look reads the people if it is time.
func (b *Book) look(ctx context.Context) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.stamp == b.opts.stamp() && (b.opts.LDAP == nil || time.Now().Before(b.next)) {
		return
	}
	before := b.status.Load().Problem
	if _, err := b.sync(ctx, false); err != nil && ctx.Err() == nil && Brief(err) != before { // said once
		b.stands(err)
	}
}

// nextTry is when LDAP is asked again: soon after it did not answer, but not
// with a password that it refused, since servers lock accounts for that.
func (o Options) nextTry(err error) time.Time {
	if o.LDAP == nil {
		return time.Time{}
	}
	wait := o.LDAP.every()
	if err != nil && !errors.Is(err, errRefused) {
		wait = min(wait, tryAgain)
	}
	return time.Now().Add(wait)
}

// errRefused marks a sign-in that the server refused.
var errRefused = errors.New("sign-in refused")
