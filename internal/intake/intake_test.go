package intake

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"strings"
	"testing"
	"time"

	"belay/internal/access"
	"belay/internal/body"
	"belay/internal/clock"
	"belay/internal/db"
	"belay/internal/db/dbtest"
	"belay/internal/guard"
	"belay/internal/guard/rules"
	"belay/internal/history"
	"belay/internal/journal"
	"belay/internal/mail"
	"belay/internal/node"
	"belay/internal/notice"
	"belay/internal/queue"
	"belay/internal/seal"
	"belay/internal/smtpd"
)

// world is a handler on a real queue; guard and notices are the test's.
type world struct {
	t       *testing.T
	handler *Handler
	queue   *queue.Queue
	clock   *clock.Fake
	verdict guard.Verdict
	needs   rules.Needs
	judged  []guard.Facts
	service []notice.ServiceMail
	bursts  []notice.Burst
	seen    *history.Observed
}

func newWorld(t *testing.T) *world {
	t.Helper()
	ctx := t.Context()
	d := dbtest.SQLite(t)
	keys, err := seal.New()
	must(t, err)
	bodies, err := body.New(ctx, d, keys)
	must(t, err)
	w := &world{t: t, clock: clock.NewFake(time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)),
		verdict: guard.Verdict{Action: guard.Pass, Rules: []guard.Hit{}}}
	me, err := node.Join(ctx, d, w.clock.Clock, node.Options{})
	must(t, err)
	w.queue, err = queue.New(ctx, queue.Options{DB: d, Bodies: bodies, Journal: journal.New(d, keys, journal.Options{}),
		Clock: w.clock.Clock, Node: me, Logger: slog.New(slog.DiscardHandler)})
	must(t, err)
	w.seen = history.NewObserved(d, bodies)
	w.handler = New(Options{Hostname: "belay.corp.test", Postmaster: "postmaster@corp.test",
		Queue: w.queue, Notices: w, Guard: w, History: w.seen,
		Password: func(_ context.Context, _ netip.Addr, user, password string) (string, error) {
			if password != "secret" {
				return "", access.ErrDenied
			}
			return user, nil
		},
		MayUse: func(account, address string) bool { return mail.Base(mail.Key(address)) == account },
		Now:    w.clock.Clock.Now, AuthorHour: map[string]int{Submission: 3}, BurstWait: 12 * time.Hour,
		Logger: slog.New(slog.DiscardHandler)})
	return w
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (w *world) Judge(_ context.Context, f guard.Facts) guard.Verdict {
	w.judged = append(w.judged, f)
	return w.verdict
}

func (w *world) Needs() rules.Needs { return w.needs }

func (w *world) IsService(address string) bool { return mail.Domain(address) == "belay.corp.test" }

func (w *world) CheckRecipient(address string) error {
	if strings.HasPrefix(address, "undo@") {
		return nil
	}
	return &smtpd.Reply{Code: 550, Enhanced: "5.1.1", Text: "no such service address"}
}

func (w *world) Handle(_ context.Context, m notice.ServiceMail) (string, error) {
	w.service = append(w.service, m)
	return "belay undo heard", nil
}

func (w *world) Burst(_ context.Context, b notice.Burst) error {
	w.bursts = append(w.bursts, b)
	return nil
}

var (
	anna   = smtpd.Client{Listener: Submission, Addr: netip.MustParseAddrPort("192.0.2.7:4000"), Helo: "laptop", ESMTP: true, TLS: "TLS1.3 TLS_AES_128_GCM_SHA256", Principal: "anna@corp.test"}
	server = smtpd.Client{Listener: Relay, Addr: netip.MustParseAddrPort("[2001:db8::1]:4000"), Helo: "mail.corp.test", ESMTP: true}
)

// send goes through a whole transaction.
func (w *world) send(c smtpd.Client, env *mail.Envelope, message string) (string, error) {
	ctx := w.t.Context()
	if err := w.handler.Mail(ctx, c, env); err != nil {
		return "", err
	}
	for _, r := range env.Recipients {
		if err := w.handler.Recipient(ctx, c, env, r); err != nil {
			return "", err
		}
	}
	in, err := w.handler.Message(ctx, c, env, 0)
	if err != nil {
		return "", err
	}
	if _, err := io.WriteString(in, message); err != nil {
		in.Abort()
		return "", err
	}
	return in.Commit(ctx)
}

func envelope(from string, to ...string) *mail.Envelope {
	env := &mail.Envelope{ReversePath: from}
	for _, address := range to {
		env.Recipients = append(env.Recipients, mail.Recipient{Address: address})
	}
	return env
}

func (w *world) accepted(text string) *queue.Message {
	w.t.Helper()
	id, err := mail.ParseID(strings.Fields(text)[1])
	must(w.t, err)
	m, err := w.queue.Get(w.t.Context(), id)
	must(w.t, err)
	return m
}

