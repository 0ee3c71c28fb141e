package relay

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/mail"
	"strings"
	"sync/atomic"
	"testing"
	"testing/iotest"
	"time"

	"belay/internal/locale"
	"belay/internal/queue"
	"belay/internal/relay/dsn"
	"belay/internal/relay/smtptest"
)

// with changes the envelope's first recipient.
func with(notify, orcpt string) func(*queue.Message) {
	return func(m *queue.Message) {
		m.Envelope.Recipients[0].Notify, m.Envelope.Recipients[0].ORcpt = notify, orcpt
	}
}

func TestDSNParametersArePassedOnWhereTheyAreKnown(t *testing.T) {
	sink := smtptest.Start(t, smtptest.Config{})
	b := newBench(t)
	start(t, b, options(to(sink)))
	b.put(message(func(m *queue.Message) {
		with("SUCCESS,DELAY", "rfc822;bob+2Bx@there.test")(m)
		m.Envelope.Ret, m.Envelope.EnvID = "HDRS", "QQ+2B314"
	}, "bob@there.test", "eve@there.test"))
	e := b.wait(1)[0]
	m := sink.Wait(t, 1)[0]
	holds(t, strings.Join(m.Params, " "), "RET=HDRS", "ENVID=QQ+2B314", "SIZE=")
	same(t, "params", m.Recipients[0].Params, "NOTIFY=SUCCESS,DELAY", "ORCPT=rfc822;bob+2Bx@there.test")
	same(t, "params", m.Recipients[1].Params)
	if len(e.notices) != 0 {
		t.Errorf("belay wrote %d notices itself", len(e.notices))
	}
}

func TestWithoutDSNUpstreamTheSenderHearsThatItWasPassedOn(t *testing.T) {
	sink := smtptest.Start(t, smtptest.Config{Extensions: []string{"PIPELINING", "8BITMIME"}})
	b := newBench(t)
	start(t, b, options(to(sink)))
	b.put(message(func(m *queue.Message) {
		with("SUCCESS", "rfc822;robert@there.test")(m)
		m.Envelope.Ret, m.Envelope.EnvID = "FULL", "QQ314"
	}, "bob@there.test", "eve@there.test"))
	e := b.wait(1)[0]
	m := sink.Wait(t, 1)[0]
	same(t, "params of MAIL", m.Params)
	same(t, "params of RCPT", m.Recipients[0].Params)
	if len(e.notices) != 1 {
		t.Fatalf("%d notices", len(e.notices))
	}
	text := e.notices[0].text
	holds(t, text, "Action: relayed\r\n", "Status: 2.0.0\r\n", "Original-Envelope-Id: QQ314\r\n",
		"Original-Recipient: rfc822; robert@there.test\r\n", "Final-Recipient: rfc822; bob@there.test\r\n", "text/rfc822-headers")
	if strings.Contains(text, "eve@there.test") || strings.Contains(text, "Hello") {
		t.Error("the notice tells more than was asked for")
	}
}

func TestP3_FailuresReachSomebody(t *testing.T) {
	refused := smtptest.At(smtptest.Rcpt, smtptest.Action{Reply: "550 5.1.1 no such user"})
	sink := smtptest.Start(t, smtptest.Config{Script: refused})
	for name, test := range map[string]struct {
		change     func(*queue.Message)
		to         string
		postmaster string
		want       string // who is told; "" nobody
	}{
		"the sender":                 {change: nil, want: "anna@own.test"},
		"asked for failures":         {change: with("DELAY,FAILURE", ""), want: "anna@own.test"},
		"asked for none":             {change: with("NEVER", ""), postmaster: "pm@own.test", want: "pm@own.test"},
		"asked for successes":        {change: with("SUCCESS", ""), postmaster: "pm@own.test", want: "pm@own.test"},
		"null reverse-path":          {change: nobody, postmaster: "pm@own.test", want: "pm@own.test"},
		"null, no postmaster":        {change: nobody},
		"mail to the postmaster":     {change: nobody, to: "PM@own.test", postmaster: "pm@own.test"},
		"a person to the postmaster": {to: "pm@own.test", postmaster: "pm@own.test", want: "anna@own.test"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			o := options(to(sink))
			o.Postmaster = test.postmaster
			start(t, b, o)
			recipient := test.to
			if recipient == "" {
				recipient = "bob@there.test"
			}
			b.put(message(test.change, recipient))
			e := b.wait(1)[0]
			same(t, "states", states(e), queue.Failed)
			var told []string
			for _, n := range e.notices {
				told = append(told, n.Envelope.Recipients[0].Address)
				if n.Envelope.ReversePath != "" || n.Listener != "belay" || n.Deliveries[0].State != queue.Ready {
					t.Errorf("the notice is %+v", n.Message)
				}
			}
			if strings.Join(told, " ") != test.want {
				t.Errorf("told %q, want %q", told, test.want)
			}
		})
	}
}

