package relay

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"belay/internal/queue"
	"belay/internal/relay/client"
	"belay/internal/relay/smtptest"
)

func TestP4_WhatLeavesIsWhatCameWithOneLineOnTop(t *testing.T) {
	sink := smtptest.Start(t, smtptest.Config{})
	b := newBench(t)
	start(t, b, options(to(sink)))
	m := message(nil, "bob@there.test", "eve@other.test")
	b.put(m)
	e := b.wait(1)[0]
	same(t, "states", states(e), queue.Sent, queue.Sent)
	got := sink.Wait(t, 1)
	if len(got) != 1 {
		t.Fatalf("%d transactions for recipients who share an upstream", len(got))
	}
	if string(got[0].Data) != m.Trace+letter {
		t.Errorf("left as %q", got[0].Data)
	}
	same(t, "recipients", got[0].To(), "bob@there.test", "eve@other.test")
	if got[0].Helo != "belay.test" || got[0].From != "anna@own.test" {
		t.Errorf("EHLO %q, MAIL FROM %q", got[0].Helo, got[0].From)
	}
	if r := e.results[0]; r.Reply != (queue.Reply{Code: 250, Enhanced: "2.0.0", Text: "kept"}) || r.Upstream != sink.Addr().String() {
		t.Errorf("recorded as %+v", r)
	}
}

func TestOneOfThreeRecipientsIsRefused(t *testing.T) {
	sink := smtptest.Start(t, smtptest.Config{Script: smtptest.Refuse(map[string]string{
		"no@there.test": "550 5.1.1 no such user", "later@there.test": "450 4.2.1 greylisted"})})
	b := newBench(t)
	start(t, b, options(to(sink)))
	b.put(message(nil, "yes@there.test", "no@there.test", "later@there.test"))
	e := b.wait(1)[0]
	same(t, "states", states(e), queue.Sent, queue.Failed, queue.Deferred)
	same(t, "delivered to", sink.Wait(t, 1)[0].To(), "yes@there.test")
	if pause := time.Until(e.results[2].Next); pause < 40*time.Second || pause > 80*time.Second {
		t.Errorf("the greylisted one is tried again in %s", pause)
	}
	if e.results[0].Refused || !e.results[1].Refused {
		t.Errorf("whom the server refused is not told from whom it took: %+v", e.results)
	}
	if len(e.notices) != 1 {
		t.Fatalf("%d notices, want one bounce", len(e.notices))
	}
	bounce := e.notices[0]
	if bounce.Envelope.ReversePath != "" || bounce.Envelope.Recipients[0].Address != "anna@own.test" || bounce.ID.Bucket() != e.job.Message.ID.Bucket() {
		t.Errorf("the bounce goes from %q to %+v in bucket %d", bounce.Envelope.ReversePath, bounce.Envelope.Recipients, bounce.ID.Bucket())
	}
	holds(t, bounce.text, "Final-Recipient: rfc822; no@there.test\r\n", "Action: failed\r\n", "Status: 5.1.1\r\n",
		"Diagnostic-Code: smtp; 550 5.1.1 no such user\r\n", "Auto-Submitted: auto-replied\r\n", "Subject: Offer\r\n")
	for _, other := range []string{"yes@there.test", "later@there.test"} {
		if strings.Contains(bounce.text, other) {
			t.Errorf("the bounce speaks of %s", other)
		}
	}
}

func TestTheNextUpstreamTakesOver(t *testing.T) {
	failures := map[string]func(smtptest.Step) smtptest.Action{
		"no banner":    smtptest.At(smtptest.Connect, smtptest.Action{Drop: true}),
		"no service":   smtptest.At(smtptest.Connect, smtptest.Action{Reply: "554 5.3.2 closed"}),
		"ehlo refused": smtptest.At(smtptest.Hello, smtptest.Action{Reply: "421 4.3.2 no"}),
		"mail 421":     smtptest.At(smtptest.Mail, smtptest.Action{Reply: "421 4.3.2 no", Hangup: true}),
		"data lost":    smtptest.At(smtptest.Data, smtptest.Action{Drop: true}),
		"data 451":     smtptest.At(smtptest.Data, smtptest.Action{Reply: "451 4.3.1 disk full"}),
		"530":          smtptest.At(smtptest.Mail, smtptest.Action{Reply: "530 5.7.0 sign in first"}),
	}
	for name, script := range failures {
		t.Run(name, func(t *testing.T) {
			first := smtptest.Start(t, smtptest.Config{Script: script})
			second := smtptest.Start(t, smtptest.Config{})
			b := newBench(t)
			spare := to(second)
			spare.Priority = 1
			start(t, b, options(spare, to(first)))
			b.put(message(nil, "bob@there.test"))
			e := b.wait(1)[0]
			same(t, "states", states(e), queue.Sent)
			if e.results[0].Upstream != second.Addr().String() {
				t.Errorf("recorded as sent through %s", e.results[0].Upstream)
			}
		})
	}
}