func (w *world) bytes(id mail.ID) string {
	w.t.Helper()
	r, err := w.queue.OpenBody(w.t.Context(), id)
	must(w.t, err)
	defer r.Close()
	all, err := io.ReadAll(r)
	must(w.t, err)
	return string(all)
}

func code(err error) string {
	var r *smtpd.Reply
	if !errors.As(err, &r) {
		return fmt.Sprint(err)
	}
	return fmt.Sprintf("%d %s", r.Code, r.Enhanced)
}

const letter = "From: Anna Nowak <anna@corp.test>\r\nTo: bob@client.test\r\nBcc: eve@corp.test,\r\n\tjan@corp.test\r\n" +
	"Subject: =?utf-8?q?Oferta_na_p=C5=82yty?=\r\nMessage-ID: <1@corp.test>\r\n\r\nHello\r\n"

func TestP4_SubmissionTakesBccOutAndNothingElse(t *testing.T) {
	w := newWorld(t)
	text, err := w.send(anna, envelope("anna@corp.test", "bob@client.test", "eve@corp.test"), letter)
	must(t, err)
	m := w.accepted(text)
	want := strings.Replace(letter, "Bcc: eve@corp.test,\r\n\tjan@corp.test\r\n", "", 1)
	if got := w.bytes(m.ID); got != want {
		t.Errorf("stored %q, want %q", got, want)
	}
	if m.Bcc != "Bcc: eve@corp.test,\r\n\tjan@corp.test\r\n" {
		t.Errorf("Bcc for the draft is %q", m.Bcc)
	}
	if m.Subject != "Oferta na płyty" || m.MessageID != "1@corp.test" || m.Author != "anna@corp.test" {
		t.Errorf("read subject %q, Message-ID %q, author %q", m.Subject, m.MessageID, m.Author)
	}
	if !m.Deliveries[0].Visible || m.Deliveries[1].Visible {
		t.Error("bob stands in To, and eve only in Bcc")
	}
}

func TestP4_RelayKeepsEveryByte(t *testing.T) {
	w := newWorld(t)
	for _, message := range []string{letter, "", "no header at all", "\r\nbody", "From: x\r\n", strings.Repeat("X: y\r\n", 1000) + "\r\n" + strings.Repeat("z", 1<<20)} {
		text, err := w.send(server, envelope("anna@corp.test", "bob@client.test"), message)
		must(t, err)
		if got := w.bytes(w.accepted(text).ID); got != message {
			t.Errorf("%.40q came out as %.40q", message, got)
		}
	}
}

func TestThePauseBeginsWhenTheMessageIsWhole(t *testing.T) {
	w := newWorld(t)
	w.verdict = guard.Verdict{Action: guard.Delay, Delay: time.Minute, Scope: guard.ScopeMessage, Rules: []guard.Hit{}}
	in, err := w.handler.Message(t.Context(), anna, envelope("anna@corp.test", "bob@client.test"), 0)
	must(t, err)
	_, err = io.WriteString(in, letter)
	must(t, err)
	w.clock.Advance(5 * time.Minute) // a slow line
	text, err := in.Commit(t.Context())
	must(t, err)
	m := w.accepted(text)
	if left := m.HeldUntil.Sub(w.clock.Clock.Now()); left != time.Minute {
		t.Errorf("a pause of a minute has %s left when the client hears of it (%s)", left, text)
	}
	if !w.judged[0].Time.Equal(m.Received) {
		t.Errorf("judged as of %s, received at %s", w.judged[0].Time, m.Received)
	}
}

func TestTheBucketIsTheAuthorsAndNotTheReversePaths(t *testing.T) {
	w := newWorld(t)
	text, err := w.send(server, envelope("bounces@corp.test", "bob@client.test"), letter)
	must(t, err)
	if m := w.accepted(text); m.ID.Bucket() != mail.BucketOf("anna@corp.test") {
		t.Errorf("bucket %d, want that of anna", m.ID.Bucket())
	}
}

