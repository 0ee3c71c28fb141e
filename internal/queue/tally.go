package queue

import (
	"slices"
	"sync/atomic"
)

// Tally is what this program has counted since it started.
type Tally struct {
	Notices map[ErrandKind]int64 // written for errands of this kind
	Yes, No int64                // answers
	Silence int64                // questions that nobody answered in time
}

// tally counts what was committed.
type tally struct {
	notices          [8]atomic.Int64 // by the numbers of errandKinds
	yes, no, silence atomic.Int64
}

func (t *tally) noticed(kind ErrandKind, n int) {
	if i := slices.Index(errandKinds, kind); i > 0 {
		t.notices[i].Add(int64(n))
	}
}

func (t *tally) answered(yes bool) {
	if yes {
		t.yes.Add(1)
	} else {
		t.no.Add(1)
	}
}

// Tally gives the counts.
func (q *Queue) Tally() Tally {
	t := Tally{Notices: map[ErrandKind]int64{}, Yes: q.tally.yes.Load(), No: q.tally.no.Load(), Silence: q.tally.silence.Load()}
	for i, kind := range errandKinds {
		if i > 0 {
			t.Notices[kind] = q.tally.notices[i].Load()
		}
	}
	return t
}
