package relay

import (
	"context"
	"errors"
	"fmt"

	"belay/internal/relay/client"
)

// ErrPassword says that the upstream knows no such user and password.
var ErrPassword = client.ErrPassword

// CheckPassword signs in at the first upstream for all domains that answers
// (`auth: upstream`), and out again. ErrPassword means that it refused; any
// other error that nobody could be asked.
func (r *Relay) CheckPassword(ctx context.Context, user, password string) error {
	if user == "" || password == "" {
		return ErrPassword
	}
	select {
	case r.passwords <- struct{}{}:
		defer func() { <-r.passwords }()
	case <-ctx.Done():
		return fmt.Errorf("check a password at the upstream: %w", context.Cause(ctx))
	}
	err := errors.New("no upstream is set")
	for _, u := range ordered(r.upstreams) {
		if len(u.Domains) > 0 {
			continue
		}
		cfg := u.cfg
		cfg.User, cfg.Password = user, password
		var c *client.Conn
		if c, err = client.Open(ctx, cfg); err == nil {
			c.Close()
			return nil
		}
		if errors.Is(err, ErrPassword) {
			break
		}
	}
	return fmt.Errorf("check a password at the upstream: %w", err)
}
