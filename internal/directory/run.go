package directory

import (
	"context"
	"time"
)

// How often Run looks whether a file changed, and reads LDAP where nothing is
// set.
const (
	lookEvery = 15 * time.Second
	syncEvery = time.Hour
)

// Run reads the people again whenever a file changed, and LDAP in its
// interval, until ctx ends. What cannot be read is logged and changes nothing.
func (b *Book) Run(ctx context.Context) {
	if b == nil {
		return
	}
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	last := time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		b.mu.Lock()
		due := b.stamp != b.opts.stamp() || b.opts.LDAP != nil && time.Since(last) >= b.opts.LDAP.every()
		if due {
			last = time.Now()
			if _, err := b.sync(ctx, false); err != nil && ctx.Err() == nil {
				b.opts.Logger.Warn("the directory stands as it was read earlier: "+err.Error(), "since", b.status.Synced)
			}
		}
		b.mu.Unlock()
	}
}