func TestAnAccountWritesAsItselfOnly(t *testing.T) {
	for name, c := range map[string]struct {
		from, header, want string
	}{
		"own address":             {"anna@corp.test", "From: anna@corp.test\r\n", "<nil>"},
		"own sub-address":         {"anna+offers@corp.test", "From: anna+offers@corp.test\r\n", "<nil>"},
		"null reverse-path (MDN)": {"", "From: anna@corp.test\r\n", "<nil>"},
		"other reverse-path":      {"boss@corp.test", "From: anna@corp.test\r\n", "553 5.7.1"},
		"other From":              {"anna@corp.test", "From: boss@corp.test\r\n", "553 5.7.1"},
		"second From field":       {"anna@corp.test", "From: anna@corp.test\r\nFrom: boss@corp.test\r\n", "553 5.7.1"},
		"second mailbox in From":  {"anna@corp.test", "From: anna@corp.test, boss@corp.test\r\nSender: anna@corp.test\r\n", "553 5.7.1"},
		"other Sender":            {"anna@corp.test", "From: anna@corp.test\r\nSender: boss@corp.test\r\n", "553 5.7.1"},
		"no From":                 {"anna@corp.test", "Subject: x\r\n", "<nil>"},
		"far behind":              {"anna@corp.test", "From: anna@corp.test\r\n" + strings.Repeat("X: y\r\n", 2001) + "From: boss@corp.test\r\n", "553 5.7.1"},
		"hidden by a charset":     {"anna@corp.test", "Content-Type: text/plain; charset=cp037\r\nFrom: \xff<boss@corp.test>\r\n", "553 5.7.1"},
		"hidden in a comment":     {"anna@corp.test", "From: (anna <boss@corp.test>\r\n", "553 5.7.1"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := newWorld(t).send(anna, envelope(c.from, "bob@client.test"), c.header+"\r\nHello\r\n")
			if got := code(err); got != c.want {
				t.Errorf("answered %s, want %s", got, c.want)
			}
		})
	}
}

func TestTheReplySaysUntilWhenItWaits(t *testing.T) {
	w := newWorld(t)
	text, err := w.send(server, envelope("anna@corp.test", "bob@corp.test"), letter)
	must(t, err)
	if !strings.HasPrefix(text, "belay ") || !strings.HasSuffix(text, " queued") {
		t.Errorf("answered %q", text)
	}
	w.verdict = guard.Verdict{Action: guard.Delay, Delay: 5 * time.Minute, Scope: guard.ScopeMessage, Rules: []guard.Hit{{Name: "pause", Delay: 5 * time.Minute, Action: guard.Delay}}}
	text, err = w.send(server, envelope("anna@corp.test", "bob@client.test"), letter)
	must(t, err)
	if !strings.HasSuffix(text, " held until 2026-03-02T09:05:00Z") {
		t.Errorf("answered %q", text)
	}
}

func TestP5_MailThatGoesRoundInCirclesIsRefused(t *testing.T) {
	w := newWorld(t)
	round := func(n int) error {
		_, err := w.send(server, envelope("a@corp.test", "b@client.test"), strings.Repeat("Received: by x; now\r\n", n)+letter)
		return err
	}
	must(t, round(100))
	if got := code(round(101)); got != "554 5.4.6" {
		t.Errorf("101 Received fields answered %s", got)
	}
}

func TestMailToAServiceAddressReachesNobodyElse(t *testing.T) {
	w := newWorld(t)
	env := envelope("anna@corp.test", "bob@client.test", "undo@belay.corp.test")
	text, err := w.send(anna, env, letter)
	must(t, err)
	if text != "belay undo heard" || len(w.service) != 1 || string(w.service[0].Raw) != letter {
		t.Fatalf("answered %q after %d calls", text, len(w.service))
	}
	page, _, err := w.queue.List(t.Context(), queue.Filter{})
	must(t, err)
	if len(page) != 0 {
		t.Errorf("%d messages were queued", len(page))
	}
	if _, err := w.send(anna, envelope("anna@corp.test", "nobody@belay.corp.test"), letter); code(err) != "550 5.1.1" {
		t.Errorf("an address that does not exist answered %s", code(err))
	}
}

func TestObservedMailIsKeptAndRelayedNowhere(t *testing.T) {
	w := newWorld(t)
	observer := server
	observer.Listener = Observe
	text, err := w.send(observer, envelope("bob@client.test", "anna@corp.test"), letter)
	must(t, err)
	seen, err := w.seen.List(t.Context(), mail.ID{}, 10)
	must(t, err)
	if len(seen) != 1 || text != "belay "+seen[0].ID.String()+" observed" || seen[0].Author != "anna@corp.test" {
		t.Errorf("answered %q, kept %+v", text, seen)
	}
	page, _, err := w.queue.List(t.Context(), queue.Filter{})
	must(t, err)
	if len(page) != 0 || len(w.judged) != 0 {
		t.Error("observed mail was queued or judged")
	}
}

func TestABurstWaitsAndTheAdminIsToldOnce(t *testing.T) {
	w := newWorld(t)
	for i := range 6 {
		text, err := w.send(anna, envelope("anna@corp.test", "bob@client.test"), letter)
		must(t, err)
		if held := strings.Contains(text, "held until 2026-03-02T21:00:00Z"); held != (i >= 3) {
			t.Errorf("message %d answered %q", i+1, text)
		}
	}
	if len(w.bursts) != 1 || w.bursts[0].Author != "anna@corp.test" || w.bursts[0].Limit != 3 {
		t.Errorf("the admin was told %v", w.bursts)
	}
	w.clock.Advance(2 * time.Hour)
	text, err := w.send(anna, envelope("anna@corp.test", "bob@client.test"), letter)
	must(t, err)
	if !strings.HasSuffix(text, "queued") {
		t.Errorf("two hours later: %q", text)
	}
}

