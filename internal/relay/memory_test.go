package relay

import (
	"context"
	"errors"
	"net"
	"testing"

	"belay/internal/relay/smtptest"
)

// looked starts a relay, waits until it has greeted its upstreams, asks what
// they can do, and stops it.
func looked(t *testing.T, l line, o Options) Capabilities {
	t.Helper()
	r, err := newRelay(o, l)
	must(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { r.Run(ctx); close(done) }()
	<-r.Ready()
	can := r.Capabilities()
	cancel()
	<-done
	return can
}

// deaf is an upstream where nobody answers.
func deaf(t *testing.T) Upstream {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer l.Close()
	return Upstream{Host: "127.0.0.1", Port: l.Addr().(*net.TCPAddr).Port}
}

func TestWhatAnUpstreamCanOutlivesARestart(t *testing.T) {
	l := storedLine{stored(t)}
	sink := smtptest.Start(t, smtptest.Config{Extensions: []string{"8BITMIME", "SMTPUTF8", "SIZE 5000"}})
	o := options(to(sink))
	want := Capabilities{EightBitMIME: true, SMTPUTF8: true, Size: 5000}
	if got := looked(t, l, o); got != want {
		t.Fatalf("while it answers: %+v, want %+v", got, want)
	}
	sink.Close()
	if got := looked(t, l, o); got != want {
		t.Errorf("after a restart, while it is down: %+v, want %+v", got, want)
	}
	if got := looked(t, l, options(to(sink), deaf(t))); got.EightBitMIME || got.SMTPUTF8 || got.Size != 5000 {
		t.Errorf("beside one that never answered: %+v", got)
	}
}

func TestWhatAnUpstreamCanIsStoredWhenItChanges(t *testing.T) {
	b := newBench(t)
	rich := smtptest.Start(t, smtptest.Config{Extensions: []string{"8BITMIME", "SMTPUTF8"}})
	for range 3 {
		looked(t, b, options(to(rich)))
	}
	if b.memories != 1 {
		t.Errorf("stored %d times, want once", b.memories)
	}
	// The same address, and a server that can less.
	poor := smtptest.Start(t, smtptest.Config{Extensions: []string{"PIPELINING"}})
	u := to(poor)
	for name, text := range b.memory {
		delete(b.memory, name)
		b.memory["upstream "+poor.Addr().String()] = text
	}
	if got := looked(t, b, options(u)); got.EightBitMIME || got.SMTPUTF8 {
		t.Errorf("what it says now does not count: %+v", got)
	}
	poor.Close()
	if got := looked(t, b, options(u)); got.EightBitMIME || b.memories != 2 {
		t.Errorf("what it said last does not count: %+v, stored %d times", got, b.memories)
	}
}

func TestAMemoryThatCannotBeReadStopsNothing(t *testing.T) {
	sink := smtptest.Start(t, smtptest.Config{Extensions: []string{"8BITMIME"}})
	l := forgetful{newBench(t)}
	if got := looked(t, l, options(to(sink))); !got.EightBitMIME {
		t.Errorf("what it says now does not count: %+v", got)
	}
}

type forgetful struct{ *bench }

func (forgetful) Recall(context.Context, string, any) (bool, error) {
	return false, errors.New("the database is gone")
}

func (forgetful) Remember(context.Context, string, any) error {
	return errors.New("the database is gone")
}
