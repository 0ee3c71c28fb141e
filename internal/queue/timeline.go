package queue

import (
	"sync"
	"time"
)

// A timeline turns wall-clock times into queue time and back. Queue time is
// the wall clock less an offset that the database keeps: when the wall clock
// jumps, the offset takes the jump and queue time goes on as if nothing had
// happened. So no due time in any row has to be changed, however many wait.
type timeline struct {
	mu     sync.RWMutex
	wall   func() time.Time // the clock, which follows a jump only when told to
	offset int64            // microseconds that the wall is ahead of queue time
	jumps  []jump           // the latest, oldest first
}

// jump is a correction of the wall clock that the timeline took over.
type jump struct {
	before, after time.Time // what the wall said, and what it then said
	offset        int64     // the offset that held until then
}

// keptJumps bounds the memory of jumps: only messages on their way in while
// the clock jumps need it.
const keptJumps = 16

// now gives both readings of this moment.
func (t *timeline) now() (wall time.Time, queue int64) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	wall = t.wall()
	return wall, wall.UnixMicro() - t.offset
}

// toQueue turns a wall-clock time into queue time.
func (t *timeline) toQueue(wall time.Time) int64 {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return wall.UnixMicro() - t.offset
}

// toQueueAs is toQueue for a time that was reckoned from a reading seen. If the
// wall clock jumped since that reading, the offset of that time counts: the
// pause promised to a message that was on its way in stays as long as it was.
func (t *timeline) toQueueAs(wall, seen time.Time) int64 {
	t.mu.RLock()
	defer t.mu.RUnlock()
	offset := t.offset
	if len(t.jumps) > 0 {
		now := t.wall()
		for _, j := range t.jumps {
			forward := j.after.After(j.before)
			if forward && !seen.After(j.before) || !forward && seen.After(now) {
				offset = j.offset
				break
			}
		}
	}
	return wall.UnixMicro() - offset
}

// toWall turns queue time into a wall-clock time.
func (t *timeline) toWall(queue int64) time.Time {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return time.UnixMicro(queue + t.offset).UTC()
}

// move turns the times of attempts into what the wall clock would have said had
// it been then as it is now: how long belay has been trying does not jump.
func (t *timeline) move(attempts []Attempt) {
	for i := range attempts {
		if a := &attempts[i]; a.queue != 0 {
			took := a.Ended.Sub(a.Started)
			a.Started = t.toWall(a.queue)
			a.Ended = a.Started.Add(took)
		}
	}
}

// set takes over an offset; rebased lets the clock follow its reference in the
// same instant, so that no reading mixes the old and the new.
func (t *timeline) set(offset int64, j *jump, rebased func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if j != nil {
		j.offset = t.offset
		t.jumps = append(t.jumps, *j)
		if len(t.jumps) > keptJumps {
			t.jumps = t.jumps[1:]
		}
	}
	t.offset = offset
	if rebased != nil {
		rebased()
	}
}

// current is the offset that holds now, in microseconds.
func (t *timeline) current() int64 {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.offset
}
