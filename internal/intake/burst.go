package intake

import (
	"sync"
	"time"
)

// Bursts counts the messages of each author within the last hour. It keeps two
// numbers an author (this hour's and the last one's, weighed by how much of it
// still counts), so that a million authors cost a few dozen megabytes and not
// a list of times each.
type Bursts struct {
	mu      sync.Mutex
	authors map[string]*rate
	swept   int64
}

type rate struct {
	hour      int64 // hours since 1970
	now, last int
	told      int64 // the hour in which the admin was told
}

// NewBursts makes an empty count.
func NewBursts() *Bursts { return &Bursts{authors: map[string]*rate{}} }

// add counts a message and gives how many the author sent within an hour.
func (b *Bursts) add(author string, now time.Time) int {
	hour := now.Unix() / 3600
	b.mu.Lock()
	defer b.mu.Unlock()
	b.sweep(hour)
	r := b.authors[author]
	if r == nil {
		r = &rate{hour: hour}
		b.authors[author] = r
	}
	r.turn(hour)
	r.now++
	left := 1 - float64(now.Unix()%3600)/3600
	return r.now + int(float64(r.last)*left)
}

func (r *rate) turn(hour int64) {
	switch hour - r.hour {
	case 0:
		return
	case 1:
		r.last = r.now
	default: // also when the clock went back
		r.last = 0
	}
	r.hour, r.now = hour, 0
}

// tell says whether the admin has still to be told of this author in this
// hour; it answers true once.
func (b *Bursts) tell(author string, now time.Time) bool {
	hour := now.Unix() / 3600
	b.mu.Lock()
	defer b.mu.Unlock()
	r := b.authors[author]
	if r == nil || r.told == hour {
		return false
	}
	r.told = hour
	return true
}

// sweep forgets, once an hour, the authors that no longer count.
func (b *Bursts) sweep(hour int64) {
	if b.swept == hour {
		return
	}
	b.swept = hour
	for author, r := range b.authors {
		if r.hour < hour-1 {
			delete(b.authors, author)
		}
	}
}
