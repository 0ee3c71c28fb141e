package budget

import (
	"belay/internal/guard"
)

// Faint is the floor that belay uses where ratings are there: the strength down
// to which mail is asked about that would not be by the shipped threshold, as
// long as the share has room.
const Faint = 0.3

// How a stream keeps to its share. What a window of mails may ask about is the
// share of it, and no more than credit and debt together besides: on whatever
// mail in whatever order.
const (
	enoughOfStream = 500 // mails below which the shipped threshold counts
	credit         = 5   // questions that were not used up lately
	debt           = 10  // those that were asked too many lately
)

// Stream is a budget for mail that is looked at in a row (belay judge, a look
// back). It begins with the shipped threshold, and keeps to the share by itself
// once it has seen enough. It lives in memory, for one goroutine.
//
// A Budget looks back on the mail of weeks, in which no single day weighs much. A
// stream may be short and change from one mail to the next; so this also counts
// what was really asked, and asks less for a while after it asked too much.
type Stream struct {
	share, floor float64
	counts       counts
	purse        float64 // questions that may be asked still; below 0: that were too many
	limits       limits
}

var _ guard.Asking = (*Stream)(nil)

// NewStream makes one that may ask about a share of the mails. Floor is that of
// Options.
func NewStream(share, floor float64) *Stream {
	s := &Stream{share: share, floor: floorOf(floor)}
	s.find()
	return s
}

// Threshold implements guard.Asking.
func (s *Stream) Threshold(author string) (score float64, observe bool) {
	return s.limits.of(groupOf(author)), false
}

// Judged implements guard.Asking.
func (s *Stream) Judged(author string, strength float64) {
	s.purse = min(s.purse+s.share, credit)
	number := groupOf(author)
	if strength > 0 && strength >= s.limits.of(number) {
		s.purse = max(s.purse-1, -debt)
	}
	s.counts.add(number, strength)
	s.find()
}

// find finds the threshold: by what the mails were like, lately, of which a
// share may be asked about; the smaller a share the deeper the debt.
func (s *Stream) find() {
	all := s.counts.pool()
	switch {
	case all.total() < enoughOfStream:
		s.limits = limits{all: guard.DefaultThreshold}
	case s.purse-1 < -debt:
		s.limits = limits{all: nothing}
	default:
		s.limits = all.limits(s.share, min(1, 1+s.purse/debt))
		s.limits.all = max(s.floor, s.limits.all)
	}
}

// nothing is a threshold that no strength reaches.
const nothing = 2

// floorOf is a floor as it is set, or the one that counts where none is.
func floorOf(floor float64) float64 {
	if floor <= 0 {
		return guard.DefaultThreshold
	}
	return floor
}

// Encode writes down what was counted, for Decode.
func (s *Stream) Encode() []byte { return s.counts.encode() }

// Decode goes on from what another stream has counted.
func (s *Stream) Decode(b []byte) error {
	if err := s.counts.decode(b); err != nil {
		return err
	}
	s.find()
	return nil
}
