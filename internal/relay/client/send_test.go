package client_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/netip"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"belay/internal/relay/client"
	"belay/internal/relay/smtptest"
)

// open opens a session with the sink.
func open(t *testing.T, s *smtptest.Server, change func(*client.Config)) *client.Conn {
	t.Helper()
	c, err := try(t, s, change)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func try(t *testing.T, s *smtptest.Server, change func(*client.Config)) (*client.Conn, error) {
	t.Helper()
	cfg := client.Config{Host: s.Host(), Port: s.Port(), Helo: "belay.test"}
	if change != nil {
		change(&cfg)
	}
	c, err := client.Open(t.Context(), cfg)
	if err == nil {
		t.Cleanup(c.Close)
	}
	return c, err
}

func to(addresses ...string) []client.To {
	var all []client.To
	for _, a := range addresses {
		all = append(all, client.To{Address: a})
	}
	return all
}

func codes(o client.Outcome) []int {
	var all []int
	for _, r := range o.Replies {
		all = append(all, r.Code)
	}
	return all
}

func sameCodes(t *testing.T, o client.Outcome, want ...int) {
	t.Helper()
	got := codes(o)
	for i := range want {
		if len(got) != len(want) || got[i] != want[i] {
			t.Fatalf("replies %v (%+v), want %v; error %v", got, o.Replies, want, o.Err)
		}
	}
}

const body = "Subject: a test\r\n\r\n.one\r\n..two\r\n.\r\nend\r\n"

// each runs a story with and without PIPELINING: what the server says must
// come to the same.
func each(t *testing.T, story func(t *testing.T, extensions []string)) {
	t.Run("pipelined", func(t *testing.T) { story(t, smtptest.Everything) })
	t.Run("one by one", func(t *testing.T) { story(t, smtptest.Everything[1:]) })
}

func TestP4_DotsSurviveAndNothingElseChanges(t *testing.T) {
	each(t, func(t *testing.T, extensions []string) {
		s := smtptest.Start(t, smtptest.Config{Extensions: extensions})
		c := open(t, s, nil)
		bodies := []string{body, "", "x\r\n", ".\r\n", strings.Repeat(".\r\n", 50_000), strings.Repeat("\r\n.", 40_000) + "\r\n",
			"\xff\x00 odd octets \x80\r\n", "bare \n.\n lf\r\n", strings.Repeat("a", 32<<10-1) + "\r\n.b\r\n", strings.Repeat("a", 32<<10-2) + "\r\n.b\r\n"}
		for _, b := range bodies {
			o := c.Send(t.Context(), &client.Mail{From: "a@own.test", To: to("b@there.test"), Body: strings.NewReader(b)})
			sameCodes(t, o, 250)
		}
		for i, m := range s.Wait(t, len(bodies)) {
			if string(m.Data) != bodies[i] {
				t.Errorf("body %d changed on the way: %d octets came, %d were sent", i, len(m.Data), len(bodies[i]))
			}
		}
		if s.Connections() != 1 {
			t.Errorf("%d connections for one session", s.Connections())
		}
	})
}

func TestABodyComesThroughWholeHoweverItIsRead(t *testing.T) {
	s := smtptest.Start(t, smtptest.Config{})
	c := open(t, s, nil)
	c.Send(t.Context(), &client.Mail{To: to("b@there.test"), Body: iotest.OneByteReader(strings.NewReader(body))})
	if got := s.Wait(t, 1)[0]; string(got.Data) != body || got.From != "" {
		t.Errorf("came as %q from %q", got.Data, got.From)
	}
}

func TestEveryRecipientGetsItsOwnAnswer(t *testing.T) {
	each(t, func(t *testing.T, extensions []string) {
		s := smtptest.Start(t, smtptest.Config{Extensions: extensions, Script: smtptest.Refuse(map[string]string{
			"two@there.test":   "550 5.1.1 no such\n550 5.1.1 mailbox",
			"three@there.test": "450 4.2.1 later",
		})})
		c := open(t, s, nil)
		o := c.Send(t.Context(), &client.Mail{From: "a@own.test", Body: strings.NewReader(body),
			To: to("one@there.test", "two@there.test", "three@there.test")})
		sameCodes(t, o, 250, 550, 450)
		if r := o.Replies[1]; r.Enhanced != "5.1.1" || r.Text != "no such mailbox" {
			t.Errorf("the refusal reads %+v", r)
		}
		if got := s.Wait(t, 1)[0].To(); len(got) != 1 || got[0] != "one@there.test" {
			t.Errorf("delivered to %q", got)
		}
	})
}

func TestRefusalsAtEveryStage(t *testing.T) {
	stages := map[string]struct {
		script   func(smtptest.Step) smtptest.Action
		want     []int
		messages int
	}{
		"mail 5xx":      {smtptest.At(smtptest.Mail, smtptest.Action{Reply: "553 5.1.8 who are you"}), []int{553, 553}, 0},
		"mail 4xx":      {smtptest.At(smtptest.Mail, smtptest.Action{Reply: "451 4.3.0 later"}), []int{451, 451}, 0},
		"all rcpt":      {smtptest.At(smtptest.Rcpt, smtptest.Action{Reply: "550 5.1.1 nobody"}), []int{550, 550}, 0},
		"data 4xx":      {smtptest.At(smtptest.Data, smtptest.Action{Reply: "451 4.3.0 no room"}), []int{451, 451}, 0},
		"data 5xx":      {smtptest.At(smtptest.Data, smtptest.Action{Reply: "554 5.7.1 no"}), []int{554, 554}, 0},
		"dot 5xx":       {smtptest.At(smtptest.Dot, smtptest.Action{Reply: "554 5.6.0 not this one"}), []int{554, 554}, 0},
		"dot 4xx":       {smtptest.At(smtptest.Dot, smtptest.Action{Reply: "452 4.3.1 disk full"}), []int{452, 452}, 0},
		"mail 421":      {smtptest.At(smtptest.Mail, smtptest.Action{Reply: "421 4.3.2 going down", Hangup: true}), []int{421, 421}, 0},
		"dot 421":       {smtptest.At(smtptest.Dot, smtptest.Action{Reply: "421 4.3.2 going down", Hangup: true}), []int{421, 421}, 0},
		"one rcpt, 421": {rcptThen421, []int{550, 421}, 0},
	}
	for name, stage := range stages {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, extensions []string) {
				s := smtptest.Start(t, smtptest.Config{Extensions: extensions, Script: smtptest.First(1, stage.script)})
				c := open(t, s, nil)
				o := c.Send(t.Context(), &client.Mail{From: "a@own.test", To: to("one@there.test", "two@there.test"), Body: strings.NewReader(body)})
				sameCodes(t, o, stage.want...)
				if o.Unknown {
					t.Error("an answer came, yet the outcome is called unknown")
				}
				if s.Accepted() != stage.messages {
					t.Errorf("%d messages were accepted", s.Accepted())
				}
				if has421 := o.Replies[1].Code == 421; c.Usable() == has421 {
					t.Errorf("usable after %d: %t", o.Replies[1].Code, c.Usable())
				}
			})
		})
	}
}