func TestAThiefDoesNotGetAroundTheLimit(t *testing.T) {
	for name, write := range map[string]func(i int) (from, header string){
		"by sub-addresses": func(i int) (string, string) {
			from := fmt.Sprintf("anna+%d@corp.test", i)
			return from, "From: " + from + "\r\n"
		},
		"by naming no author": func(int) (string, string) { return "", "Subject: x\r\n" },
	} {
		w := newWorld(t)
		text := ""
		for i := range 4 {
			from, header := write(i)
			var err error
			text, err = w.send(anna, envelope(from, "bob@client.test"), header+"\r\nHello\r\n")
			must(t, err)
		}
		if !strings.Contains(text, "held until") || len(w.bursts) != 1 || w.bursts[0].Author != "anna@corp.test" {
			t.Errorf("%s: the fourth message answered %q, the admin was told %v", name, text, w.bursts)
		}
	}
}

func TestABurstIsStillCountedAfterTheConfigurationWasReadAgain(t *testing.T) {
	w := newWorld(t)
	for range 3 {
		_, err := w.send(anna, envelope("anna@corp.test", "bob@client.test"), letter)
		must(t, err)
	}
	w.handler = New(w.handler.Options)
	text, err := w.send(anna, envelope("anna@corp.test", "bob@client.test"), letter)
	must(t, err)
	if !strings.Contains(text, "held until") {
		t.Errorf("the fourth message answered %q", text)
	}
}

func TestPostmasterAloneIsOurPostmaster(t *testing.T) {
	w := newWorld(t)
	text, err := w.send(server, envelope("anna@corp.test", "PostMaster"), letter)
	must(t, err)
	if got := w.accepted(text).Deliveries[0].Recipient.Address; got != "postmaster@corp.test" {
		t.Errorf("went to %q", got)
	}
}

func TestTraceIsOneFieldOfRFC5321(t *testing.T) {
	id := mail.NewID(time.UnixMilli(0), 5)
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.FixedZone("CET", 3600))
	got := trace(anna, false, "belay.corp.test", id, now)
	want := "Received: from laptop ([192.0.2.7])\r\n\t(using TLS1.3 TLS_AES_128_GCM_SHA256)\r\n" +
		"\tby belay.corp.test (belay) with ESMTPSA id " + id.String() + ";\r\n\tMon, 2 Mar 2026 08:00:00 +0000\r\n"
	if got != want {
		t.Errorf("got %q\nwant %q", got, want)
	}
	evil := server
	evil.Helo = "x)\r\nBcc: y"
	if got := trace(evil, true, "h", id, now); strings.Count(got, "\r\n") != 3 || strings.Contains(got, "x)") || !strings.Contains(got, "[IPv6:2001:db8::1]") || !strings.Contains(got, "with UTF8SMTP ") {
		t.Errorf("a forged HELO made %q", got)
	}
}

func TestTroubleOfOursIsNeverAPermanentRefusal(t *testing.T) {
	w := newWorld(t)
	if got := code(w.handler.told(fmt.Errorf("accept: %w", db.ErrClosed))); got != "451 4.3.0" {
		t.Errorf("a closed database answers %s", got)
	}
	if got := code(w.handler.told(context.DeadlineExceeded)); got != "451 4.3.0" {
		t.Errorf("a timeout answers %s", got)
	}
}

func TestWrongPasswordsAreRefusedInOneWay(t *testing.T) {
	w := newWorld(t)
	if _, err := w.handler.Authenticate(t.Context(), anna, "anna@corp.test", "wrong"); err != smtpd.BadPassword {
		t.Errorf("answered %v", err)
	}
	if who, err := w.handler.Authenticate(t.Context(), anna, "anna@corp.test", "secret"); who != "anna@corp.test" || err != nil {
		t.Errorf("answered %q, %v", who, err)
	}
}

func TestWhatIsTypedForANameGoesIntoNoLog(t *testing.T) {
	w := newWorld(t)
	var log strings.Builder
	w.handler.Logger = slog.New(slog.NewTextHandler(&log, nil))
	for name, err := range map[string]error{"wrong": access.ErrDenied, "too often": &access.Throttled{For: time.Minute}, "broken": errors.New("gone")} {
		w.handler.Password = func(context.Context, netip.Addr, string, string) (string, error) { return "", err }
		_, told := w.handler.Authenticate(t.Context(), anna, "my-secret", "x")
		if told == nil || strings.Contains(told.Error()+log.String(), "my-secret") {
			t.Errorf("%s: %v, logged %s", name, told, &log)
		}
	}
}
