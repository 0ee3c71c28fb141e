package main

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"sync"
	"time"

	"belay/internal/relay/smtptest"
	"belay/test/peers"
)

// The pause must cost nothing: how long belay takes to start, to stop one
// message, to show its page and its list, and how late a message leaves, with
// ever more messages held. One data directory grows from size to size.

const (
	smallMessage = 1024 // octets: these figures do not depend on the size of bodies
	stops        = 500
	due          = 1000
	dueDelay     = 20 * time.Second
)

func (o *options) million() error {
	arrived := &arrivals{at: map[string]time.Time{}, new: make(chan struct{}, 1)}
	sink, err := smtptest.New(smtptest.Config{Discard: true, Script: arrived.script})
	if err != nil {
		return err
	}
	defer sink.Close()
	dir, err := os.MkdirTemp("", "belay-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	b, err := peers.NewBelay(dir, peers.Config{
		Database: o.database, Delay: "48h",
		Upstreams: []string{fmt.Sprintf("{host: 127.0.0.1, port: %d, tls: off}", sink.Port())},
		More:      "log: {level: warn}\nlimits: {author_hour: {relay: 0}}\n",
	})
	if err != nil {
		return err
	}
	if err := b.Start(); err != nil {
		return err
	}
	defer b.Kill()
	fmt.Printf("%s\n\n", machine())
	fmt.Println("| held | taken in /s | CPU each | start | stop p50 | stop p99 | list | page | late p99 | late at worst | memory | on disk |")
	fmt.Println("|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|")
	have := 0
	for _, n := range o.held {
		if err := o.level(b, arrived, n, n-have); err != nil {
			return fmt.Errorf("with %d held: %w", n, err)
		}
		have = n
	}
	return nil
}

func (o *options) level(b *peers.Belay, arrived *arrivals, n, more int) error {
	before := cpu(b.PID())
	took, err := source(b.Config.Relay, o.sessions, smallMessage, more)
	if err != nil {
		return err
	}
	each := (cpu(b.PID()) - before) / time.Duration(more)
	if err := b.Stop(); err != nil {
		return err
	}
	began := time.Now()
	if err := b.Start(); err != nil {
		return err
	}
	started := time.Since(began)
	stopping, err := stopSome(b)
	if err != nil {
		return err
	}
	list, err := timed(func() error { _, err := page(b, 50); return err })
	if err != nil {
		return err
	}
	shown, err := timed(func() error { return get("http://" + b.WebAddr() + "/") })
	if err != nil {
		return err
	}
	late, err := lateness(b, arrived)
	if err != nil {
		return err
	}
	fmt.Printf("| %d | %.0f | %s | %s | %s | %s | %s | %s | %s | %s | %.0f MB | %.0f MB |\n", n,
		float64(more)/took.Seconds(), micro(each), milli(started),
		milli(quantile(stopping, 0.5)), milli(quantile(stopping, 0.99)), milli(list), milli(shown),
		milli(quantile(late, 0.99)), milli(quantile(late, 1)),
		float64(peak(b.PID()))/(1<<20), float64(size64(b.Dir))/(1<<20))
	return nil
}

// stopSome stops messages one after the other over the admin socket, as a
// person's click does, and gives how long each answer took.
func stopSome(b *peers.Belay) ([]time.Duration, error) {
	var ids []string
	for len(ids) < stops {
		some, err := page(b, stops)
		if err != nil {
			return nil, err
		}
		ids = append(ids, some...)
	}
	rand.Shuffle(len(ids), func(i, k int) { ids[i], ids[k] = ids[k], ids[i] })
	var took []time.Duration
	for _, id := range ids[:stops] {
		began := time.Now()
		outcomes, err := b.Act(id, "stop", nil)
		if err != nil || outcomes[0].Outcome != "stopped" {
			return nil, fmt.Errorf("stop %s: %v, %v", id, outcomes, err)
		}
		took = append(took, time.Since(began))
	}
	return took, nil
}

// page lists the newest held messages' ids.
func page(b *peers.Belay, limit int) (ids []string, err error) {
	var answer struct {
		Messages []struct {
			ID string `json:"id"`
		} `json:"messages"`
		Next string `json:"next"`
	}
	for path := fmt.Sprintf("/api/v1/messages?state=held&limit=%d", min(limit, 100)); len(ids) < limit; {
		if err := b.Call("GET", path, nil, &answer); err != nil {
			return nil, err
		}
		for _, m := range answer.Messages {
			ids = append(ids, m.ID)
		}
		if answer.Next == "" {
			break
		}
		path = fmt.Sprintf("/api/v1/messages?state=held&limit=%d&cursor=%s", min(limit, 100), answer.Next)
	}
	return ids, nil
}

// timed gives the median of eleven.
func timed(do func() error) (time.Duration, error) {
	var took []time.Duration
	for range 11 {
		began := time.Now()
		if err := do(); err != nil {
			return 0, err
		}
		took = append(took, time.Since(began))
	}
	return quantile(took, 0.5), nil
}

func get(url string) error {
	resp, err := http.Get(url)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", url, resp.Status)
	}
	return nil
}

// arrivals notes when each recipient was first named at the sink.
type arrivals struct {
	mu  sync.Mutex
	at  map[string]time.Time
	new chan struct{}
}

func (a *arrivals) script(s smtptest.Step) smtptest.Action {
	if s.Stage == smtptest.Rcpt {
		a.mu.Lock()
		a.at[s.Address] = time.Now()
		a.mu.Unlock()
		select {
		case a.new <- struct{}{}:
		default:
		}
	}
	return smtptest.Action{}
}

// lateness hands in messages that ask to be held for a while (HOLDFOR) and
// measures how long after that they reach the sink.
func lateness(b *peers.Belay, arrived *arrivals) ([]time.Duration, error) {
	c, err := peers.Dial(b.RelayAddr(), nil)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	wanted := map[string]time.Time{}
	batch := rand.Int64()
	for n := range due {
		to := fmt.Sprintf("due-%d-%d@corp.test", batch, n)
		message := fmt.Appendf(nil, "From: a@corp.test\r\nTo: %s\r\nSubject: due\r\n\r\nhello\r\n", to)
		// The time counts from MAIL: what comes before it is not lateness.
		began := time.Now()
		if _, err := c.Send(message, fmt.Sprintf("a@corp.test HOLDFOR=%d", int(dueDelay.Seconds())), to); err != nil {
			return nil, err
		}
		wanted[to] = began.Add(dueDelay)
	}
	var late []time.Duration
	deadline := time.After(dueDelay + time.Minute)
	for len(wanted) > 0 {
		select {
		case <-arrived.new:
		case <-deadline:
			return nil, fmt.Errorf("%d messages that were due have not left", len(wanted))
		}
		arrived.mu.Lock()
		for to, at := range wanted {
			if came, ok := arrived.at[to]; ok {
				late = append(late, came.Sub(at))
				delete(wanted, to)
			}
		}
		arrived.mu.Unlock()
	}
	return late, nil
}

// heldBy counts what belay holds, from its metrics.
func heldBy(b *peers.Belay) (int, error) {
	resp, err := b.HTTP("GET", "/metrics", nil)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, err
	}
	found := heldMetric.FindSubmatch(data)
	if found == nil {
		return 0, fmt.Errorf("no number of held messages among the metrics:\n%s", data)
	}
	n, err := strconv.ParseFloat(string(found[1]), 64)
	return int(n), err
}

var heldMetric = regexp.MustCompile(`(?m)^belay_messages\{state="held"\} (\S+)`)
