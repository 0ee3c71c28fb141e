package smtpd

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"belay/internal/mail"
)

// nothing is a handler that costs nothing.
type nothing struct{}

func (nothing) Authenticate(context.Context, Client, string, string) (string, error) {
	return "", BadPassword
}
func (nothing) Mail(context.Context, Client, *mail.Envelope) error { return nil }
func (nothing) Recipient(context.Context, Client, *mail.Envelope, mail.Recipient) error {
	return nil
}
func (nothing) Message(context.Context, Client, *mail.Envelope, int64) (Incoming, error) {
	return nothing{}, nil
}
func (nothing) Write(p []byte) (int, error)            { return len(p), nil }
func (nothing) Commit(context.Context) (string, error) { return "belay x queued", nil }
func (nothing) Abort()                                 {}

func letter(octets int) string {
	line := strings.Repeat("x", 74) + "\r\n"
	return "Subject: a letter\r\nFrom: <anna@corp.test>\r\n\r\n" + strings.Repeat(line, octets/len(line))
}

// BenchmarkSession is the session alone, in memory: what a 10 KB message costs
// without the kernel.
func BenchmarkSession(b *testing.B) {
	for _, octets := range []int{1 << 10, 10 << 10, 1 << 20} {
		msg := letter(octets)
		for way, one := range map[string]string{
			"DATA": from + to + "DATA\r\n" + msg + ".\r\n",
			"BDAT": from + to + fmt.Sprintf("BDAT %d LAST\r\n%s", len(msg), msg),
		} {
			b.Run(fmt.Sprintf("%s/%d", way, octets), func(b *testing.B) {
				s, err := New(relayOptions(), nothing{})
				if err != nil {
					b.Fatal(err)
				}
				b.SetBytes(int64(len(msg)))
				b.ReportAllocs()
				conn := &endless{one: one, left: b.N, addr: loopback.String()}
				conn.rest = hello
				b.ResetTimer()
				newSession(s, s.options.Load(), conn, loopback).run(false)
				if got := s.Stats().Messages; got != uint64(b.N) {
					b.Fatalf("%d messages of %d", got, b.N)
				}
			})
		}
	}
}

// endless says one thing left times.
type endless struct {
	memory
	one, rest string
	left      int
	addr      string
}

func (e *endless) Write(p []byte) (int, error) { return len(p), nil }

func (e *endless) Read(p []byte) (int, error) {
	if e.rest == "" {
		if e.left == 0 {
			return 0, io.EOF
		}
		e.left--
		e.rest = e.one
	}
	n := copy(p, e.rest)
	e.rest = e.rest[n:]
	return n, nil
}

// BenchmarkLoopback hands in 10 KB messages over loopback by 20 connections of
// a client that pipelines and waits where it must (RFC 2920), and tells the
// processor time of client, kernel and server together.
func BenchmarkLoopback(b *testing.B) {
	_, addr := serve(b, relayOptions(), nothing{}, false)
	msg := letter(10 << 10)
	var left atomic.Int64
	left.Store(int64(b.N))
	began, cpu := time.Now(), processorTime()
	b.SetBytes(int64(len(msg)))
	b.ResetTimer()
	ended := make(chan error, 20)
	for range 20 {
		go func() { ended <- handIn(addr, msg, &left) }()
	}
	for range 20 {
		if err := <-ended; err != nil {
			b.Fatal(err)
		}
	}
	b.StopTimer()
	b.ReportMetric(float64(b.N)/time.Since(began).Seconds(), "msg/s")
	b.ReportMetric(float64(b.N)/(processorTime()-cpu).Seconds(), "msg/cpu-s")
}

func processorTime() time.Duration {
	var u syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func handIn(addr, msg string, left *atomic.Int64) error {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return err
	}
	defer conn.Close()
	r := bufio.NewReader(conn)
	answers := func(n int) error {
		for n > 0 {
			line, err := r.ReadSlice('\n')
			if err != nil {
				return err
			}
			if line[0] > '3' {
				return fmt.Errorf("refused: %s", line)
			}
			if line[3] == ' ' {
				n--
			}
		}
		return nil
	}
	if _, err := io.WriteString(conn, hello); err != nil {
		return err
	}
	if err := answers(2); err != nil {
		return err
	}
	envelope, body := []byte(from+to+"DATA\r\n"), []byte(msg+".\r\n")
	for left.Add(-1) >= 0 {
		if _, err := conn.Write(envelope); err != nil {
			return err
		}
		if err := answers(3); err != nil {
			return err
		}
		if _, err := conn.Write(body); err != nil {
			return err
		}
		if err := answers(1); err != nil {
			return err
		}
	}
	return nil
}