func rcptThen421(s smtptest.Step) smtptest.Action {
	switch {
	case s.Stage == smtptest.Rcpt && s.Address == "one@there.test":
		return smtptest.Action{Reply: "550 5.1.1 no"}
	case s.Stage == smtptest.Rcpt:
		return smtptest.Action{Reply: "421 4.3.2 bye", Hangup: true}
	}
	return smtptest.Action{}
}

func TestAfterARefusalTheSessionGoesOn(t *testing.T) {
	each(t, func(t *testing.T, extensions []string) {
		for _, stage := range []smtptest.Stage{smtptest.Mail, smtptest.Rcpt, smtptest.Data, smtptest.Dot} {
			s := smtptest.Start(t, smtptest.Config{Extensions: extensions, Script: func(st smtptest.Step) smtptest.Action {
				if st.Stage == stage && st.Transaction == 1 {
					return smtptest.Action{Reply: "554 5.7.1 not this one"}
				}
				return smtptest.Action{}
			}})
			c := open(t, s, nil)
			send := func() client.Outcome {
				return c.Send(t.Context(), &client.Mail{From: "a@own.test", To: to("b@there.test"), Body: strings.NewReader(body)})
			}
			sameCodes(t, send(), 554)
			sameCodes(t, send(), 250)
			if s.Connections() != 1 {
				t.Errorf("refused at %s: %d connections were used", stage, s.Connections())
			}
		}
	})
}

