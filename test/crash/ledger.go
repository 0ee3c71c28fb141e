package main

import (
	"bytes"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"belay/internal/relay/smtptest"
	"belay/test/peers"
)

// entry is what was promised about one message.
type entry struct {
	number     int
	id         string // belay's, from the 250
	recipients []string
	taken      time.Time // when its 250 came
	// let is when somebody first asked to let it leave (release, approve); zero
	// while nobody did.
	let time.Time
	// stopped are the recipients whose stop was acknowledged, and when.
	stopped map[string]time.Time
	// doubtful are recipients of a stop that was asked for and never answered:
	// they may have been stopped or not.
	doubtful map[string]bool
	// ended are recipients for whom a stop was answered with "already-stopped"
	// and never with "stopped": silence may have given the mail back before.
	ended map[string]bool
	// granted tells that a yes or a release was acknowledged.
	granted bool
}

// ledger is the checker's own account, kept outside of belay: every promise
// that was acknowledged before the kill.
type ledger struct {
	mu      sync.Mutex
	entries map[int]*entry // by number; only acknowledged ones
	next    int
	refused int // 4xx and broken connections: nothing was promised
	tooLate int
	yes     chan struct{}  // a yes was acknowledged
	acts    sync.WaitGroup // stops and releases that are still being asked for
}

func newLedger() *ledger { return &ledger{entries: map[int]*entry{}, yes: make(chan struct{}, 1)} }

// number gives the next message's number.
func (l *ledger) number() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.next++
	return l.next
}

func (l *ledger) acknowledged(e *entry) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.entries[e.number] = e
}

func (l *ledger) update(change func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	change()
}

// sighting is a transaction at the sink, and when its DATA began.
type sighting struct {
	smtptest.Transaction
	At time.Time
}

// seen is what the sink saw of one delivery.
type seen struct {
	began    []time.Time // of each transaction that brought octets of DATA
	complete int         // final dots answered with 250
}

// account compares the promises with what the sink saw and what belay says
// now, and lists every promise that was broken.
type account struct {
	Acknowledged, Deliveries, Sent, Stopped, Returned, Repeated int
	// Interrupted are stops of what a kill had interrupted in the middle of an
	// attempt.
	Interrupted int
	// Asked are the messages that somebody had to approve, and whose question
	// was put.
	Asked int
	// back are the messages, by number, of which something was given back.
	back map[int]bool

	Broken []string
}

func (a *account) broken(format string, args ...any) {
	a.Broken = append(a.Broken, fmt.Sprintf(format, args...))
}

// check is the accounting. states gives belay's own word for each message:
// state and number of attempts with an unknown outcome, per recipient.
func (l *ledger) check(transactions []sighting, states func(e *entry) (map[string]final, error)) (*account, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	a := &account{Acknowledged: len(l.entries), back: map[int]bool{}}
	saw := l.sort(transactions, a)
	for _, e := range l.entries {
		finals, err := states(e)
		if err != nil {
			a.broken("message %d (%s) was acknowledged and is not there any more: %v", e.number, e.id, err)
			continue
		}
		for _, r := range e.recipients {
			a.Deliveries++
			l.delivery(a, e, r, saw[key{e.number, r}], finals[r])
			a.early(e, r, saw[key{e.number, r}])
		}
	}
	l.questions(a, transactions)
	return a, nil
}

// early holds a delivery that waited for an approval against the time when
// somebody let it go, or nobody had answered for long enough.
func (a *account) early(e *entry, r string, s seen) {
	if insists(e.number) && e.let.IsZero() && len(s.began) > 0 {
		a.broken("message %d (%s) to %s left, and nobody had let it", e.number, e.id, r)
	}
	if !asks(e.number) {
		return
	}
	// belay took it a little before its 250 came.
	const inside = 3 * time.Second
	from := e.taken.Add(silence - inside)
	if !e.let.IsZero() {
		from = earliest(from, e.let)
	}
	for _, began := range s.began {
		if began.Before(from) {
			a.broken("message %d (%s) to %s left %s before anybody had let it", e.number, e.id, r, from.Sub(began))
		}
	}
}

