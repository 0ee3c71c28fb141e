package expect

import (
	"cmp"
	"math"
	"slices"

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
	sent     int            // mails of the trail that they wrote
}

type circleKey struct{}

// circleOf makes it, or finds it made.
func (p *people) circleOf(past *history.Past) *circle {
	return past.Once(circleKey{}, func() any { return p.makeCircle(past.Self) }).(*circle)
}

func (p *people) makeCircle(self *history.Profile) *circle {
	c := &circle{}
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

// count counts the terms of a trail.
func (c *circle) count(t *history.Trail) {
	n := 0
	for i := range t.Mails {
		n += len(t.Mails[i].Terms)
		if t.Mails[i].Sent {
			c.sent++
		}
	}
	all := make([]uint16, 0, n)
	for i := range t.Mails {
		all = append(all, t.Mails[i].Terms...)
	}
	slices.Sort(all)
	for i := 0; i < len(all); {
		j := i
		for j < len(all) && all[j] == all[i] {
			j++
		}
		c.terms, c.df = append(c.terms, all[i]), append(c.df, uint16(min(j-i, math.MaxUint16)))
		i = j
	}
	c.norm = make([]float32, len(t.Mails))
	for i := range t.Mails {
		sum := float32(0)
		for _, term := range t.Mails[i].Terms {
			w := c.idf(term, len(t.Mails))
			sum += w * w
		}
		c.norm[i] = float32(math.Sqrt(float64(sum)))
	}
}

// idf is how much a term says: the fewer mails of the trail have it, the more.
func (c *circle) idf(term uint16, mails int) float32 {
	df := 0
	if i, there := slices.BinarySearch(c.terms, term); there {
		df = int(c.df[i])
	}
	return float32(math.Log((float64(mails) + 10) / (float64(df) + 0.5)))
}
