package client

import (
	"net"
	"sync"
	"time"
)

// watch breaks off writing when Fence begins to fail, for as long as the
// transaction runs. Asking before each write is not enough: one write may wait
// for a slow server until long after.
func (t *transaction) watch() (stop func()) {
	if t.m.Until == nil {
		return func() {}
	}
	until := t.m.Until()
	if until.IsZero() {
		return func() {}
	}
	done := make(chan struct{})
	var watching sync.WaitGroup
	watching.Go(func() {
		timer := time.NewTimer(time.Until(until))
		defer timer.Stop()
		for {
			select {
			case <-done:
				return
			case <-timer.C:
			}
			if t.fence() != nil {
				t.cutWrites()
				return
			}
			timer.Reset(max(time.Until(t.m.Until()), 10*time.Millisecond))
		}
	})
	return func() {
		close(done)
		watching.Wait()
		t.broken = t.broken || t.cut.Load()
	}
}

// longAgo is a deadline that has passed.
var longAgo = time.Unix(1, 0)

// cutWrites lets every write fail from now on, also one that is under way.
// Reading goes on: behind the final dot the answer is still worth having.
func (c *Conn) cutWrites() {
	c.cut.Store(true)
	c.c.SetWriteDeadline(longAgo)
}

func (c *Conn) deadline(d time.Duration) {
	c.c.SetDeadline(time.Now().Add(d))
	if c.cut.Load() { // whichever comes second, it stays cut
		c.c.SetWriteDeadline(longAgo)
	}
}

// abort makes Close throw away what was written and has not left yet.
func abort(c net.Conn) {
	if t, ok := c.(interface{ NetConn() net.Conn }); ok {
		c = t.NetConn()
	}
	if t, ok := c.(*net.TCPConn); ok {
		t.SetLinger(0)
	}
}
