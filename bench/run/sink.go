package main

import (
	"bufio"
	"bytes"
	"fmt"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"belay/test/peers"
)

// smtpSink is Postfix's smtp-sink: it counts what it is given.
type smtpSink struct {
	port  int
	cmd   *exec.Cmd
	count atomic.Int64
	tick  chan struct{} // something was counted
}

var counted = regexp.MustCompile(`mesg=(\d+)`)

func startSink() (*smtpSink, error) {
	port, err := peers.FreePort()
	if err != nil {
		return nil, err
	}
	s := &smtpSink{port: port, tick: make(chan struct{}, 1)}
	s.cmd = exec.Command("smtp-sink", "-u", "nobody", "-c", fmt.Sprintf("127.0.0.1:%d", port), "1000")
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := s.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start smtp-sink: %w", err)
	}
	go func() {
		lines := bufio.NewScanner(out)
		lines.Split(splitCR)
		for lines.Scan() {
			if f := counted.FindStringSubmatch(lines.Text()); f != nil {
				n, _ := strconv.ParseInt(f[1], 10, 64)
				s.count.Store(n)
				select {
				case s.tick <- struct{}{}:
				default:
				}
			}
		}
	}()
	return s, nil
}

// splitCR splits at the carriage returns that smtp-sink overwrites its line with.
func splitCR(data []byte, atEOF bool) (int, []byte, error) {
	if i := bytes.IndexAny(data, "\r\n"); i >= 0 {
		return i + 1, data[:i], nil
	}
	if atEOF && len(data) > 0 {
		return len(data), data, nil
	}
	return 0, nil, nil
}

// wait waits until n messages have come, counted from the start.
func (s *smtpSink) wait(n int64, limit time.Duration) error {
	deadline := time.After(limit)
	for s.count.Load() < n {
		select {
		case <-s.tick:
		case <-deadline:
			return fmt.Errorf("after %s only %d of %d messages have arrived at the sink", limit, s.count.Load(), n)
		}
	}
	return nil
}

func (s *smtpSink) stop() {
	s.cmd.Process.Kill()
	s.cmd.Wait()
}

// source runs smtp-source: messages of size octets over so many sessions at a
// time. It gives the time it took.
func source(port, sessions, size, messages int) (time.Duration, error) {
	args := []string{"-s", strconv.Itoa(sessions), "-l", strconv.Itoa(size), "-m", strconv.Itoa(messages),
		"-f", "sender@corp.test", "-t", "recipient@outside.test", fmt.Sprintf("127.0.0.1:%d", port)}
	began := time.Now()
	out, err := exec.Command("smtp-source", args...).CombinedOutput()
	if err != nil {
		return 0, fmt.Errorf("smtp-source %s: %w: %s", strings.Join(args, " "), err, out)
	}
	return time.Since(began), nil
}