func TestP3_AnUnknownOutcomeIsRecordedAndNotTriedElsewhereAtOnce(t *testing.T) {
	first := smtptest.Start(t, smtptest.Config{Script: smtptest.At(smtptest.Dot, smtptest.Action{Drop: true})})
	second := smtptest.Start(t, smtptest.Config{})
	b := newBench(t)
	spare := to(second)
	spare.Priority = 1
	start(t, b, options(to(first), spare))
	b.put(message(nil, "bob@there.test"))
	r := b.wait(1)[0].results[0]
	if r.State != queue.Deferred || r.Reply.Code != 0 || !strings.Contains(r.Reply.Text, "outcome unknown") || r.Next.IsZero() {
		t.Errorf("recorded as %+v", r)
	}
	if second.Accepted() != 0 {
		t.Error("it was sent a second time at once")
	}
}

func TestAnUpstreamThatIsDownIsNotAskedForEachMessage(t *testing.T) {
	sink := smtptest.Start(t, smtptest.Config{Script: smtptest.First(1, smtptest.At(smtptest.Connect, smtptest.Action{Drop: true}))})
	b := newBench(t)
	r, _ := start(t, b, options(to(sink)))
	for range 50 {
		b.put(message(nil, "bob@there.test"))
	}
	// The first greeting fails; nothing is claimed until a probe succeeds.
	for _, e := range b.wait(50) {
		same(t, "states", states(e), queue.Sent)
	}
	if r.Upstreams()[0].Down != nil {
		t.Error("still called down")
	}
}

func TestWhileEveryUpstreamIsDownMailIsTriedForTheRecordNowAndThen(t *testing.T) {
	sink := smtptest.Start(t, smtptest.Config{Script: smtptest.At(smtptest.Connect, smtptest.Action{Reply: "421 4.3.2 closed for today"})})
	b := newBench(t)
	r, err := newRelay(options(to(sink)), b)
	must(t, err)
	r.rounds.first, r.rounds.next = 20*time.Millisecond, 20*time.Millisecond
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { r.Run(ctx); close(done) }()
	defer func() { cancel(); <-done }()
	<-r.Ready()
	for n := range 3 {
		b.put(message(nil, "bob@there.test"))
		res := b.wait(n + 1)[n].results[0]
		if res.State != queue.Deferred || !strings.Contains(res.Reply.Text, "421 4.3.2 closed for today") {
			t.Errorf("recorded as %+v", res)
		}
	}
	if sink.Connections() > 2 {
		t.Errorf("%d connections to a server that is known to be down", sink.Connections())
	}
}

func TestConnectionsWithoutWorkAreClosed(t *testing.T) {
	quit := make(chan struct{}, 1)
	sink := smtptest.Start(t, smtptest.Config{Script: func(s smtptest.Step) smtptest.Action {
		if s.Stage == smtptest.Quit {
			quit <- struct{}{}
		}
		return smtptest.Action{}
	}})
	b := newBench(t)
	u := to(sink)
	u.Idle = 20 * time.Millisecond
	start(t, b, options(u))
	b.put(message(nil, "bob@there.test"))
	b.wait(1)
	select {
	case <-quit:
	case <-time.After(20 * time.Second):
		t.Error("no QUIT came")
	}
}

