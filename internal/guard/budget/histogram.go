package budget

import (
	"math"
	"slices"

	"belay/internal/mail"
)

// bins are the steps of a histogram: a thousandth each.
const bins = 1001

// groups are those that authors are counted in: the buckets that their mail lies
// in. Of the mail of nobody (one more) no author is known: an older belay counted it.
const (
	groups = mail.Buckets
	nobody = groups
)

// groupOf is the group of an author, given by their main address. In a large
// organisation several people share one.
func groupOf(author string) int { return mail.BucketOf(author) }

// histogram counts mails by the strength with which they were questioned, and by
// group of their authors.
type histogram struct {
	total    int
	bin      [bins]int
	of       []group // by number, with nobody; nil as long as there is no mail
	doubters []int   // the groups with doubtful mail
}

// group counts the mail of some authors.
type group struct {
	mails  int
	doubts []uint16 // bins of those that were questioned at all, the weakest first
}

func binOf(strength float64) int {
	if math.IsNaN(strength) {
		strength = 1
	}
	return int(min(max(strength, 0), 1) * (bins - 1))
}

// add counts mails of a group with one strength.
func (h *histogram) add(number, bin, mails int) {
	h.bin[bin] += mails
	h.total += mails
	if h.of == nil {
		h.of = make([]group, groups+1)
	}
	g := &h.of[number]
	g.mails += mails
	if bin == 0 || number == nobody {
		return
	}
	if len(g.doubts) == 0 {
		h.doubters = append(h.doubters, number)
	}
	at, _ := slices.BinarySearch(g.doubts, uint16(bin))
	g.doubts = slices.Insert(g.doubts, at, slices.Repeat([]uint16{uint16(bin)}, mails)...)
}

func (h *histogram) merge(o *histogram) {
	if o.total == 0 {
		return
	}
	h.total += o.total
	for i, n := range o.bin {
		h.bin[i] += n
	}
	if h.of == nil {
		h.of = make([]group, groups+1)
	}
	for i := range o.of {
		g, more := &h.of[i], &o.of[i]
		g.mails += more.mails
		if len(more.doubts) == 0 {
			continue
		}
		if len(g.doubts) == 0 {
			h.doubters = append(h.doubters, i)
		}
		g.doubts = append(g.doubts, more.doubts...)
		slices.Sort(g.doubts)
	}
}

// counts are the histogram that grows and the full one before it.
type counts struct{ now, before histogram }

// add counts one mail of a group.
func (c *counts) add(number int, strength float64) {
	if c.now.total >= window {
		c.before, c.now = c.now, histogram{}
	}
	c.now.add(number, binOf(strength), 1)
}

// pool are histograms that count together.
type pool []*histogram

// pool is both of them.
func (c *counts) pool() pool { return pool{&c.now, &c.before} }

func (p pool) total() (n int) {
	for _, h := range p {
		n += h.total
	}
	return n
}

// What one group of authors may take of the questions that there are: as many as
// fall to it by its share of the mail; besides, where it has more doubtful mail, a
// few, and three times as many, as long as that is not more than a fifth of all.
// Else an account that is abused, or whose mail is odd for some other reason, would
// take the questions of all others. Of little mail, two are always allowed.
const (
	least   = 2
	few     = 3
	thrice  = 3
	ofThose = 1.0 / 5
)

// allowed is how many mails of a group may be questioned, of those that are
// counted; all is how many those are.
func allowed(share float64, mails, all int) int {
	own, most := share*float64(mails), ofThose*share*float64(all)
	return max(least, int(max(own, min(few+thrice*own, most))))
}

// ownLimit is the strength that a group's mail must have so that no more of it is
// questioned than is allowed, and the bins of the strongest that are; ok where it has
// more doubtful mail than that.
func (p pool) ownLimit(number int, share float64, all int) (limit float64, strongest []uint16, ok bool) {
	mails, doubts := 0, 0
	for _, h := range p {
		if h.of != nil {
			mails, doubts = mails+h.of[number].mails, doubts+len(h.of[number].doubts)
		}
	}
	if doubts <= least {
		return 0, nil, false
	}
	most := allowed(share, mails, all)
	if doubts <= most {
		return 0, nil, false
	}
	left := make([][]uint16, len(p)) // of each histogram, what was not taken
	for i, h := range p {
		if h.of != nil {
			left[i] = h.of[number].doubts
		}
	}
	for {
		best := 0
		for i, list := range left {
			if n := len(list); n > 0 && (len(left[best]) == 0 || list[n-1] > left[best][len(left[best])-1]) {
				best = i
			}
		}
		end := len(left[best]) - 1
		bin := left[best][end]
		if len(strongest) == most {
			return float64(bin+1) / (bins - 1), strongest, true
		}
		strongest, left[best] = append(strongest, bin), left[best][:end]
	}
}

// limits are the strengths that mail must have to be questioned.
type limits struct {
	all float64         // of everybody
	own map[int]float64 // of groups that have more doubtful mail than they may be asked about
}

// of is what counts for a group.
func (l *limits) of(number int) float64 { return max(l.all, l.own[number]) }

// only takes a group's doubts out of bins, but for the strongest.
func (p pool) only(bin *[bins]int, number int, strongest []uint16) {
	for _, h := range p {
		if h.of == nil {
			continue
		}
		for _, b := range h.of[number].doubts {
			bin[b]--
		}
	}
	for _, b := range strongest {
		bin[b]++
	}
}

// limits finds the least strength at or above which no more than a share of the
// mails lies, over 1 where even the strongest are too many. Of a group with more
// doubtful mail than it may be asked about only the strongest count, which is what
// it is asked about: so neither does it lift the limit for all others, nor are more
// questions asked than that share. use is how much of the share is to be used.
func (p pool) limits(share, use float64) limits {
	l := limits{own: map[int]float64{}}
	var bin [bins]int
	for _, h := range p {
		for i, n := range h.bin {
			bin[i] += n
		}
	}
	all := p.total()
	var seen [groups]bool
	for _, h := range p {
		for _, number := range h.doubters {
			if seen[number] {
				continue
			}
			seen[number] = true
			if limit, strongest, ok := p.ownLimit(number, share, all); ok {
				l.own[number] = limit
				p.only(&bin, number, strongest)
			}
		}
	}
	left := share * use * float64(all)
	for i := bins - 1; i >= 0; i-- {
		if left -= float64(bin[i]); left < 0 {
			l.all = float64(i+1) / (bins - 1)
			break
		}
	}
	return l
}
