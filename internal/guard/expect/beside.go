package expect

import "math"

// beside compares a recipient with the others of the mail: whoever adds somebody
// by mistake often took them for one who gets it anyway, or wrote an address
// twice, once with a slip.
func (s *study) beside(i int, row []float32) {
	r, sl := &s.o.list[i], &s.slots[i]
	sl.like = -1
	nan := float32(math.NaN())
	row[sBesideSlip], row[sBesideFit], row[sBesideSent] = 3, nan, nan
	if len(s.o.list) < 2 {
		row[sBesideGiven], row[sBesidePrefix] = nan, nan
		return
	}
	most := float32(0)
	for k := range s.o.list {
		if k == i {
			continue
		}
		other := &s.o.list[k]
		slip, twin := likeness(other.who, r.who)
		given := truth(r.who.first != "" && r.who.first == other.who.first)
		prefix := float32(max(commonPrefix(other.who.local, r.who.local, 6), commonPrefix(other.who.first, r.who.first, 5), commonPrefix(other.who.last, r.who.last, 5)))
		row[sBesideSlip], row[sBesideTwin] = min(row[sBesideSlip], slip), max(row[sBesideTwin], twin)
		row[sBesideGiven], row[sBesidePrefix] = max(row[sBesideGiven], given), max(row[sBesidePrefix], prefix)
		if alike := 100*(3-slip) + 8*twin + 2*given + prefix; alike > most {
			most, sl.like = alike, k
		}
	}
	if sl.like >= 0 {
		row[sBesideFit] = float32(s.slots[sl.like].own - sl.own)
		row[sBesideSent] = s.slots[sl.like].row[fSent] - row[fSent]
	}
}