func TestTLSWithOwnAuthorityAndClientCertificate(t *testing.T) {
	cert, trust, certPEM, keyPEM, err := smtptest.Certificate()
	must(t, err)
	dir := t.TempDir()
	certFile, keyFile := dir+"/cert.pem", dir+"/key.pem"
	must(t, os.WriteFile(certFile, certPEM, 0o600))
	must(t, os.WriteFile(keyFile, keyPEM, 0o600))
	for _, implicit := range []bool{false, true} {
		sink := smtptest.Start(t, smtptest.Config{Implicit: implicit, Accounts: map[string]string{"belay": "s3cret"},
			TLS: &tls.Config{Certificates: []tls.Certificate{cert}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: trust}})
		u := to(sink)
		u.TLS, u.Implicit, u.User, u.Password = client.Required, implicit, "belay", "s3cret"
		u.Base, err = LoadTLS(certFile, certFile, keyFile)
		must(t, err)
		b := newBench(t)
		start(t, b, options(u))
		b.put(message(nil, "bob@there.test"))
		same(t, "states", states(b.wait(1)[0]), queue.Sent)
		if m := sink.Messages()[0]; !m.TLS || m.User != "belay" {
			t.Errorf("TLS %t, signed in as %q", m.TLS, m.User)
		}
	}
	for _, bad := range [][3]string{{dir + "/none.pem"}, {keyFile}, {"", keyFile, certFile}} {
		if _, err := LoadTLS(bad[0], bad[1], bad[2]); err == nil {
			t.Errorf("LoadTLS took %q", bad)
		}
	}
}

