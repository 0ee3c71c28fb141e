package notice

import (
	"testing"
	"time"

	"belay/internal/guard"
	"belay/internal/queue"
)

// TestP6_WhoWasAskedLateStillHasTimeToSayNo: belay was switched off while the
// question ran out. What silence lets leave waits until somebody could answer.
func TestP6_WhoWasAskedLateStillHasTimeToSayNo(t *testing.T) {
	each(t, monday, func(d *desk) {
		q := approval("jan@corp.test")
		q.Silence, q.Expires = guard.SilenceRelease, monday.Add(3*time.Hour)
		m := d.mail("The offer", []guard.Question{q})
		other := d.mail("The contract", []guard.Question{q})
		d.clock.Advance(5 * time.Hour)
		d.work()
		d.got("jan@corp.test 2")
		for _, m := range []*queue.Message{m, other} {
			if now := d.get(m); now.Questions[0].State != queue.QuestionOpen || now.Deliveries[0].Gate == "" {
				t.Fatalf("asked and let go at the same moment: %+v", now.Questions[0])
			}
		}
		d.at(monday.Add(5*time.Hour + 30*time.Minute))
		d.say(false, m, "jan@corp.test", "")
		d.is(m, stopped)
		d.at(monday.Add(6*time.Hour + 15*time.Minute))
		if now := d.get(other); now.Questions[0].State != queue.QuestionSilent || now.Deliveries[0].Gate != "" {
			t.Errorf("an hour later it still waits: %+v", now.Questions[0])
		}
	})
}
