package smtpd

import (
	"bytes"
	"context"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// pipes is a listener whose connections are pipes, for tests on a clock of
// their own.
type pipes struct {
	conns chan net.Conn
	once  sync.Once
	done  chan struct{}
}

func newPipes() *pipes { return &pipes{conns: make(chan net.Conn), done: make(chan struct{})} }

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}
func (p *pipes) Close() error   { p.once.Do(func() { close(p.done) }); return nil }
func (p *pipes) Addr() net.Addr { return &net.TCPAddr{} }

// near is a pipe's end that claims an address.
type near struct{ net.Conn }

func (near) RemoteAddr() net.Addr { return net.TCPAddrFromAddrPort(loopback) }

// dial gives a client of the server that serves p. All that the server says is
// gathered.
func (p *pipes) dial() (client net.Conn, said func() string) {
	here, there := net.Pipe()
	p.conns <- near{there}
	var mu sync.Mutex
	var all bytes.Buffer
	go func() {
		buf := make([]byte, 4096)
		for {
			n, err := here.Read(buf)
			mu.Lock()
			all.Write(buf[:n])
			if err != nil {
				all.WriteString("(gone)")
			}
			mu.Unlock()
			if err != nil {
				return
			}
		}
	}()
	return here, func() string {
		synctest.Wait()
		mu.Lock()
		defer mu.Unlock()
		defer all.Reset()
		return all.String()
	}
}

// inBubble runs f with a server on a fake clock.
func inBubble(t *testing.T, change func(*Options), h Handler, f func(t *testing.T, s *Server, p *pipes)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		o := relayOptions()
		o.Auth = true
		change(&o)
		s, err := New(o, h)
		if err != nil {
			t.Fatal(err)
		}
		p := newPipes()
		ended := make(chan error)
		go func() { ended <- s.Serve(p) }()
		f(t, s, p)
		if err := s.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

const signIn = "AUTH PLAIN AGFubmEAcm9wZQ==\r\n"

func TestTimeout_AnIdleClientIsTold421(t *testing.T) {
	inBubble(t, func(*Options) {}, &recorder{}, func(t *testing.T, _ *Server, p *pipes) {
		client, said := p.dial()
		said()
		time.Sleep(4 * time.Minute)
		io.WriteString(client, "NO") // a line is to be complete within the time
		time.Sleep(59 * time.Second)
		if got := said(); got != "" {
			t.Errorf("too soon: %q", got)
		}
		time.Sleep(time.Second)
		if got := said(); !strings.HasPrefix(got, "421 4.4.2 ") || !strings.HasSuffix(got, "(gone)") {
			t.Errorf("after five minutes: %q", got)
		}
	})
}

func TestTimeout_DataThatStops(t *testing.T) {
	h := &recorder{}
	inBubble(t, func(o *Options) { o.Limits.DataRate = -1 }, h, func(t *testing.T, _ *Server, p *pipes) {
		client, said := p.dial()
		io.WriteString(client, hello+signIn+from+to+"DATA\r\nSubject: x\r\n")
		said()
		time.Sleep(5 * time.Minute)
		if got := said(); !strings.HasPrefix(got, "421 4.4.2 took too long") {
			t.Errorf("said %q", got)
		}
	})
	if len(h.messages) != 1 || !h.messages[0].aborted {
		t.Error("the message was not aborted")
	}
}

func TestTimeout_DataThatDrips(t *testing.T) {
	for _, c := range []struct {
		octets int // a second
		slow   bool
	}{{900, true}, {1100, false}} {
		inBubble(t, func(*Options) {}, &recorder{}, func(t *testing.T, _ *Server, p *pipes) {
			client, said := p.dial()
			io.WriteString(client, hello+signIn+from+to+"BDAT 100000000 LAST\r\n")
			said()
			got := ""
			for second := 0; second < 1000 && got == ""; second++ {
				time.Sleep(time.Second)
				go io.WriteString(client, strings.Repeat("x", c.octets))
				got = said()
			}
			if slow := strings.HasPrefix(got, "421 4.4.2 data comes too slowly"); slow != c.slow {
				t.Errorf("%d octets a second: %q", c.octets, got)
			}
			client.Close()
		})
	}
}

func TestTimeout_AClientThatDoesNotListen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, _ := New(relayOptions(), &recorder{})
		p := newPipes()
		go s.Serve(p)
		here, there := net.Pipe() // nobody reads here
		p.conns <- near{there}
		time.Sleep(2*time.Minute + time.Second)
		synctest.Wait()
		if _, err := here.Write([]byte("x")); err == nil {
			t.Error("the server still waits")
		}
		if err := s.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
	})
}