func nobody(m *queue.Message) { m.Envelope.ReversePath = "" }

func TestP4_WhatCannotGoUnchangedIsReturned(t *testing.T) {
	size := fmt.Sprintf("SIZE=%d", len(letter)+len(message(nil).Trace))
	tests := map[string]struct {
		offered string // comma separated
		change  func(*queue.Message)
		to      string
		want    string // status; "" is sent
		params  string // of MAIL
	}{
		"8-bit, offered":        {"8BITMIME", func(m *queue.Message) { m.EightBit = true }, "b@there.test", "", "BODY=8BITMIME"},
		"8-bit, not offered":    {"SMTPUTF8", func(m *queue.Message) { m.EightBit = true }, "b@there.test", "5.6.3", ""},
		"declared 8-bit only":   {"PIPELINING", func(m *queue.Message) { m.Envelope.Body = "8BITMIME" }, "b@there.test", "", ""},
		"address, offered":      {"SMTPUTF8", nil, "böb@there.test", "", "SMTPUTF8"},
		"address, not offered":  {"8BITMIME", nil, "böb@there.test", "5.6.7", ""},
		"header, not offered":   {"8BITMIME", func(m *queue.Message) { m.EightBit, m.UTF8Head, m.Envelope.SMTPUTF8 = true, true, true }, "b@there.test", "5.6.7", ""},
		"declared UTF-8 only":   {"8BITMIME", func(m *queue.Message) { m.Envelope.SMTPUTF8 = true }, "b@there.test", "", ""},
		"raw header, old habit": {"8BITMIME", func(m *queue.Message) { m.EightBit, m.UTF8Head = true, true }, "b@there.test", "", "BODY=8BITMIME"},
		"too large":             {"SIZE 100", func(m *queue.Message) { m.Size = 101 }, "b@there.test", "5.3.4", ""},
		"size without limit":    {"SIZE", nil, "b@there.test", "", size},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			sink := smtptest.Start(t, smtptest.Config{Extensions: strings.Split(test.offered, ",")})
			b := newBench(t)
			start(t, b, options(to(sink)))
			b.put(message(test.change, test.to))
			r := b.wait(1)[0].results[0]
			if test.want != "" {
				if r.State != queue.Failed || r.Reply.Enhanced != test.want || sink.Accepted() != 0 {
					t.Errorf("recorded as %+v, %d accepted", r, sink.Accepted())
				}
				return
			}
			if r.State != queue.Sent {
				t.Fatalf("recorded as %+v", r)
			}
			if got := strings.Join(sink.Messages()[0].Params, " "); got != test.params {
				t.Errorf("MAIL had %q, want %q", got, test.params)
			}
		})
	}
}

