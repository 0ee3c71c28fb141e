package queue

import (
	"sync"
	"time"

	"belay/internal/body"
	"belay/internal/db"
)

// Job is one message with those of its deliveries that were claimed to be sent
// now. Who has a job must give it to Finish, whatever happened.
type Job struct {
	Message    *Message   // with all deliveries, as they stood at the claim
	Deliveries []Delivery // the claimed ones: State Sending, Tries with this one
	Started    time.Time  // wall clock

	node   string      // the id under which this node claimed it
	queue  int64       // Started in queue time
	ahead  *body.Ahead // the bytes of a small message; nil where they are still to be read
	landed sync.Once
}

// Age is how long belay has been trying to hand these deliveries over: since the
// first attempt at any of them, 0 in the first. The time that a message was
// held does not count against the days after which undeliverable mail is given
// up (RFC 5321 §4.5.4.1).
func (j *Job) Age(now time.Time) time.Duration {
	first := j.Started
	for i := range j.Deliveries {
		if a := j.Deliveries[i].Attempts; len(a) > 0 && a[0].Started.Before(first) {
			first = a[0].Started
		}
	}
	return max(0, now.Sub(first))
}

// Result is what became of one delivery of a job.
type Result struct {
	N     int   // Delivery.N
	State State // Sent, Failed, Deferred, or Ready: no upstream was asked, so it does not count as a try
	// Next is when to try again (Deferred, Ready); the zero time is now.
	Next     time.Time
	Upstream string // host:port, "" where none was reached
	Reply    Reply
	Refused  bool // the reply is a server's word on this recipient alone, whatever the mail
}

// Follow is a notice that answers a job, such as a bounce: it is stored in the
// same transaction as the results. The id of its message has the same bucket
// as the job's.
type Follow struct {
	Message *Message
	Body    *body.Writer
}

// claimLimit is how many messages one claim takes at most.
const claimLimit = 256

// The bodies of small messages are read with the claim, in its snapshot: to be
// read alone costs more than a claim does. These bound how large one and how
// many of them are, in octets.
const (
	aheadSize  = 64 << 10
	aheadTotal = 4 << 20
)

// claimRows is how many deliveries, with their attempts, a claim has in memory
// before it leaves the rest to the next one.
const claimRows = 4096

// partition is what one transaction may write: a bucket on PostgreSQL, all of
// them on SQLite.
func partition(d db.Dialect, bucket int) int {
	if d == db.Postgres {
		return bucket
	}
	return 0
}
