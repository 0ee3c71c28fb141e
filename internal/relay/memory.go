package relay

import (
	"context"
	"time"

	"belay/internal/relay/client"
)

// ability is what an upstream can do for our clients. It is kept over a
// restart: one that is down when belay starts still counts with what it could
// do when it last answered, or belay would refuse mail that the line can carry.
type ability struct {
	EightBitMIME, SMTPUTF8, DSN bool
	Size                        int64 // its limit in octets; 0: none
}

func abilityOf(x client.Extensions) ability {
	return ability{EightBitMIME: x.EightBit, SMTPUTF8: x.UTF8, DSN: x.DSN, Size: x.Size}
}

const (
	// rememberAgain is when a memory that could not be stored is tried again,
	rememberAgain = time.Minute
	// and lastMemory how long storing it may take when the relay ends.
	lastMemory = time.Second
)

// memoryOf is the name of an upstream's memory in the store.
func memoryOf(u *upstream) string { return "upstream " + u.name }

// recall reads what upstreams could do that have not answered since the start.
func (r *Relay) recall(ctx context.Context) {
	for _, u := range r.upstreams {
		var was ability
		found, err := r.line.Recall(ctx, memoryOf(u), &was)
		if err != nil {
			r.log.Warn("what an upstream could do is not known until it answers", "upstream", u.name, "error", err)
		}
		if err != nil || !found {
			continue
		}
		u.mu.Lock()
		if u.kept = &was; u.can == nil {
			u.can = &was
		}
		u.mu.Unlock()
	}
}

// remember stores what upstreams can do whenever one tells something new, until
// ctx ends.
func (r *Relay) remember(ctx context.Context) {
	again := time.NewTimer(rememberAgain)
	defer again.Stop()
	for {
		select {
		case <-ctx.Done():
			ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastMemory)
			defer cancel()
			r.storeMemories(ending)
			return
		case <-r.learned:
		case <-again.C:
		}
		r.storeMemories(ctx)
		again.Reset(rememberAgain)
	}
}

func (r *Relay) storeMemories(ctx context.Context) {
	for _, u := range r.upstreams {
		can := u.unstored()
		if can == nil {
			continue
		}
		if err := r.line.Remember(ctx, memoryOf(u), can); err != nil {
			r.log.Warn("what an upstream can do cannot be stored yet", "upstream", u.name, "error", err)
			continue
		}
		u.mu.Lock()
		u.kept = can
		u.mu.Unlock()
	}
}

// learn notes what the server said at EHLO. u.mu is held.
func (u *upstream) learn(x client.Extensions) {
	can := abilityOf(x)
	u.known, u.ext, u.can = true, x, &can
	if u.kept == nil || *u.kept != can {
		select {
		case u.learned <- struct{}{}:
		default: // somebody is to be woken already
		}
	}
}

// unstored is what the server can do where the store does not know it, else nil.
func (u *upstream) unstored() *ability {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.can == nil || u.kept != nil && *u.kept == *u.can {
		return nil
	}
	return u.can
}
