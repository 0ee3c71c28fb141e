package relay

import (
	"fmt"
	"math/rand/v2"
	"time"

	"belay/internal/queue"
)

// results turns the verdicts into what the queue records: when to try again,
// and when to give up.
func (a *attempt) results(now time.Time) []queue.Result {
	results := make([]queue.Result, len(a.verdict))
	for i := range a.verdict {
		v, d := &a.verdict[i], &a.job.Deliveries[i]
		if v.state == queue.Deferred {
			a.again(v, d, now)
		}
		results[i] = queue.Result{N: d.N, State: v.state, Next: v.next, Reply: v.reply, Refused: v.refused}
		if v.upstream != nil {
			results[i].Upstream = v.upstream.name
		}
	}
	return results
}

// again sets the time of the next attempt, or gives up.
func (a *attempt) again(v *verdict, d *queue.Delivery, now time.Time) {
	retry := &a.r.o.Retry
	first := firstTry(a.job, d)
	if age := now.Sub(first); age >= retry.Expire {
		last := v.reply
		text := fmt.Sprintf("given up after %s; last: %s", spell(age), replyLine(last))
		if last.Code == 0 {
			text = fmt.Sprintf("given up after %s; it may have arrived, %s", spell(age), last.Text)
		}
		v.state, v.reply, v.answered = queue.Failed, queue.Reply{Code: 554, Enhanced: "5.4.7", Text: text}, false
		return
	}
	v.next = now.Add(a.pause(d.Tries))
	// The last attempt is made when the time is over, not before and not long
	// after.
	if end := first.Add(retry.Expire); v.next.After(end) {
		v.next = end
	}
}

// pause is Retry.pause, the same for all deliveries of the job with as many
// attempts: they go together again, in one transaction.
func (a *attempt) pause(tries int) time.Duration {
	if a.pauses == nil {
		a.pauses = map[int]time.Duration{}
	}
	if _, drawn := a.pauses[tries]; !drawn {
		a.pauses[tries] = a.r.o.Retry.pause(tries)
	}
	return a.pauses[tries]
}

// pause is how long to wait after so many attempts: twice as long each time,
// and a fifth more or less, so that what failed together does not come back
// together.
func (r *Retry) pause(tries int) time.Duration {
	pause := r.First
	for n := 1; n < tries && pause < r.Max; n++ {
		pause *= 2
	}
	pause = min(pause, r.Max)
	return time.Duration(float64(pause) * (0.8 + 0.4*rand.Float64()))
}

// firstTry is when a delivery was first tried: its days count from there, not
// from the arrival of mail that was held (RFC 5321 §4.5.4.1).
func firstTry(job *queue.Job, d *queue.Delivery) time.Time {
	if len(d.Attempts) > 0 && d.Attempts[0].Started.Before(job.Started) {
		return d.Attempts[0].Started
	}
	return job.Started
}

// late tells whether the sender is to be told now that a delivery takes long:
// once, by the first attempt with a known outcome after that time.
func (r *Retry) late(job *queue.Job, d *queue.Delivery, reply queue.Reply, now time.Time) bool {
	if r.Warn < 0 || reply.Code == 0 {
		return false
	}
	due := firstTry(job, d).Add(r.Warn)
	if now.Before(due) {
		return false
	}
	for _, earlier := range d.Attempts {
		if earlier.Reply.Code != 0 && !earlier.Ended.Before(due) {
			return false // that one did
		}
	}
	return true
}

// replyLine is a reply as a server writes it.
func replyLine(r queue.Reply) string {
	line := r.Text
	if r.Enhanced != "" {
		line = r.Enhanced + " " + line
	}
	if r.Code != 0 {
		line = fmt.Sprintf("%d %s", r.Code, line)
	}
	return line
}

// spell is a time span for people: "5 days", "3 hours", "10 minutes".
func spell(d time.Duration) string {
	for _, unit := range []struct {
		name string
		of   time.Duration
	}{{"day", 24 * time.Hour}, {"hour", time.Hour}, {"minute", time.Minute}, {"second", time.Second}} {
		if n := int(d / unit.of); n > 1 {
			return fmt.Sprintf("%d %ss", n, unit.name)
		} else if n == 1 {
			return "1 " + unit.name
		}
	}
	return "less than a second"
}
