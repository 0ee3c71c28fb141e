package smtpd

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestShutdown_LosesPatience(t *testing.T) {
	entered := make(chan struct{})
	h := &recorder{commit: func(ctx context.Context) (string, error) {
		close(entered)
		<-ctx.Done()
		return "", ctx.Err()
	}}
	o := relayOptions()
	s, err := New(o, h)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go s.Serve(l)
	c := dial(t, l.Addr().String())
	c.say(hello + from + to + "DATA\r\n.\r\n")
	<-entered
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := s.Shutdown(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("shutdown: %v", err)
	}
	if err := s.Shutdown(context.Background()); err != nil { // and now all are gone
		t.Error(err)
	}
	if _, err := net.Dial("tcp", l.Addr().String()); err == nil {
		t.Error("still listening")
	}
}

func TestRelay_OnlyTrustedNetworks(t *testing.T) {
	for _, c := range []struct {
		trust []netip.Prefix
		auth  bool
		want  string
	}{
		{nil, false, "554 mx.test 5.7.1"},
		{[]netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}, false, "554 mx.test 5.7.1"},
		{[]netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, false, "220 mx.test"},
		{nil, true, "220 mx.test"},
		{[]netip.Prefix{}, true, "554 mx.test 5.7.1"},
	} {
		o := relayOptions()
		o.Trust, o.Auth = c.trust, c.auth
		_, addr := serve(t, o, &recorder{}, false)
		client := dial(t, addr)
		client.hear(c.want)
		if strings.HasPrefix(c.want, "554") {
			client.gone()
		}
	}
}

func TestConnections_InAllAndForOneClient(t *testing.T) {
	for name, change := range map[string]func(*Options){
		"in all":     func(o *Options) { o.Limits.Connections = 2 },
		"one client": func(o *Options) { o.Limits.ClientConnections = 2 },
		"shared":     func(o *Options) { o.Counter = NewCounter(2, 0) },
	} {
		t.Run(name, func(t *testing.T) {
			o := relayOptions()
			change(&o)
			_, addr := serve(t, o, &recorder{}, false)
			_, other := serve(t, o, &recorder{}, false)
			first, second := dial(t, addr), dial(t, other)
			if name != "shared" {
				second = dial(t, addr)
			}
			first.hear("220")
			second.hear("220")
			third := dial(t, addr)
			third.hear("421 mx.test 4.7.0")
			third.gone()
			first.say("QUIT\r\n")
			first.hear("221")
			first.gone()
			first.conn.Close()
			// The place is free once the session has ended, a moment after its
			// connection: ask until it is.
			for {
				again := dial(t, addr)
				if strings.HasPrefix(again.hear(""), "220") {
					return
				}
				again.conn.Close()
				runtime.Gosched()
			}
		})
	}
}

func TestCounter_CountsNetworksOfIPv6(t *testing.T) {
	c := NewCounter(-1, 1)
	if r := c.take(netip.MustParseAddr("2001:db8::1")); r != nil {
		t.Error(r)
	}
	if r := c.take(netip.MustParseAddr("2001:db8::2")); r == nil {
		t.Error("a second address of the same /64 got in")
	}
	if r := c.take(netip.MustParseAddr("2001:db8:0:1::1")); r != nil {
		t.Error(r)
	}
	c.give(netip.MustParseAddr("2001:db8::2"))
	if r := c.take(netip.MustParseAddr("2001:db8::3")); r != nil || c.Open() != 2 {
		t.Errorf("%v, %d open", r, c.Open())
	}
}

func TestPanic_IsLoggedWithItsStackAndTheServerLives(t *testing.T) {
	var log bytes.Buffer
	o := relayOptions()
	o.Logger = slog.New(slog.NewTextHandler(&log, nil))
	h := &recorder{commit: func(context.Context) (string, error) { panic("the floor is gone") }}
	got := replies(t, play(t, o, h, loopback, hello+from+to+"DATA\r\nSubject: secret\r\n.\r\n"+from, 0))
	expect(t, got[4:], "354", "451 4.3.0", "250")
	if !strings.Contains(log.String(), "the floor is gone") || !strings.Contains(log.String(), "server_test.go") {
		t.Errorf("the log lacks the panic or its stack: %s", &log)
	}
	if strings.Contains(log.String(), "secret") {
		t.Error("content in the log")
	}
}