func TestAServerThatWantsDataForNobodyGetsNoMessage(t *testing.T) {
	s := smtptest.Start(t, smtptest.Config{Script: func(st smtptest.Step) smtptest.Action {
		switch {
		case st.Stage == smtptest.Rcpt && st.Transaction == 1:
			return smtptest.Action{Reply: "550 5.1.1 no"}
		case st.Stage == smtptest.Data:
			return smtptest.Action{Reply: "354 go on"}
		case st.Stage == smtptest.Dot && st.Transaction == 1:
			return smtptest.Action{Reply: "554 5.5.1 nobody"}
		}
		return smtptest.Action{}
	}})
	c := open(t, s, nil)
	mail := func() *client.Mail { return &client.Mail{To: to("b@there.test"), Body: strings.NewReader(body)} }
	sameCodes(t, c.Send(t.Context(), mail()), 550)
	sameCodes(t, c.Send(t.Context(), mail()), 250)
	if first := s.Transactions()[0]; first.Size != 0 {
		t.Errorf("%d octets were sent to nobody", first.Size)
	}
}

func TestP3_LostBehindTheFinalDotIsUnknown(t *testing.T) {
	each(t, func(t *testing.T, extensions []string) {
		s := smtptest.Start(t, smtptest.Config{Extensions: extensions, Script: func(st smtptest.Step) smtptest.Action {
			switch {
			case st.Stage == smtptest.Dot:
				return smtptest.Action{Drop: true}
			case st.Address == "no@there.test":
				return smtptest.Action{Reply: "550 5.1.1 no"}
			}
			return smtptest.Action{}
		}})
		c := open(t, s, nil)
		o := c.Send(t.Context(), &client.Mail{To: to("no@there.test", "b@there.test"), Body: strings.NewReader(body)})
		sameCodes(t, o, 550, 0)
		if !o.Unknown || o.Err == nil || c.Usable() {
			t.Errorf("unknown %t, error %v, usable %t", o.Unknown, o.Err, c.Usable())
		}
	})
}

func TestLostBeforeTheFinalDotIsNotDelivered(t *testing.T) {
	drops := map[string]func(smtptest.Step) smtptest.Action{
		"mail": smtptest.At(smtptest.Mail, smtptest.Action{Drop: true}),
		"rcpt": smtptest.At(smtptest.Rcpt, smtptest.Action{Drop: true}),
		"data": smtptest.At(smtptest.Data, smtptest.Action{Drop: true}),
		"body": smtptest.At(smtptest.Data, smtptest.Action{DropAt: 1000}),
	}
	for name, script := range drops {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, extensions []string) {
				s := smtptest.Start(t, smtptest.Config{Extensions: extensions, Script: script})
				c := open(t, s, nil)
				long := io.MultiReader(strings.NewReader(strings.Repeat("0123456789\r\n", 1<<20)), strings.NewReader(body))
				o := c.Send(t.Context(), &client.Mail{To: to("b@there.test"), Body: long})
				sameCodes(t, o, 0)
				if o.Unknown || o.Err == nil || o.Stale {
					t.Errorf("unknown %t, stale %t, error %v", o.Unknown, o.Stale, o.Err)
				}
			})
		})
	}
}