func TestP4_AnotherUpstreamMayBeAbleTo(t *testing.T) {
	poor := smtptest.Start(t, smtptest.Config{Extensions: []string{"PIPELINING"}})
	rich := smtptest.Start(t, smtptest.Config{})
	b := newBench(t)
	spare := to(rich)
	spare.Priority = 1
	r, _ := start(t, b, options(to(poor), spare))
	b.put(message(func(m *queue.Message) { m.EightBit = true }, "bob@there.test", "böb@there.test"))
	same(t, "states", states(b.wait(1)[0]), queue.Sent, queue.Sent)
	if poor.Accepted() != 0 || rich.Accepted() != 1 {
		t.Errorf("%d went to the poor one", poor.Accepted())
	}
	if c := r.Capabilities(); c.EightBitMIME || c.SMTPUTF8 || c.DSN || c.Size != 104857600 {
		t.Errorf("not every upstream has %+v", c)
	}
}

func TestCapabilitiesAreKnownBeforeTheFirstMessage(t *testing.T) {
	sink := smtptest.Start(t, smtptest.Config{})
	r, err := newRelay(options(to(sink)), newBench(t))
	must(t, err)
	if c := r.Capabilities(); c.EightBitMIME {
		t.Error("8BITMIME of a server that nobody has asked")
	}
	must(t, r.Probe(t.Context())[0])
	if c := r.Capabilities(); !c.EightBitMIME || !c.SMTPUTF8 || !c.DSN {
		t.Errorf("%+v", c)
	}
}

// tried makes the record of earlier attempts, so long ago each.
func tried(now time.Time, ago ...time.Duration) []queue.Attempt {
	var all []queue.Attempt
	for _, d := range ago {
		all = append(all, queue.Attempt{Started: now.Add(-d), Ended: now.Add(-d), Reply: queue.Reply{Code: 451}})
	}
	return all
}

func TestSendersAreToldOnceThatMailIsLate(t *testing.T) {
	const h = time.Hour
	now := time.Now().UTC()
	unknown := tried(now, 10*h, 5*h)
	unknown[1].Reply.Code = 0
	for name, test := range map[string]struct {
		earlier []queue.Attempt
		change  func(*queue.Message)
		want    bool
	}{
		"the first attempt":          {nil, nil, false},
		"held for days before it":    {nil, func(m *queue.Message) { m.Received = now.Add(-72 * h) }, false},
		"after three hours":          {tried(now, 3*h, 2*h), nil, false},
		"after four":                 {tried(now, 4*h+time.Minute, 3*h), nil, true},
		"again":                      {tried(now, 6*h, time.Hour), nil, false},
		"the one before was unknown": {unknown, nil, true},
		"not wanted":                 {tried(now, 5*h), with("FAILURE", ""), false},
		"wanted":                     {tried(now, 5*h), with("DELAY", ""), true},
		"never":                      {tried(now, 5*h), with("NEVER", ""), false},
		"nobody to tell":             {tried(now, 5*h), nobody, false},
	} {
		t.Run(name, func(t *testing.T) {
			sink := smtptest.Start(t, smtptest.Config{Script: smtptest.At(smtptest.Rcpt, smtptest.Action{Reply: "450 4.2.1 later"})})
			b := newBench(t)
			start(t, b, options(to(sink)))
			b.put(message(test.change, "bob@there.test"), test.earlier...)
			e := b.wait(1)[0]
			same(t, "states", states(e), queue.Deferred)
			if got := len(e.notices) == 1; got != test.want {
				t.Fatalf("%d notices", len(e.notices))
			}
			if test.want {
				holds(t, e.notices[0].text, "Action: delayed\r\n", "Status: 4.2.1\r\n", "Will-Retry-Until: ", "You need not do anything")
			}
		})
	}
}

func TestAfterFiveDaysBelayGivesUp(t *testing.T) {
	sink := smtptest.Start(t, smtptest.Config{Script: smtptest.At(smtptest.Rcpt, smtptest.Action{Reply: "450 4.2.1 later"})})
	b := newBench(t)
	start(t, b, options(to(sink)))
	now := time.Now()
	b.put(message(nil, "bob@there.test"), tried(now, 5*24*time.Hour+time.Second, time.Hour)...)
	e := b.wait(1)[0]
	same(t, "states", states(e), queue.Failed)
	if r := e.results[0].Reply; r.Enhanced != "5.4.7" || !strings.Contains(r.Text, "given up after 5 days; last: 450 4.2.1 later") {
		t.Errorf("recorded as %+v", r)
	}
	holds(t, e.notices[0].text, "Status: 5.4.7\r\n", "Action: failed\r\n")
}

