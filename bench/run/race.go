package main

import (
	"fmt"
	"math"
	"os"
	"time"

	"belay/test/peers"
)

// result is one server's figures for one round.
type result struct {
	In, Out       float64       // messages a second: taken in; released and delivered
	InCPU, OutCPU time.Duration // a message
	Peak          int64         // octets
	Kept          int64         // octets on disk a message, while held
}

// contestant is a server that holds everything until it is told to release.
type contestant struct {
	name    string
	port    int
	pid     int
	dir     string // whose size is what it keeps
	held    func() (int, error)
	counts  int // held counts no further
	release func() error
	stop    func() error
}

// measure takes messages in, releases them, and counts them at the sink.
func (c *contestant) measure(s *smtpSink, o *options) (r result, err error) {
	messages, already := o.messages, s.count.Load()
	done := o.profile(c, "in")
	before := cpu(c.pid)
	took, err := source(c.port, o.sessions, o.size, messages)
	done()
	if err != nil {
		return r, fmt.Errorf("%s: %w", c.name, err)
	}
	n := time.Duration(messages)
	r.In, r.InCPU = float64(messages)/took.Seconds(), (cpu(c.pid)-before)/n
	if held, err := c.held(); err != nil || held != min(messages, c.counts) {
		return r, fmt.Errorf("%s holds %d of %d messages (%v)", c.name, held, messages, err)
	}
	r.Kept = size64(c.dir) / int64(messages)
	done = o.profile(c, "out")
	defer done()
	before = cpu(c.pid)
	began := time.Now()
	if err := c.release(); err != nil {
		return r, fmt.Errorf("%s: %w", c.name, err)
	}
	if err := s.wait(already+int64(messages), 10*time.Minute); err != nil {
		return r, fmt.Errorf("%s: %w", c.name, err)
	}
	took = time.Since(began)
	r.Out, r.OutCPU = float64(messages)/took.Seconds(), (cpu(c.pid)-before)/n
	r.Peak = peak(c.pid)
	return r, nil
}

// newPostfix is a Postfix whose HOLD queue takes everything, tuned as its own
// documentation advises for throughput: no delay between cleanup and queue
// manager, as many processes as sessions and more, 20 connections to the sink
// at once from the beginning. It writes no log.
func newPostfix(s *smtpSink) (*contestant, error) {
	p, err := peers.StartPostfix(peers.PostfixOptions{Relay: fmt.Sprintf("127.0.0.1:%d", s.port), Quiet: true, Settings: map[string]string{
		"smtpd_recipient_restrictions":          "check_client_access static:HOLD, permit_mynetworks, reject",
		"default_process_limit":                 "100",
		"default_destination_concurrency_limit": "20",
		"initial_destination_concurrency":       "20",
		"queue_run_delay":                       "300s",
		"minimal_backoff_time":                  "300s",
		"maximal_backoff_time":                  "4000s",
	}})
	if err != nil {
		return nil, err
	}
	pid, err := p.Master()
	if err != nil {
		return nil, err
	}
	return &contestant{
		name: "Postfix", port: p.Port, pid: pid, dir: p.Dir, stop: p.Stop, release: p.ReleaseAll,
		held: func() (int, error) { return p.Queued(), nil }, counts: math.MaxInt,
	}, nil
}

// newBelay is belay with its default rules and limits; only the pause is made
// long enough that nothing leaves before it is released.
func newBelay(s *smtpSink, database string) (*contestant, *peers.Belay, error) {
	name := "belay, SQLite"
	if database != "" {
		name = "belay, PostgreSQL"
	}
	return launch(name, plainConfig(s, database))
}

// plainConfig is belay with one rule, nobody in its directory, and no limits.
func plainConfig(s *smtpSink, database string) peers.Config {
	return peers.Config{
		Database: database, Delay: "6h",
		Upstreams: []string{fmt.Sprintf("{host: 127.0.0.1, port: %d, tls: off}", s.port)},
		More:      "log: {level: warn}\nlimits: {author_hour: {relay: 0}}\n",
	}
}

// launch starts a belay that is measured.
func launch(name string, config peers.Config) (*contestant, *peers.Belay, error) {
	dir, err := os.MkdirTemp("", "belay-bench-")
	if err != nil {
		return nil, nil, err
	}
	b, err := peers.NewBelay(dir, config)
	if err == nil {
		err = b.Start()
	}
	if err != nil {
		os.RemoveAll(dir)
		return nil, nil, err
	}
	return &contestant{
		name: name, port: b.Config.Relay, pid: b.PID(), dir: dir,
		held: func() (int, error) { return heldBy(b) }, counts: 10_000,
		release: func() error { return releaseAll(b) },
		stop: func() error {
			err := b.Stop()
			os.RemoveAll(dir)
			return err
		},
	}, b, nil
}

func releaseAll(b *peers.Belay) error {
	out, errs, code, err := b.Run("release", "--all")
	if err != nil || code != 0 {
		return fmt.Errorf("belay release --all: %v, exit code %d: %s%s", err, code, out[:min(len(out), 500)], errs)
	}
	return nil
}