func TestAConnectionThatIdledTooLongIsStale(t *testing.T) {
	for name, act := range map[string]smtptest.Action{
		"gone": {Drop: true}, "421": {Reply: "421 4.4.2 idle too long", Hangup: true},
	} {
		t.Run(name, func(t *testing.T) {
			s := smtptest.Start(t, smtptest.Config{Script: func(st smtptest.Step) smtptest.Action {
				if st.Stage == smtptest.Mail && st.Transaction == 2 {
					return act
				}
				return smtptest.Action{}
			}})
			c := open(t, s, nil)
			mail := func() *client.Mail { return &client.Mail{To: to("b@there.test"), Body: strings.NewReader(body)} }
			sameCodes(t, c.Send(t.Context(), mail()), 250)
			o := c.Send(t.Context(), mail())
			sameCodes(t, o, 0)
			if !o.Stale || o.Unknown {
				t.Errorf("stale %t, unknown %t (%v)", o.Stale, o.Unknown, o.Err)
			}
		})
	}
}

func TestP2_FencedBeforeDataNothingIsSent(t *testing.T) {
	each(t, func(t *testing.T, extensions []string) {
		s := smtptest.Start(t, smtptest.Config{Extensions: extensions})
		c := open(t, s, nil)
		fenced := errors.New("the lease ran out")
		o := c.Send(t.Context(), &client.Mail{To: to("b@there.test"), Body: strings.NewReader(body), Fence: func() error { return fenced }})
		sameCodes(t, o, 0)
		if !errors.Is(o.Err, fenced) || o.Unknown {
			t.Errorf("error %v, unknown %t", o.Err, o.Unknown)
		}
		s.Close()
		for _, tr := range s.Transactions() {
			if tr.Began {
				t.Error("DATA was sent after the fence had failed")
			}
		}
	})
}

func TestP2_FencedInTheMiddleTheDotIsNotSent(t *testing.T) {
	each(t, func(t *testing.T, extensions []string) {
		s := smtptest.Start(t, smtptest.Config{Extensions: extensions})
		c := open(t, s, nil)
		asked := 0
		o := c.Send(t.Context(), &client.Mail{To: to("b@there.test"), Body: strings.NewReader(body), Fence: func() error {
			if asked++; asked == 2 {
				return errors.New("the lease ran out")
			}
			return nil
		}})
		sameCodes(t, o, 0)
		s.Close()
		if tr := s.Transactions()[0]; tr.Complete || tr.Accepted || o.Unknown {
			t.Errorf("complete %t, accepted %t, unknown %t", tr.Complete, tr.Accepted, o.Unknown)
		}
	})
}

func TestABodyThatCannotBeReadIsNeverSentHalf(t *testing.T) {
	broken := errors.New("piece 3 is broken")
	for name, b := range map[string]io.Reader{
		"at once": iotest.ErrReader(broken),
		"later":   io.MultiReader(strings.NewReader(strings.Repeat("0123456789\r\n", 10_000)), iotest.ErrReader(broken)),
		"no end":  strings.NewReader("Subject: x\r\n\r\nno line end"),
	} {
		t.Run(name, func(t *testing.T) {
			s := smtptest.Start(t, smtptest.Config{})
			c := open(t, s, nil)
			o := c.Send(t.Context(), &client.Mail{To: to("b@there.test"), Body: b})
			sameCodes(t, o, 0)
			if !errors.Is(o.Err, broken) && !errors.Is(o.Err, client.ErrUnfinished) || o.Unknown {
				t.Errorf("error %v, unknown %t", o.Err, o.Unknown)
			}
			s.Close()
			for _, tr := range s.Transactions() {
				if tr.Complete {
					t.Error("the message was ended with a dot")
				}
			}
		})
	}
}

