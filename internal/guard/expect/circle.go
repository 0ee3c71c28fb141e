package expect

import (
	"cmp"
	"math"
	"math/bits"
	"slices"
	"sync"

	"belay/internal/history"
)

// circle is what is made of one person's profile, for all mails between which it
// stays the same.
type circle struct {
	contacts []*history.Contact
	who      []*who
	place    map[string]int // by address
	of       []int32        // of Trail.People: the contact, or -1
	person   []int32        // of contacts: the number in Trail.People, or -1
	norm     []float32      // of Trail.Mails: length of its terms' vector
	terms    []uint16       // all terms of the trail, ascending
	df       []uint16       // in how many mails of the trail each stands
	texts    int            // mails of the trail of which it is known what they were about
	domains  map[string]int // of contacts who were written to: how many they are
}

type circleKey struct{}

// circleOf makes it, or finds it made.
func (p *people) circleOf(past *history.Past) *circle {
	return past.Once(circleKey{}, func() any { return p.makeCircle(past.Self) }).(*circle)
}

func (p *people) makeCircle(self *history.Profile) *circle {
	c := &circle{domains: map[string]int{}}
	if self == nil {
		return c
	}
	c.contacts = make([]*history.Contact, 0, len(self.Contacts))
	for _, one := range self.Contacts {
		c.contacts = append(c.contacts, one)
	}
	slices.SortFunc(c.contacts, func(a, b *history.Contact) int {
		return cmp.Or(cmp.Compare(b.Sent, a.Sent), cmp.Compare(a.Address, b.Address))
	})
	c.place = make(map[string]int, len(c.contacts))
	c.who = make([]*who, len(c.contacts))
	c.person = make([]int32, len(c.contacts))
	for i, one := range c.contacts {
		c.place[one.Address] = i
		c.who[i] = p.of(one.Name, one.Address)
		c.person[i] = -1
		if one.Sent > 0 {
			c.domains[c.who[i].domain]++
		}
	}
	c.of = make([]int32, len(self.Trail.People))
	for i, address := range self.Trail.People {
		c.of[i] = -1
		if n, there := c.place[address]; there {
			c.of[i], c.person[n] = int32(n), int32(i)
		}
	}
	c.count(&self.Trail)
	return c
}

// tally counts terms: all 65,536 have a place, and marked tells which are in use.
type tally struct {
	df     [1 << 16]uint16
	marked [1 << 10]uint64
}

var tallies = sync.Pool{New: func() any { return new(tally) }}

// count counts the terms of a trail.
func (c *circle) count(t *history.Trail) {
	y := tallies.Get().(*tally)
	n := 0
	for i := range t.Mails {
		if len(t.Mails[i].Terms) > 0 {
			c.texts++
		}
		for _, term := range t.Mails[i].Terms {
			if y.df[term]++; y.df[term] == 1 {
				y.marked[term>>6] |= 1 << (term & 63)
				n++
			}
		}
	}
	squares := make([]float32, c.texts+1) // by df
	for df := range squares {
		w := idfOf(df, c.texts)
		squares[df] = w * w
	}
	c.norm = make([]float32, len(t.Mails))
	for i := range t.Mails {
		sum := float32(0)
		for _, term := range t.Mails[i].Terms {
			sum += squares[min(int(y.df[term]), c.texts)]
		}
		c.norm[i] = float32(math.Sqrt(float64(sum)))
	}
	c.terms, c.df = make([]uint16, 0, n), make([]uint16, 0, n)
	for i, word := range y.marked {
		for word != 0 {
			term := uint16(i<<6 + bits.TrailingZeros64(word))
			word &= word - 1
			c.terms, c.df = append(c.terms, term), append(c.df, y.df[term])
			y.df[term] = 0
		}
		y.marked[i] = 0
	}
	tallies.Put(y)
}

// idf is how much a term says: the fewer mails of the trail have it, the more.
func (c *circle) idf(term uint16) float32 {
	df := 0
	if i, there := slices.BinarySearch(c.terms, term); there {
		df = int(c.df[i])
	}
	return idfOf(df, c.texts)
}

func idfOf(df, mails int) float32 {
	return float32(math.Log((float64(mails) + 10) / (float64(df) + 0.5)))
}
