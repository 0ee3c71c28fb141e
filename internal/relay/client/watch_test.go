package client_test

import (
	"bufio"
	"errors"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"belay/internal/relay/client"
	"belay/internal/relay/smtptest"
)

var errLease = errors.New("the lease ran out")

func TestP2_FencedInTheMiddleNoFurtherPieceLeaves(t *testing.T) {
	s := smtptest.Start(t, smtptest.Config{})
	c := open(t, s, nil)
	var asked atomic.Int32
	line := []byte(strings.Repeat("x", 76) + "\r\n")
	o := c.Send(t.Context(), &client.Mail{To: to("b@there.test"), Body: &repeated{line: line, left: 100_000}, Fence: func() error {
		if asked.Add(1) > 3 { // before DATA, before two pieces
			return errLease
		}
		return nil
	}})
	sameCodes(t, o, 0)
	s.Close()
	if tr := s.Transactions()[0]; !errors.Is(o.Err, errLease) || o.Unknown || tr.Complete || tr.Size > 64<<10 {
		t.Errorf("%d octets left, complete %t, unknown %t, error %v", tr.Size, tr.Complete, o.Unknown, o.Err)
	}
}

// deaf is a server that takes DATA and then reads nothing more.
func deaf(t *testing.T) *net.TCPAddr {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		c, err := l.Accept()
		if err != nil {
			return
		}
		t.Cleanup(func() { c.Close() })
		c.Write([]byte("220 deaf.test\r\n"))
		r := bufio.NewReaderSize(c, 16)
		for {
			line, err := r.ReadString('\n')
			if err != nil {
				return
			}
			if strings.HasPrefix(line, "DATA") {
				c.Write([]byte("354 go ahead\r\n"))
				return
			}
			c.Write([]byte("250 ok\r\n"))
		}
	}()
	return l.Addr().(*net.TCPAddr)
}

func TestP2_AWriteThatHangsEndsWithTheLease(t *testing.T) {
	at := deaf(t)
	c, err := client.Open(t.Context(), client.Config{Host: at.IP.String(), Port: at.Port, Helo: "belay.test", TLS: client.Off})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	begun := time.Now()
	var renewed atomic.Bool
	end := func() time.Time { // renewed once
		if renewed.Load() {
			return begun.Add(300 * time.Millisecond)
		}
		return begun.Add(100 * time.Millisecond)
	}
	line := []byte(strings.Repeat("x", 76) + "\r\n")
	o := c.Send(t.Context(), &client.Mail{To: to("b@there.test"), Body: &repeated{line: line, left: 1 << 20}, Until: end, Fence: func() error {
		switch age := time.Since(begun); {
		case age >= 300*time.Millisecond:
			return errLease
		case age >= 100*time.Millisecond:
			renewed.Store(true)
		}
		return nil
	}})
	sameCodes(t, o, 0)
	if took := time.Since(begun); !errors.Is(o.Err, errLease) || o.Unknown || took < 300*time.Millisecond || took > 30*time.Second {
		t.Errorf("after %s: unknown %t, error %v", took, o.Unknown, o.Err)
	}
	if c.Usable() {
		t.Error("the connection is to be used again")
	}
}

// A lease that comes back right after the watch broke a write off does not make
// that the server's fault: nothing was tried that counts.
func TestP2_AWriteThatWasBrokenOffStaysSo(t *testing.T) {
	at := deaf(t)
	c, err := client.Open(t.Context(), client.Config{Host: at.IP.String(), Port: at.Port, Helo: "belay.test", TLS: client.Off})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	begun := time.Now()
	var fell atomic.Bool
	line := []byte(strings.Repeat("x", 76) + "\r\n")
	o := c.Send(t.Context(), &client.Mail{To: to("b@there.test"), Body: &repeated{line: line, left: 1 << 20},
		Until: func() time.Time { return begun.Add(100 * time.Millisecond) },
		Fence: func() error {
			if time.Since(begun) >= 100*time.Millisecond && fell.CompareAndSwap(false, true) {
				return errLease // once, and the lease is renewed
			}
			return nil
		}})
	sameCodes(t, o, 0)
	if !errors.Is(o.Err, errLease) || o.Unknown {
		t.Errorf("unknown %t, error %v", o.Unknown, o.Err)
	}
}
