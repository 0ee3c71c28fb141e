package budget

import (
	"encoding/binary"
	"errors"
)

// version is the first octet of what is stored. What was counted by authors stands
// behind what older ones read: they pass over it.
const version = 1

var errCounts = errors.New("these are no counts that this version of belay knows")

// encode writes only what is not empty. Of each histogram: for each bin a varint of
// how far it is from the one before, and its count. Then of each: for each group how
// far it is from the one before, its mails, its doubts, and of each how far its bin is
// from the one before.
func (c *counts) encode() []byte {
	out := []byte{version}
	both := [...]*histogram{&c.now, &c.before}
	for _, h := range both {
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
	for _, h := range both {
		last := 0
		for i := range h.of {
			g := &h.of[i]
			if g.mails == 0 || i == nobody {
				continue
			}
			out = binary.AppendUvarint(out, uint64(i-last+1))
			out = binary.AppendUvarint(out, uint64(g.mails))
			out = binary.AppendUvarint(out, uint64(len(g.doubts)))
			last = i
			bin := uint16(0)
			for _, b := range g.doubts {
				out = binary.AppendUvarint(out, uint64(b-bin))
				bin = b
			}
		}
		out = append(out, 0)
	}
	return out
}

// scanner reads varints; what is wrong is found at the end.
type scanner struct {
	b   []byte
	bad bool
}

// next is a number up to most.
func (s *scanner) next(most int) int {
	v, n := binary.Uvarint(s.b)
	if n <= 0 || v > uint64(most) {
		s.bad = true
		return 0
	}
	s.b = s.b[n:]
	return int(v)
}

func (c *counts) decode(b []byte) error {
	if len(b) == 0 || b[0] != version {
		return errCounts
	}
	s := &scanner{b: b[1:]}
	*c = counts{}
	var now, before [bins]int
	s.bins(&now)
	s.bins(&before)
	if len(s.b) > 0 {
		s.groups(&c.now, &now)
		s.groups(&c.before, &before)
	}
	for _, rest := range []struct {
		h    *histogram
		bins *[bins]int
	}{{&c.now, &now}, {&c.before, &before}} {
		for bin, n := range rest.bins {
			if n < 0 {
				return errCounts // more by authors than there are
			}
			if n > 0 {
				rest.h.add(nobody, bin, n)
			}
		}
	}
	if s.bad {
		return errCounts
	}
	return nil
}

// bins reads how many mails there are of each strength.
func (s *scanner) bins(into *[bins]int) {
	for at := 0; ; {
		step := s.next(bins)
		if step == 0 {
			return
		}
		if at += step - 1; at >= bins {
			s.bad = true
			return
		}
		into[at] += s.next(2 * window)
	}
}

// groups reads whose mails those were, and takes them out of the bins.
func (s *scanner) groups(h *histogram, of *[bins]int) {
	for at := 0; ; {
		step := s.next(groups)
		if step == 0 {
			return
		}
		if at += step - 1; at >= groups {
			s.bad = true
			return
		}
		mails := s.next(2 * window)
		doubts := s.next(mails)
		bin := 0
		for range doubts {
			if bin += s.next(bins - 1); bin == 0 || bin >= bins {
				s.bad = true
				return
			}
			h.add(at, bin, 1)
			of[bin]--
		}
		if mails > doubts {
			h.add(at, 0, mails-doubts)
			of[0] -= mails - doubts
		}
	}
}
