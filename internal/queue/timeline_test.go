package queue

import (
	"testing"
	"time"
)

var noon = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)

func TestQueueTimeGoesOnThroughAJump(t *testing.T) {
	for _, delta := range []time.Duration{time.Hour, -time.Hour, 3 * time.Second, -3 * time.Second, 24 * 365 * time.Hour} {
		wall := noon
		line := &timeline{wall: func() time.Time { return wall }}
		promised := noon.Add(5 * time.Minute)
		due := line.toQueue(promised)
		_, before := line.now()

		line.set(delta.Microseconds(), &jump{before: noon, after: noon.Add(delta)}, func() { wall = noon.Add(delta) })

		if _, after := line.now(); after != before {
			t.Errorf("jump of %s: queue time went from %d to %d", delta, before, after)
		}
		if got, want := line.toWall(due), promised.Add(delta); !got.Equal(want) {
			t.Errorf("jump of %s: a mail held until %s is now shown until %s, want %s", delta, promised, got, want)
		}
	}
}

// A message that was being received while the clock jumped keeps its pause:
// its times were reckoned before.
func TestAMessageOnItsWayInKeepsItsPauseThroughAJump(t *testing.T) {
	for _, delta := range []time.Duration{time.Hour, -time.Hour} {
		wall := noon.Add(10 * time.Second)
		line := &timeline{wall: func() time.Time { return wall }}
		received := noon
		_, now := line.now()
		line.set(delta.Microseconds(), &jump{before: wall, after: wall.Add(delta)}, func() { wall = wall.Add(delta) })

		due := line.toQueueAs(received.Add(time.Minute), received)
		if got := time.Duration(due-now) * time.Microsecond; got != 50*time.Second {
			t.Errorf("jump of %s: a pause of a minute, 10 s of it over, has %s left", delta, got)
		}
		// One that comes after the jump is reckoned anew.
		due = line.toQueueAs(wall.Add(time.Minute), wall)
		if got := time.Duration(due-now) * time.Microsecond; got != time.Minute {
			t.Errorf("jump of %s: a pause of a minute that begins now lasts %s", delta, got)
		}
	}
}

func TestNodesAgreeOnAJump(t *testing.T) {
	const hour = int64(time.Hour / time.Microsecond)
	tests := []struct {
		name         string
		stored, mine int64
		delta        time.Duration
		want         int64
	}{
		{"the first to notice", 0, 0, time.Hour, hour},
		{"the second, who measured a little less", hour, 0, time.Hour - time.Second, hour},
		{"back again", hour, hour, -time.Hour, 0},
		{"contradiction: wait longer", 2 * hour, 0, time.Hour, 2 * hour},
		{"contradiction the other way: wait longer", -hour, 0, time.Hour, hour},
	}
	for _, test := range tests {
		if got := merge(test.stored, test.mine, test.delta); got != test.want {
			t.Errorf("%s: %d, want %d", test.name, got, test.want)
		}
	}
}