func TestTheLastAttemptIsMadeWhenTheTimeIsOver(t *testing.T) {
	r, err := newRelay(options(), newBench(t))
	must(t, err)
	now := time.Now().UTC()
	b := newBench(t)
	job := b.put(message(nil, "bob@there.test"), tried(now, 5*24*time.Hour-10*time.Minute, time.Hour, time.Hour, time.Hour, time.Hour, time.Hour, time.Hour, time.Hour)...)
	job.Started = now
	a := &attempt{r: r, ctx: t.Context(), job: job, verdict: []verdict{{state: queue.Deferred, reply: queue.Reply{Code: 450}}}}
	if next := a.results(now)[0].Next; !next.Equal(now.Add(10 * time.Minute)) {
		t.Errorf("the next attempt is in %s, want in 10m", next.Sub(now))
	}
}

func TestPausesGrowAndDiffer(t *testing.T) {
	retry := Retry{First: time.Minute, Max: time.Hour}
	for tries, middle := range map[int]time.Duration{1: 1, 2: 2, 3: 4, 6: 32, 7: 60, 200: 60} {
		middle *= time.Minute
		seen := map[time.Duration]bool{}
		for range 50 {
			p := retry.pause(tries)
			if p < middle*8/10 || p > middle*12/10 {
				t.Errorf("after %d attempts %s, want about %s", tries, p, middle)
			}
			seen[p] = true
		}
		if len(seen) < 40 {
			t.Errorf("after %d attempts there are only %d different pauses", tries, len(seen))
		}
	}
}

func TestTheRealQueueKeepsBouncesAndOutcomes(t *testing.T) {
	sink := smtptest.Start(t, smtptest.Config{Script: smtptest.Refuse(map[string]string{"no@there.test": "550 5.1.1 no such user"})})
	q := stored(t)
	o := options(to(sink))
	o.Queue = q
	r, err := New(o)
	must(t, err)
	m := message(nil, "yes@there.test", "no@there.test")
	accept(t, q, m, letter)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { r.Run(ctx); close(done) }()
	got := sink.Wait(t, 2) // the message, and the bounce about it
	cancel()
	<-done
	kept, err := q.Get(t.Context(), m.ID)
	must(t, err)
	same(t, "states", []queue.State{kept.Deliveries[0].State, kept.Deliveries[1].State}, queue.Sent, queue.Failed)
	if last := kept.Deliveries[1].Last; last.Enhanced != "5.1.1" {
		t.Errorf("kept as %+v", last)
	}
	bounce := got[1]
	if bounce.From != "" || bounce.To()[0] != "anna@own.test" {
		t.Errorf("the bounce went from %q to %q", bounce.From, bounce.To())
	}
	parsed, err := mail.ReadMessage(strings.NewReader(string(bounce.Data)))
	must(t, err)
	if parsed.Header.Get("Content-Type") == "" || parsed.Header.Get("Received") != "" {
		t.Errorf("header %v", parsed.Header)
	}
	body, _ := io.ReadAll(parsed.Body)
	holds(t, string(body), letter)
}

func TestAFailingNoticeDoesNotLoseTheOutcome(t *testing.T) {
	// The body cannot be read any more when the bounce is written.
	words, err := locale.Load(dsn.Words())
	must(t, err)
	r := &dsn.Report{Languages: dsn.Languages(words, words.For("en")), Kind: dsn.Failed, Host: "belay.test", To: "anna@own.test", MessageID: "x@y",
		Original:   dsn.Original{Open: func() (io.ReadCloser, error) { return nil, io.ErrUnexpectedEOF }},
		Recipients: []dsn.Recipient{{Address: "bob@there.test"}}}
	var text strings.Builder
	must(t, r.Write(&text))
	holds(t, text.String(), "Final-Recipient: rfc822; bob@there.test")
}

