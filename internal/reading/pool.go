package reading

import (
	"errors"
	"sync/atomic"
)

// ErrBusy is why a file was not read: too many are being read at this moment.
var ErrBusy = errors.New("too many files are being read at once")

// PoolSize is how many octets of files all mails together may keep while they
// come in.
const PoolSize = 96 << 20

// Pool bounds what all collectors of a process keep of files at once.
type Pool struct {
	size int64
	used atomic.Int64
}

// NewPool makes a pool of so many octets; 0 is PoolSize.
func NewPool(size int64) *Pool {
	if size == 0 {
		size = PoolSize
	}
	return &Pool{size: size}
}

// take takes n octets, if there are so many.
func (p *Pool) take(n int) bool {
	if p == nil {
		return true
	}
	if p.used.Add(int64(n)) > p.size {
		p.used.Add(-int64(n))
		return false
	}
	return true
}

func (p *Pool) give(n int) {
	if p != nil {
		p.used.Add(-int64(n))
	}
}

// Used is how many octets are taken now.
func (p *Pool) Used() int64 { return p.used.Load() }
