package mistake

import "hash/fnv"

// dice draw the same for the same seed, mail and variant, in whatever order
// mistakes are made.
type dice struct{ state uint64 }

func (d *draw) dice(variant string) *dice {
	h := fnv.New64a()
	_, _ = h.Write([]byte(d.e.said + "\x00" + variant)) // never fails
	return &dice{h.Sum64() ^ d.m.o.Seed*0x9e3779b97f4a7c15}
}

// next is splitmix64.
func (d *dice) next() uint64 {
	d.state += 0x9e3779b97f4a7c15
	z := d.state
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// n is a number below n.
func (d *dice) n(n int) int { return int(d.next() % uint64(n)) }

// chance says yes once in so many times as p tells.
func (d *dice) chance(p float64) bool { return float64(d.next()>>11)/(1<<53) < p }

// evenly keeps one of those that it is shown, each as likely as any other.
type evenly[T any] struct {
	dice *dice
	seen int
	one  T
}

func (r *evenly[T]) show(one T) {
	r.seen++
	if r.seen == 1 || r.dice.n(r.seen) == 0 {
		r.one = one
	}
}