func TestOptionsThatCannotWork(t *testing.T) {
	for name, o := range map[string]Options{
		"no name":          {},
		"no host":          {Hostname: "x", Upstreams: []Upstream{{Port: 25}}},
		"no port":          {Hostname: "x", Upstreams: []Upstream{{Host: "x"}}},
		"implicit and off": {Hostname: "x", Upstreams: []Upstream{{Host: "x", Port: 465, Implicit: true, TLS: client.Off}}},
	} {
		if _, err := newRelay(o, newBench(t)); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
	if _, err := New(Options{Hostname: "x"}); err == nil {
		t.Error("a relay without a queue")
	}
}

func TestNobodyAnswers(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	l.Close()
	b := newBench(t)
	r, err := newRelay(options(Upstream{Host: "127.0.0.1", Port: port}), b)
	if err != nil {
		t.Fatal(err)
	}
	a := &attempt{r: r, ctx: t.Context(), job: b.put(message(nil, "bob@there.test"))}
	a.run()
	res := a.results(time.Now())[0]
	if res.State != queue.Deferred || res.Reply.Enhanced != "4.4.1" || !strings.Contains(res.Reply.Text, "refused") {
		t.Errorf("recorded as %+v", res)
	}
	if r.Upstreams()[0].Down == nil || r.Capabilities().EightBitMIME {
		t.Errorf("status %+v, capabilities %+v", r.Upstreams()[0], r.Capabilities())
	}
}

func TestP2_NothingLeavesOnceTheLeaseRanOut(t *testing.T) {
	for name, passes := range map[string]int32{"before DATA": 0, "before the dot": 1} {
		t.Run(name, func(t *testing.T) {
			sink := smtptest.Start(t, smtptest.Config{})
			b := newBench(t)
			var asked atomic.Int32
			b.fence = func() error {
				if asked.Add(1) > passes {
					return errors.New("the lease ran out")
				}
				return nil
			}
			start(t, b, options(to(sink)))
			b.put(message(nil, "bob@there.test"))
			same(t, "states", states(b.wait(1)[0]), queue.Ready)
			sink.Close()
			for _, tr := range sink.Transactions() {
				if tr.Complete || passes == 0 && tr.Began {
					t.Errorf("began %t, complete %t", tr.Began, tr.Complete)
				}
			}
		})
	}
}

func TestManyRecipientsAreSplit(t *testing.T) {
	t.Run("by the usual limit", func(t *testing.T) {
		sink := smtptest.Start(t, smtptest.Config{})
		b := newBench(t)
		start(t, b, options(to(sink)))
		b.put(message(nil, addresses(250)...))
		b.wait(1)
		var sizes []int
		for _, m := range sink.Wait(t, 3) {
			sizes = append(sizes, len(m.To()))
		}
		same(t, "transactions", sizes, 100, 100, 50)
	})
	t.Run("by what the server says", func(t *testing.T) {
		var inThis atomic.Int32
		sink := smtptest.Start(t, smtptest.Config{Script: func(s smtptest.Step) smtptest.Action {
			switch {
			case s.Stage == smtptest.Mail:
				inThis.Store(0)
			case s.Stage == smtptest.Rcpt && inThis.Add(1) > 2:
				return smtptest.Action{Reply: "452 4.5.3 too many recipients"}
			}
			return smtptest.Action{}
		}})
		b := newBench(t)
		start(t, b, options(to(sink)))
		b.put(message(nil, addresses(5)...))
		for _, s := range states(b.wait(1)[0]) {
			if s != queue.Sent {
				t.Errorf("a recipient too many is %s", s)
			}
		}
		if n := len(sink.Messages()); n != 3 {
			t.Errorf("%d transactions", n)
		}
	})
	t.Run("by LIMITS", func(t *testing.T) {
		sink := smtptest.Start(t, smtptest.Config{Extensions: []string{"PIPELINING", "LIMITS RCPTMAX=4 MAILMAX=1"}})
		b := newBench(t)
		start(t, b, options(to(sink)))
		b.put(message(nil, addresses(6)...))
		for _, s := range states(b.wait(1)[0]) {
			if s != queue.Sent {
				t.Errorf("a recipient is %s", s)
			}
		}
		same(t, "first transaction", []int{len(sink.Messages()[0].To())}, 4)
	})
}

func addresses(n int) []string {
	var all []string
	for i := range n {
		all = append(all, fmt.Sprintf("r%d@there.test", i))
	}
	return all
}

func TestConnectionsAreReused(t *testing.T) {
	sink := smtptest.Start(t, smtptest.Config{})
	b := newBench(t)
	u := to(sink)
	u.Connections, u.PerConnection = 1, 4
	start(t, b, options(u))
	for range 9 {
		b.put(message(nil, "bob@there.test"))
	}
	b.wait(9)
	// The first greeting's connection is the first message's too.
	if sink.Connections() != 3 {
		t.Errorf("9 messages, 4 to a connection, took %d connections", sink.Connections())
	}
}

func TestAConnectionThatIdledTooLongCostsNothing(t *testing.T) {
	sink := smtptest.Start(t, smtptest.Config{Script: func(s smtptest.Step) smtptest.Action {
		if s.Stage == smtptest.Mail && s.Transaction == 2 {
			return smtptest.Action{Reply: "421 4.4.2 idle too long", Hangup: true}
		}
		return smtptest.Action{}
	}})
	b := newBench(t)
	u := to(sink)
	u.Connections = 1
	start(t, b, options(u))
	for n := range 4 {
		b.put(message(nil, "bob@there.test"))
		same(t, "states", states(b.wait(n + 1)[n]), queue.Sent)
	}
}

func TestAServerWithRoomForFewConnections(t *testing.T) {
	var open atomic.Int32
	sink := smtptest.Start(t, smtptest.Config{Script: func(s smtptest.Step) smtptest.Action {
		if s.Stage == smtptest.Connect && open.Add(1) > 2 {
			return smtptest.Action{Reply: "421 4.7.0 too many connections", Hangup: true}
		}
		return smtptest.Action{}
	}})
	b := newBench(t)
	start(t, b, options(to(sink)))
	for range 40 {
		b.put(message(nil, "bob@there.test"))
	}
	for _, e := range b.wait(40) {
		same(t, "states", states(e), queue.Sent)
	}
}

func TestDomainsChooseTheUpstream(t *testing.T) {
	var sinks []*smtptest.Server
	var ups []Upstream
	for _, domains := range [][]string{nil, {".there.test"}, {"b.there.test", "münchen.test"}} {
		s := smtptest.Start(t, smtptest.Config{})
		u := to(s)
		u.Domains = domains
		sinks, ups = append(sinks, s), append(ups, u)
	}
	b := newBench(t)
	start(t, b, options(ups...))
	b.put(message(nil, "x@else.test", "x@a.there.test", "x@B.There.test", "x@there.test", "x@xn--mnchen-3ya.test"))
	e := b.wait(1)[0]
	for i, want := range []int{0, 1, 2, 0, 2} {
		if e.results[i].Upstream != sinks[want].Addr().String() {
			t.Errorf("%s went through %s, not through upstream %d", e.job.Deliveries[i].Recipient.Address, e.results[i].Upstream, want)
		}
	}
}

func TestNoUpstreamForADomainIsAskedForLater(t *testing.T) {
	sink := smtptest.Start(t, smtptest.Config{})
	b := newBench(t)
	u := to(sink)
	u.Domains = []string{"there.test"}
	start(t, b, options(u))
	b.put(message(nil, "x@else.test"))
	r := b.wait(1)[0].results[0]
	if r.State != queue.Deferred || r.Reply.Enhanced != "4.4.4" || !strings.Contains(r.Reply.Text, "else.test") {
		t.Errorf("recorded as %+v", r)
	}
}

func TestTheOutboxKeepsEverything(t *testing.T) {
	b := newBench(t)
	r, _ := start(t, b, options())
	b.put(message(nil, "bob@there.test"))
	res := b.wait(1)[0].results[0]
	if res.State != queue.Sent || !strings.Contains(res.Reply.Text, "outbox") {
		t.Errorf("recorded as %+v", res)
	}
	if c := r.Capabilities(); !c.EightBitMIME || !c.SMTPUTF8 || c.Size != 0 {
		t.Errorf("the outbox takes only %+v", c)
	}
}

func TestP3_MailThatAnUpstreamWasTriedForIsNotLeftInTheOutbox(t *testing.T) {
	b := newBench(t)
	start(t, b, options())
	b.put(message(nil, "bob@there.test"), queue.Attempt{Started: time.Now().Add(-time.Minute), Upstream: "gone:25",
		Reply: queue.Reply{Code: 451, Enhanced: "4.4.1", Text: "no answer"}})
	r := b.wait(1)[0].results[0]
	if r.State != queue.Deferred || r.Reply.Enhanced != "4.4.4" {
		t.Errorf("recorded as %+v", r)
	}
}

func TestP5_WeDoNotSendToOurselves(t *testing.T) {
	sink := smtptest.Start(t, smtptest.Config{Hostname: "belay.test", Banner: "ESMTP belay"})
	for name, change := range map[string]func(*Options){
		"our greeting": func(*Options) {},
		"our address": func(o *Options) {
			o.Hostname = "other.test"
			o.Own = func() []netip.AddrPort {
				return []netip.AddrPort{netip.AddrPortFrom(netip.IPv4Unspecified(), sink.Addr().Port())}
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			o := options(to(sink))
			change(&o)
			r, err := newRelay(o, newBench(t))
			if err != nil {
				t.Fatal(err)
			}
			err = r.Probe(t.Context())[0]
			if !errors.Is(err, client.ErrLoop) || !strings.Contains(err.Error(), "set upstream to the server behind") {
				t.Errorf("error %v", err)
			}
		})
	}
	t.Run("somebody else with our name", func(t *testing.T) {
		other := smtptest.Start(t, smtptest.Config{Hostname: "belay.test", Banner: "ESMTP Postfix"})
		r, _ := newRelay(options(to(other)), newBench(t))
		if err := r.Probe(t.Context())[0]; err != nil {
			t.Errorf("refused: %v", err)
		}
	})
}

func TestStoppingGivesBackWhatHasNotBegun(t *testing.T) {
	reached, wait := make(chan struct{}, 1), make(chan struct{})
	sink := smtptest.Start(t, smtptest.Config{Script: func(s smtptest.Step) smtptest.Action {
		if s.Stage == smtptest.Dot {
			reached <- struct{}{}
			return smtptest.Action{Wait: wait}
		}
		return smtptest.Action{}
	}})
	b := newBench(t)
	u := to(sink)
	u.Connections = 1
	r, err := newRelay(options(u), b)
	if err != nil {
		t.Fatal(err)
	}
	r.workers = 1
	for range 4 {
		b.put(message(nil, "bob@there.test"))
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { r.Run(ctx); close(done) }()
	<-reached
	cancel()
	close(wait)
	<-done
	sent, ready := 0, 0
	for _, e := range b.wait(1) {
		switch states(e)[0] {
		case queue.Sent:
			sent++
		case queue.Ready:
			ready++
		}
	}
	b.mu.Lock()
	left := len(b.ready)
	b.mu.Unlock()
	if sent != 1 || sent+ready+left != 4 {
		t.Errorf("%d sent, %d given back, %d never claimed; want 1 sent and none lost", sent, ready, left)
	}
}

func TestAServerThatHangsIsLeftWhenTheGraceIsOver(t *testing.T) {
	reached := make(chan struct{}, 1)
	sink := smtptest.Start(t, smtptest.Config{Script: func(s smtptest.Step) smtptest.Action {
		if s.Stage == smtptest.Data {
			reached <- struct{}{}
			return smtptest.Action{Wait: make(chan struct{})}
		}
		return smtptest.Action{}
	}})
	b := newBench(t)
	o := options(to(sink))
	o.Grace = 10 * time.Millisecond
	_, stop := start(t, b, o)
	b.put(message(nil, "bob@there.test"))
	<-reached
	stop()
	same(t, "states", states(b.wait(1)[0]), queue.Ready)
}

func TestRatesAreKept(t *testing.T) {
	sink := smtptest.Start(t, smtptest.Config{})
	b := newBench(t)
	u := to(sink)
	u.Rate, u.Burst = 20, 2
	begin := time.Now()
	start(t, b, options(u))
	for range 8 {
		b.put(message(nil, "bob@there.test"))
	}
	for _, e := range b.wait(8) {
		same(t, "states", states(e), queue.Sent)
	}
	if took := time.Since(begin); took < 250*time.Millisecond {
		t.Errorf("8 messages at 20/s with a burst of 2 took only %s", took)
	}
}

func TestPasswordsAreCheckedByTheUpstream(t *testing.T) {
	sink := smtptest.Start(t, smtptest.Config{Accounts: map[string]string{"anna": "s3cret"}})
	r, err := newRelay(options(to(sink)), newBench(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := r.CheckPassword(t.Context(), "anna", "s3cret"); err != nil {
		t.Error(err)
	}
	for _, wrong := range []string{"guess", ""} {
		if err := r.CheckPassword(t.Context(), "anna", wrong); !errors.Is(err, ErrPassword) {
			t.Errorf("password %q: %v", wrong, err)
		}
	}
	sink.Close()
	if err := r.CheckPassword(t.Context(), "anna", "s3cret"); err == nil || errors.Is(err, ErrPassword) {
		t.Errorf("with nobody to ask: %v", err)
	}
}

func TestALargeMessageCostsLittleMemory(t *testing.T) {
	sink := smtptest.Start(t, smtptest.Config{Discard: true})
	b := newBench(t)
	start(t, b, options(to(sink)))
	const size = 50 << 20
	var peak atomic.Uint64
	m := message(func(m *queue.Message) { m.Size = size }, "bob@there.test")
	b.bodies[m.ID] = func() io.Reader {
		return &watched{r: io.LimitReader(&lines{}, size), peak: &peak}
	}
	var before runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	b.put(m)
	same(t, "states", states(b.wait(1)[0]), queue.Sent)
	if grown := int64(peak.Load()) - int64(before.HeapAlloc); grown > 4<<20 {
		t.Errorf("50 MB cost %d KiB of heap", grown>>10)
	}
}

// lines reads as endless lines of 64 octets.
type lines struct{ at int }

func (l *lines) Read(p []byte) (int, error) {
	const line = "01234567890123456789012345678901234567890123456789012345678901\r\n"
	for n := range p {
		p[n] = line[l.at%len(line)]
		l.at++
	}
	return len(p), nil
}

// watched looks at the heap now and then.
type watched struct {
	r    io.Reader
	n    int
	peak *atomic.Uint64
}

func (w *watched) Read(p []byte) (int, error) {
	if w.n++; w.n%100 == 0 {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		w.peak.Store(max(w.peak.Load(), m.HeapAlloc))
	}
	return w.r.Read(p)
}

// A server that refuses the text says nothing about the address, whichever code it
// has for it.
func TestARefusedTextIsNoRefusedRecipient(t *testing.T) {
	for _, stage := range []smtptest.Stage{smtptest.Mail, smtptest.Data, smtptest.Dot} {
		sink := smtptest.Start(t, smtptest.Config{Script: smtptest.At(stage, smtptest.Action{Reply: "550 5.1.1 nobody wants this"})})
		b := newBench(t)
		start(t, b, options(to(sink)))
		b.put(message(nil, "bob@there.test"))
		e := b.wait(1)[0]
		same(t, "states", states(e), queue.Failed)
		if e.results[0].Refused {
			t.Errorf("refused at %v: %+v", stage, e.results[0])
		}
	}
}