func TestP3_AMessageThatCannotBeReadIsReturnedWithoutItself(t *testing.T) {
	sink := smtptest.Start(t, smtptest.Config{Script: smtptest.Refuse(map[string]string{"bob@there.test": "550 5.1.1 no such user"})})
	b := newBench(t)
	m := message(nil, "bob@there.test")
	var opened atomic.Int32
	b.bodies[m.ID] = func() io.Reader {
		if opened.Add(1) == 1 { // to be sent
			return strings.NewReader(letter)
		}
		return io.MultiReader(strings.NewReader(letter[:20]), iotest.ErrReader(errors.New("damaged")))
	}
	start(t, b, options(to(sink)))
	b.put(m)
	e := b.wait(1)[0]
	same(t, "states", states(e), queue.Failed)
	if len(e.notices) != 1 {
		t.Fatalf("%d notices", len(e.notices))
	}
	holds(t, e.notices[0].text, "Final-Recipient: rfc822; bob@there.test", "550 5.1.1 no such user")
}

func TestP9_NoticesSpeakTheSendersLanguage(t *testing.T) {
	const polish = "From: Anna <anna@own.test>\r\nDate: Mon, 9 Mar 2026 12:00:00 +0100\r\nSubject: =?utf-8?q?Oferta_na_=C5=BCagle?=\r\n" +
		"Content-Type: text/plain; charset=utf-8\r\n%s\r\nDzień dobry, przesyłam ofertę na nowe żagle i proszę o szybką odpowiedź.\r\n"
	for name, test := range map[string]struct {
		head   string // further fields
		change func(*queue.Message)
		want   string // the beginning of the subject
	}{
		"that of the text":            {"", nil, "Nie doręczono: "},
		"that of the header":          {"Content-Language: es\r\n", nil, "No entregado: "},
		"that of the program":         {"Accept-Language: it-IT, en;q=0.5\r\n", nil, "Non consegnato: "},
		"the postmaster's is the set": {"", nobody, "Kan ikke leveres, og ingen å si fra til: "},
	} {
		t.Run(name, func(t *testing.T) {
			sink := smtptest.Start(t, smtptest.Config{Extensions: []string{"PIPELINING"},
				Script: smtptest.Refuse(map[string]string{"bob@there.test": "550 5.1.1 no such user"})})
			b := newBench(t)
			m := message(test.change, "bob@there.test")
			m.Subject = "Oferta na żagle"
			b.bodies[m.ID] = func() io.Reader { return strings.NewReader(fmt.Sprintf(polish, test.head)) }
			o := options(to(sink))
			o.Language = "nb"
			start(t, b, o)
			b.put(m)
			e := b.wait(1)[0]
			if len(e.notices) != 1 {
				t.Fatalf("%d notices", len(e.notices))
			}
			n := e.notices[0]
			if n.Subject != test.want+"Oferta na żagle" {
				t.Errorf("the subject is %q", n.Subject)
			}
			if n.EightBit || n.Envelope.Body != "" || !isASCII(strings.SplitN(n.text, "Content-Description: Delivery report", 2)[0]) {
				t.Errorf("the notice needs 8BITMIME, which the upstream has not:\n%s", n.text)
			}
			holds(t, n.text, "\r\n----- English -----\r\n", "Final-Recipient: rfc822; bob@there.test")
		})
	}
}

func TestP9_ASenderWhoShowsNoLanguageReadsTheConfiguredOne(t *testing.T) {
	sink := smtptest.Start(t, smtptest.Config{Script: smtptest.Refuse(map[string]string{"bob@there.test": "550 5.1.1 no such user"})})
	b := newBench(t)
	o := options(to(sink))
	o.Language = "tr"
	start(t, b, o)
	b.put(message(nil, "bob@there.test"))
	if got := b.wait(1)[0].notices[0].Subject; got != "Teslim edilemedi: Offer" {
		t.Errorf("the subject is %q", got)
	}
}