func TestReload_CountsForSessionsToCome(t *testing.T) {
	o := relayOptions()
	s, addr := serve(t, o, &recorder{}, false)
	before := dial(t, addr)
	before.hear("220 mx.test")
	o.Hostname = "new.test"
	if err := s.Reload(o); err != nil {
		t.Fatal(err)
	}
	after := dial(t, addr)
	after.hear("220 new.test")
	before.say("EHLO x\r\n")
	before.hear("250-mx.test")
	o.Hostname = ""
	if err := s.Reload(o); err == nil {
		t.Error("bad options were taken")
	}
}

func TestServer_LeavesNothingBehind(t *testing.T) {
	before := runtime.NumGoroutine()
	t.Run("sessions", func(t *testing.T) {
		o := submissionOptions()
		o.TLS = certificate(t)
		_, plain := serve(t, o, &recorder{}, false)
		_, secure := serve(t, o, &recorder{}, true)
		for i := range 20 {
			c := dial(t, plain)
			switch i % 4 {
			case 0:
				c.hear("220")
			case 1:
				c.say(hello + signIn + from + to + "DATA\r\nx")
				c.conn.Close()
			case 2:
				c.conn.Close()
			default:
				dial(t, secure).say("no TLS at all, and never will be")
			}
		}
	})
	deadline := time.Now().Add(5 * time.Second)
	for runtime.NumGoroutine() > before {
		if time.Now().After(deadline) {
			t.Fatalf("%d goroutines, before there were %d", runtime.NumGoroutine(), before)
		}
		runtime.Gosched()
	}
}

func TestPipelining_AnswersLeaveTogetherAndInOrder(t *testing.T) {
	_, addr := serve(t, relayOptions(), &recorder{}, false)
	c := dial(t, addr)
	var say strings.Builder
	say.WriteString(hello + from)
	for i := range 1000 {
		fmt.Fprintf(&say, "RCPT TO:<r%d@far.test>\r\n", i)
	}
	say.WriteString(to + "DATA\r\n")
	c.hear("220")
	c.say(say.String())
	c.hear("250-mx.test")
	c.hear("250 2.1.0")
	for range 1000 {
		c.hear("250 2.1.5")
	}
	c.hear("452 4.5.3")
	c.hear("354")
	c.say("x\r\n.\r\nRSET\r\nQUIT\r\n")
	c.hear("250 2.0.0")
	c.hear("250 2.0.0")
	c.hear("221")
}

func TestSessions_DoNotReadEachOthersMail(t *testing.T) {
	h := &recorder{}
	_, addr := serve(t, relayOptions(), h, false)
	var wait sync.WaitGroup
	for client := range 8 {
		c := dial(t, addr)
		wait.Go(func() {
			body := strings.Repeat(fmt.Sprintf("only of client %d\r\n", client), 500+client)
			next := fmt.Sprintf("MAIL FROM:<c%d@corp.test>\r\n", client) + to
			answers := bufio.NewReader(c.conn)
			io.WriteString(c.conn, hello+next+"NOOP\r\n")
			for n := range 101 {
				for line := ""; !strings.Contains(line, "still here"); { // NOOP: all is answered
					var err error
					if line, err = answers.ReadString('\n'); err != nil || line[0] > '3' {
						t.Errorf("client %d, message %d: %s, %v", client, n, line, err)
						return
					}
				}
				switch {
				case n == 100:
				case n%2 == 1:
					fmt.Fprintf(c.conn, "BDAT %d LAST\r\n%s%sNOOP\r\n", len(body), body, next)
				default: // the next envelope comes in one piece with the end
					io.WriteString(c.conn, "DATA\r\n"+body+".\r\n"+next+"NOOP\r\n")
				}
			}
		})
	}
	wait.Wait()
	if got := len(h.committed()); got != 800 {
		t.Errorf("%d messages", got)
	}
	for _, m := range h.committed() {
		var client int
		fmt.Sscanf(m.env.ReversePath, "c%d@", &client)
		if want := strings.Repeat(fmt.Sprintf("only of client %d\r\n", client), 500+client); string(m.data) != want {
			t.Fatalf("%s: another's octets", m.env.ReversePath)
		}
	}
}

func TestShutdown_ReachesClientsBehindTLS(t *testing.T) {
	o := submissionOptions()
	o.TLS = certificate(t)
	s, addr := serve(t, o, &recorder{}, true)
	conn, err := tls.Dial("tcp", addr, trusting(t, o.TLS))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	c := &talker{t: t, conn: conn}
	c.hear("220")
	down := make(chan error, 1)
	go func() { down <- s.Shutdown(context.Background()) }()
	c.hear("421 4.3.2")
	c.gone()
	conn.Close()
	if err := <-down; err != nil {
		t.Error(err)
	}
}
