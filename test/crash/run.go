package main

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"belay/internal/relay/smtptest"
	"belay/test/peers"
)

// delay is how long messages are held: short, so that at each kill some are
// coming in, some waiting, some being stopped and some leaving.
const delay = 400 * time.Millisecond

// silence is how long a question stays open; after that the mail leaves.
const silence = 4 * time.Second

// approver is asked about one message in three, and one in seven.
const approver = "boss@corp.test"

// Options of one run.
type Options struct {
	Dir      string // holds belay's data and log
	Database string // URL of PostgreSQL, "" for SQLite
	Kills    int
	Nodes    int // on PostgreSQL: belay processes on the same database; 0 is 1
	Sleeps   int // so many of the kills put a node to sleep past its lease instead (two nodes or more)
	// Outage takes the database away at once and brings it back; it is asked
	// for in place of every second kill, where it is set.
	Outage  func()
	Clients int
	Seed    uint64
	Out     io.Writer
}

// Run puts belay under load, kills it again and again, and accounts for every
// acknowledged message. It gives the account; an error means that the run
// itself could not be done.
func Run(o Options) (*account, error) {
	random := rand.New(rand.NewPCG(o.Seed, 2))
	sink, err := newSink(o.Seed)
	if err != nil {
		return nil, err
	}
	defer sink.Close()
	nodes, err := startNodes(o, sink.Port())
	defer func() {
		for _, b := range nodes {
			b.Kill()
		}
	}()
	if err != nil {
		return nil, err
	}
	l := newLedger()
	if err := load(l, nodes, o, func() error { return kill(nodes, o, random, l.yes) }); err != nil {
		return nil, err
	}
	fmt.Fprintf(o.Out, "  %d acknowledged, %d refused or cut off, %d stops too late; waiting for the last to leave\n",
		len(l.entries), l.refused, l.tooLate)
	b := nodes[0]
	if err := finished(b, 3*time.Minute); err != nil {
		return nil, err
	}
	a, err := l.check(sink.sightings(), func(e *entry) (map[string]final, error) { return finals(b, e.id) })
	if err != nil {
		return nil, err
	}
	if _, errs, code, err := b.Run("journal", "verify"); err != nil || code != 0 {
		a.broken("the journal does not verify: %v %s", err, errs)
	}
	return a, nil
}

// load runs the clients while kill does its work.
func load(l *ledger, nodes []*peers.Belay, o Options, kill func() error) error {
	ctx, cancel := context.WithCancel(context.Background())
	var clients sync.WaitGroup
	for n := range o.Clients {
		clients.Go(func() { client(ctx, l, nodes[n%len(nodes)], o.Seed+uint64(n)) })
	}
	err := kill()
	cancel()
	clients.Wait()
	l.acts.Wait()
	return err
}

var rules = fmt.Sprintf("- {name: a pause, when: 'recipients.exists(r, r.external)', delay: %s}\n"+
	"- {name: a word first, when: 'message.subject.endsWith(%q)', approve: %s}\n"+
	"- {name: a word or back, when: 'message.subject.endsWith(%q)', approve: %s, on_silence: return}\n",
	delay, asking, approver, insisting, approver)

// startNodes starts the belays of a run. What has been started is given even
// with an error.
func startNodes(o Options, upstream int) (nodes []*peers.Belay, err error) {
	for n := range max(1, o.Nodes) {
		dir := filepath.Join(o.Dir, fmt.Sprintf("node%d", n))
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nodes, err
		}
		b, err := peers.NewBelay(dir, peers.Config{
			Database: o.Database, Rules: rules,
			Upstreams: []string{fmt.Sprintf("{host: 127.0.0.1, port: %d, tls: off}", upstream)},
			More:      fmt.Sprintf("retry: {first: 1s, max: 2s}\nquestion: {on_silence: release, remind: 1h, expire: %s}\n", silence),
		})
		if err == nil && n > 0 {
			err = nodes[0].ShareKeys(b)
		}
		if err == nil {
			nodes = append(nodes, b)
			err = b.Start()
		}
		if err != nil {
			return nodes, err
		}
	}
	return nodes, nil
}