// questions counts the notices to the approver: one for each message, whatever
// crashed. A notice that is sent again keeps its Message-ID. Where somebody
// acted first there may be none.
func (l *ledger) questions(a *account, transactions []sighting) {
	notices := map[int]map[string]bool{}
	for _, t := range transactions {
		if t.From != "" || !t.Accepted || strings.Join(t.To(), " ") != approver {
			continue
		}
		letter, err := peers.ReadLetter(t.Data)
		if err != nil {
			a.broken("a notice cannot be read: %v", err)
			continue
		}
		if !strings.HasPrefix(letter.ReplyTo, "re+") {
			continue // nothing to answer: that it is decided, or that time is up
		}
		found := aboutLoad.FindStringSubmatch(letter.Text)
		if found == nil {
			a.broken("a notice does not say what it is about: %s", letter.Subject)
			continue
		}
		number, _ := strconv.Atoi(found[1])
		if notices[number] == nil {
			notices[number] = map[string]bool{}
		}
		notices[number][letter.MessageID] = true
	}
	for _, e := range l.entries {
		if !asks(e.number) && !insists(e.number) {
			continue
		}
		n := len(notices[e.number])
		acted := len(e.stopped) > 0 || !e.let.IsZero() || slices.Contains(slices.Collect(maps.Values(e.doubtful)), true)
		// What comes back without an answer need not have been asked: its time may
		// have run out while belay, or its database, was down. Then nothing leaves,
		// whatever silence means otherwise (P6).
		back := a.back[e.number]
		if n > 1 || n == 0 && !acted && !insists(e.number) && !back {
			a.broken("message %d (%s): its question was put %d times", e.number, e.id, n)
		}
		if back && n > 0 && asks(e.number) {
			a.broken("P6: message %d (%s) was given back, although its question was put and silence lets it leave", e.number, e.id)
		}
		a.Asked += min(1, n)
	}
}

var aboutLoad = regexp.MustCompile(`load (\d+),\s+please`)

type key struct {
	number    int
	recipient string
}

// final is where belay says a delivery ended.
type final struct {
	state   string
	unknown int // attempts whose outcome belay does not know
}

// sort counts the transactions by message and recipient. One that carries a
// message which was never acknowledged is fine: the 250 may have been lost.
func (l *ledger) sort(transactions []sighting, a *account) map[key]seen {
	saw := map[key]seen{}
	for _, t := range transactions {
		if len(t.Data) == 0 && !t.Complete {
			continue
		}
		var number int
		if _, err := fmt.Sscanf(t.From, "load-%d@corp.test", &number); err != nil {
			if t.From != "" { // belay's own notices have a null reverse-path
				a.broken("the sink got a mail that nobody sent, from <%s>", t.From)
			}
			continue
		}
		for _, r := range t.To() {
			k := key{number, r}
			s := saw[k]
			s.began = append(s.began, t.At)
			if t.Complete && t.Accepted {
				s.complete++
				if !bytes.HasSuffix(t.Data, body(number)) {
					a.broken("message %d to %s arrived with other bytes", number, r)
				}
			}
			saw[k] = s
		}
	}
	return saw
}

// delivery holds one recipient's part against P1 to P3.
func (l *ledger) delivery(a *account, e *entry, r string, s seen, f final) {
	what := fmt.Sprintf("message %d (%s) to %s", e.number, e.id, r)
	at, stopped := e.stopped[r]
	if stopped && !(e.ended[r] && f.state == "returned") {
		a.stop(what, at, s, f)
		return
	}
	switch f.state {
	case "sent":
		a.Sent++
		if s.complete == 0 {
			a.broken("P1: %s: belay says it was sent, the sink never got it", what)
		}
	case "stopped":
		if !e.doubtful[r] {
			a.broken("P3: %s: nobody stopped it, belay says it is stopped", what)
		}
		return
	case "returned":
		a.Returned++
		a.back[e.number] = true
		if e.granted || !insists(e.number) && !asks(e.number) || len(s.began) > 0 {
			a.broken("P3: %s: it was given back, and should not be: %d transactions", what, len(s.began))
		}
		return
	default:
		a.broken("P3: %s: it did not end: belay says %q", what, f.state)
	}
	if s.complete > 1 {
		a.Repeated += s.complete - 1
		if s.complete-1 > f.unknown {
			a.broken("P3: %s: it arrived %d times, and only %d attempts had an unknown outcome", what, s.complete, f.unknown)
		}
	}
}

// stop holds an acknowledged stop against P2. DATA from before the stop is no
// fault where that attempt's outcome was unknown: belay had crashed in it, and
// the stop kept it from being repeated.
func (a *account) stop(what string, at time.Time, s seen, f final) {
	a.Stopped++
	if f.state != "stopped" {
		a.broken("P2: %s: the stop was acknowledged, belay says %q", what, f.state)
	}
	for _, began := range s.began {
		if began.After(at) {
			a.broken("P2: %s: DATA left %s after the stop was acknowledged", what, began.Sub(at))
		}
	}
	if len(s.began) > f.unknown {
		a.broken("P2: %s: a stop was acknowledged although it had left: %d transactions, %d attempts with an unknown outcome", what, len(s.began), f.unknown)
	}
	if len(s.began) > 0 {
		a.Interrupted++
	}
}
