package relay

import (
	"testing"
	"time"

	"belay/internal/queue"
)

func TestRecipientsThatWereDeferredTogetherGoTogetherAgain(t *testing.T) {
	b := newBench(t)
	r, err := newRelay(options(), b)
	must(t, err)
	job := b.put(message(nil, "a@there.test", "b@there.test", "c@there.test"))
	a := &attempt{r: r, ctx: t.Context(), job: job}
	for range job.Deliveries {
		a.verdict = append(a.verdict, verdict{state: queue.Deferred, reply: queue.Reply{Code: 451}})
	}
	results := a.results(time.Now())
	for _, res := range results {
		if !res.Next.Equal(results[0].Next) {
			t.Errorf("delivery %d is tried %s away from the first: the message is sent once for each", res.N, res.Next.Sub(results[0].Next))
		}
	}
}