// kill kills and restarts, each time after a random while of work, and every
// third time right after somebody's yes was acknowledged.
func kill(nodes []*peers.Belay, o Options, random *rand.Rand, yes <-chan struct{}) error {
	for n := range o.Kills {
		time.Sleep(200*time.Millisecond + time.Duration(random.Uint64N(uint64(1200*time.Millisecond))))
		if n%3 == 0 {
			afterYes(yes)
		}
		b := nodes[random.IntN(len(nodes))]
		if len(nodes) > 1 && n >= o.Kills-o.Sleeps {
			sleep(b)
			continue
		}
		if o.Outage != nil && n%2 == 0 {
			o.Outage()
			continue
		}
		b.Kill()
		if err := b.Start(); err != nil {
			return fmt.Errorf("after kill %d: %w", n+1, err)
		}
		if (n+1)%20 == 0 {
			fmt.Fprintf(o.Out, "  %d of %d kills\n", n+1, o.Kills)
		}
	}
	return nil
}

// afterYes waits for the next yes, for a few seconds.
func afterYes(yes <-chan struct{}) {
	select {
	case <-yes: // perhaps of a while ago
	default:
	}
	select {
	case <-yes:
	case <-time.After(3 * time.Second):
	}
}

// lease is how long a node may act without its database (node.Options).
const lease = 15 * time.Second

// sleep pauses a node past its lease, so that the others take its work over,
// and wakes it.
func sleep(b *peers.Belay) {
	b.Signal(syscall.SIGSTOP)
	time.Sleep(lease + 3*time.Second)
	b.Signal(syscall.SIGCONT)
}

// sink accepts everything, now and then late or after a refusal for the
// moment, so that kills fall into attempts. It notes when each DATA began.
type sink struct {
	*smtptest.Server
	mu     sync.Mutex
	random *rand.Rand
	began  map[[2]int]time.Time // connection and transaction → time
}

func newSink(seed uint64) (s *sink, err error) {
	s = &sink{random: rand.New(rand.NewPCG(seed, 3)), began: map[[2]int]time.Time{}}
	s.Server, err = smtptest.New(smtptest.Config{Script: s.script})
	return s, err
}

func (s *sink) script(step smtptest.Step) smtptest.Action {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case step.Stage == smtptest.Data:
		s.began[[2]int{step.Conn, step.Transaction}] = time.Now()
	case step.Stage == smtptest.Dot && s.random.IntN(3) == 0:
		return smtptest.Action{Delay: time.Duration(s.random.IntN(60)) * time.Millisecond}
	case step.Stage == smtptest.Rcpt && s.random.IntN(20) == 0:
		return smtptest.Action{Reply: "450 4.2.0 not now"}
	}
	return smtptest.Action{}
}

// sightings are all transactions with their times.
func (s *sink) sightings() (all []sighting) {
	transactions := s.Transactions()
	s.mu.Lock()
	defer s.mu.Unlock()
	nth := map[int]int{}
	for _, t := range transactions {
		nth[t.Conn]++
		all = append(all, sighting{t, s.began[[2]int{t.Conn, nth[t.Conn]}]})
	}
	return all
}

// finished waits until no message is on its way any more.
func finished(b *peers.Belay, limit time.Duration) error {
	var left int
	var err error
	if peers.Until(limit, func() bool {
		left = 0
		for _, state := range []string{"held", "ready", "deferred", "sending"} {
			var some []*peers.Message
			if some, err = b.Messages(map[string][]string{"state": {state}}); err != nil {
				return false
			}
			left += len(some)
		}
		return left == 0
	}) {
		return nil
	}
	return fmt.Errorf("after %s %d messages have not ended (last error: %v)\n%s", limit, left, err, b.LogTail(3000))
}

func finals(b *peers.Belay, id string) (map[string]final, error) {
	m, err := b.Message(id)
	if err != nil {
		return nil, err
	}
	all := map[string]final{}
	for _, r := range m.Recipients {
		all[r.Address] = final{r.State, m.Unknown(r.Address)}
	}
	return all, nil
}

// dataDir makes the directory of a run.
func dataDir(name string) (string, error) {
	dir, err := os.MkdirTemp("", "belay-crash-")
	if err != nil {
		return "", err
	}
	dir = filepath.Join(dir, name)
	return dir, os.Mkdir(dir, 0o700)
}