func TestAddressesCannotSmuggleCommands(t *testing.T) {
	s := smtptest.Start(t, smtptest.Config{})
	c := open(t, s, nil)
	o := c.Send(t.Context(), &client.Mail{To: to("b@there.test>\r\nRCPT TO:<c@there.test"), Body: strings.NewReader(body)})
	if sameCodes(t, o, 0); o.Err == nil {
		t.Error("it was sent")
	}
}

func TestManyRecipientsDoNotBlockEachOther(t *testing.T) {
	s := smtptest.Start(t, smtptest.Config{})
	c := open(t, s, nil)
	var all []client.To
	for range 1000 {
		all = append(all, client.To{Address: strings.Repeat("x", 200) + "@there.test"})
	}
	o := c.Send(t.Context(), &client.Mail{To: all, Body: strings.NewReader(body)})
	if o.Err != nil || len(s.Wait(t, 1)[0].To()) != 1000 {
		t.Errorf("%v", o.Err)
	}
}

func TestACancelledSendCutsTheConnection(t *testing.T) {
	reached := make(chan struct{})
	s := smtptest.Start(t, smtptest.Config{Script: func(st smtptest.Step) smtptest.Action {
		if st.Stage == smtptest.Data {
			close(reached)
			return smtptest.Action{Wait: make(chan struct{})}
		}
		return smtptest.Action{}
	}})
	c := open(t, s, nil)
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-reached; cancel() }()
	o := c.Send(ctx, &client.Mail{To: to("b@there.test"), Body: strings.NewReader(body)})
	if sameCodes(t, o, 0); !errors.Is(o.Err, context.Canceled) || o.Unknown {
		t.Errorf("error %v, unknown %t", o.Err, o.Unknown)
	}
}

func TestLargeBodiesStream(t *testing.T) {
	s := smtptest.Start(t, smtptest.Config{Discard: true})
	c := open(t, s, nil)
	const size = 50 << 20
	line := []byte(strings.Repeat("x", 76) + "\r\n")
	allocated := testing.AllocsPerRun(1, func() {
		o := c.Send(t.Context(), &client.Mail{To: to("b@there.test"), Body: &repeated{line: line, left: size / len(line)}})
		sameCodes(t, o, 250)
	})
	if allocated > 500 {
		t.Errorf("50 MB cost %.0f allocations: it does not stream", allocated)
	}
}

// repeated reads as the same line many times.
type repeated struct {
	line []byte
	left int
	rest []byte
}

func (r *repeated) Read(p []byte) (n int, err error) {
	for n < len(p) {
		if len(r.rest) == 0 {
			if r.left == 0 {
				return n, io.EOF
			}
			r.left--
			r.rest = r.line
		}
		k := copy(p[n:], r.rest)
		r.rest, n = r.rest[k:], n+k
	}
	return n, nil
}

func TestOurselvesAreRecognised(t *testing.T) {
	s := smtptest.Start(t, smtptest.Config{Hostname: "belay.test"})
	_, err := try(t, s, func(cfg *client.Config) {
		cfg.Check = func(remote netip.AddrPort, banner, name string) error {
			if remote == s.Addr() && name == "belay.test" && strings.HasPrefix(banner, "belay.test") {
				return client.ErrLoop
			}
			return nil
		}
	})
	if !errors.Is(err, client.ErrLoop) {
		t.Errorf("error %v", err)
	}
}

func TestASlowServerRunsOutOfTime(t *testing.T) {
	s := smtptest.Start(t, smtptest.Config{Script: smtptest.At(smtptest.Dot, smtptest.Action{Wait: make(chan struct{})})})
	c := open(t, s, func(cfg *client.Config) { cfg.Timeouts.Dot = 20 * time.Millisecond })
	o := c.Send(t.Context(), &client.Mail{To: to("b@there.test"), Body: bytes.NewReader([]byte(body))})
	if sameCodes(t, o, 0); !o.Unknown {
		t.Errorf("silence behind the dot is no answer: %+v", o)
	}
}