func TestAuth_WrongPasswordsTakeLongerAndEndTheSession(t *testing.T) {
	inBubble(t, func(*Options) {}, &recorder{}, func(t *testing.T, s *Server, p *pipes) {
		client, said := p.dial()
		io.WriteString(client, hello)
		said()
		for i, want := range []string{"535 5.7.8", "535 5.7.8", "421 4.7.0"} {
			began := time.Now()
			go io.WriteString(client, "AUTH PLAIN AGFubmEAd3Jvbmc=\r\n")
			for got := ""; got == ""; got = said() {
				time.Sleep(100 * time.Millisecond)
				if got = said(); got != "" {
					if !strings.HasPrefix(got, want) {
						t.Errorf("try %d: %q, want %q", i, got, want)
					}
					break
				}
			}
			if took := time.Since(began); took < time.Second<<i {
				t.Errorf("try %d took %s only", i, took)
			}
		}
		if got := s.Stats().BadPasswords; got != 3 {
			t.Errorf("%d wrong passwords counted", got)
		}
	})
}

func TestShutdown_TellsTheIdleAndLetsMessagesFinish(t *testing.T) {
	h := &recorder{}
	inBubble(t, func(*Options) {}, h, func(t *testing.T, s *Server, p *pipes) {
		_, idleSaid := p.dial()
		busy, busySaid := p.dial()
		pieces, piecesSaid := p.dial()
		io.WriteString(busy, hello+signIn+from+to+"DATA\r\nSubject: x\r\n")
		io.WriteString(pieces, hello+signIn+from+to+"BDAT 2\r\n\r\n")
		idleSaid()
		busySaid()
		piecesSaid()
		down := make(chan error, 1)
		go func() { down <- s.Shutdown(context.Background()) }()
		if got := idleSaid(); !strings.HasPrefix(got, "421 4.3.2 ") || !strings.HasSuffix(got, "(gone)") {
			t.Errorf("the idle one heard %q", got)
		}
		time.Sleep(30 * time.Second)
		select {
		case err := <-down:
			t.Fatalf("did not wait: %v", err)
		default:
		}
		io.WriteString(busy, "\r\nbody\r\n.\r\n")
		io.WriteString(pieces, "BDAT 0 LAST\r\n")
		for name, said := range map[string]func() string{"DATA": busySaid, "BDAT": piecesSaid} {
			if got := said(); !strings.HasPrefix(got, "250 2.0.0 belay queued\r\n421 4.3.2 ") {
				t.Errorf("%s heard %q", name, got)
			}
		}
		if err := <-down; err != nil {
			t.Error(err)
		}
	})
	if len(h.committed()) != 2 {
		t.Errorf("%d messages", len(h.committed()))
	}
}

func TestCommit_HasALimitedTime(t *testing.T) {
	h := &recorder{commit: func(ctx context.Context) (string, error) {
		<-ctx.Done()
		return "", ctx.Err()
	}}
	inBubble(t, func(*Options) {}, h, func(t *testing.T, _ *Server, p *pipes) {
		client, said := p.dial()
		io.WriteString(client, hello+signIn+from+to+"DATA\r\n.\r\n")
		said()
		time.Sleep(5 * time.Minute)
		if got := said(); !strings.Contains(got, "\r\n451 4.3.0") {
			t.Errorf("said %q", got)
		}
		client.Close()
	})
}
