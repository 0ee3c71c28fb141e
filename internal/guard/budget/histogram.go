package budget

import (
	"encoding/binary"
	"errors"
	"math"
)

// bins are the steps of a histogram: a thousandth each.
const bins = 1001

// histogram counts mails by the strength with which they were questioned.
type histogram struct {
	total int
	bin   [bins]int
}

func (h *histogram) add(strength float64) {
	if math.IsNaN(strength) {
		strength = 1
	}
	h.bin[int(min(max(strength, 0), 1)*(bins-1))]++
	h.total++
}

func (h *histogram) merge(o *histogram) {
	h.total += o.total
	for i, n := range o.bin {
		h.bin[i] += n
	}
}

// quantile is the least strength at or above which no more than a share of the
// mails lies; over 1 where even the strongest are too many.
func (h *histogram) quantile(share float64) float64 {
	left := share * float64(h.total)
	for i := bins - 1; i >= 0; i-- {
		if left -= float64(h.bin[i]); left < 0 {
			return float64(i+1) / (bins - 1)
		}
	}
	return 0
}

// counts are the histogram that grows and the full one before it.
type counts struct{ now, before histogram }

func (c *counts) add(strength float64) {
	if c.now.total >= window {
		c.before, c.now = c.now, histogram{}
	}
	c.now.add(strength)
}

func (c *counts) sum() histogram {
	all := c.now
	all.merge(&c.before)
	return all
}

// version is the first octet of what is stored.
const version = 1

var errCounts = errors.New("these are no counts that this version of belay knows")

// encode writes only the bins that are not empty: varints of how far the next
// one is, and its count.
func (c *counts) encode() []byte {
	out := []byte{version}
	for _, h := range []*histogram{&c.now, &c.before} {
		last := 0
		for i, n := range h.bin {
			if n > 0 {
				out = binary.AppendUvarint(out, uint64(i-last+1))
				out = binary.AppendUvarint(out, uint64(n))
				last = i
			}
		}
		out = append(out, 0)
	}
	return out
}

func (c *counts) decode(b []byte) error {
	if len(b) == 0 || b[0] != version {
		return errCounts
	}
	b = b[1:]
	*c = counts{}
	for _, h := range []*histogram{&c.now, &c.before} {
		at := 0
		for {
			step, n := binary.Uvarint(b)
			if n <= 0 {
				return errCounts
			}
			if b = b[n:]; step == 0 {
				break
			}
			count, n := binary.Uvarint(b)
			if n <= 0 || step > bins || count > 2*window {
				return errCounts
			}
			b = b[n:]
			if at += int(step) - 1; at >= bins {
				return errCounts
			}
			h.bin[at] += int(count)
			h.total += int(count)
		}
	}
	return nil
}
