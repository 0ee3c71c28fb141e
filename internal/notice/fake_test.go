package notice

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"belay/internal/history"
	"belay/internal/locale"
	"belay/internal/mail"
	"belay/internal/queue"
	"belay/internal/smtpd"
)

// clockNow is a Friday noon.
var clockNow = time.Date(2025, 11, 14, 12, 0, 0, 0, time.UTC)

// fakeStore is a queue in memory. Its states move as the real ones do.
type fakeStore struct {
	messages []*queue.Message
	bodies   map[mail.ID][]byte
	posted   []*queue.Message // belay's own, oldest first
	acts     []string         // "stop <id> by <who>"
	full     error            // what Put answers, if anything
}

func newFakeStore() *fakeStore { return &fakeStore{bodies: map[mail.ID][]byte{}} }

// add puts a mail of anna@corp.test into the queue.
func (f *fakeStore) add(messageID, subject string, age time.Duration, state queue.State, to ...string) *queue.Message {
	return f.addFrom("anna@corp.test", messageID, subject, age, state, to...)
}

func (f *fakeStore) addFrom(author, messageID, subject string, age time.Duration, state queue.State, to ...string) *queue.Message {
	received := clockNow.Add(-age)
	m := &queue.Message{ID: mail.NewID(received, mail.BucketOf(author)), Received: received, Listener: "relay", Author: author,
		MessageID: messageID, Subject: subject, State: state}
	for n, address := range to {
		d := queue.Delivery{N: n, Recipient: mail.Recipient{Address: address}, Visible: true, State: state, Due: clockNow.Add(4 * time.Minute)}
		if state.Ended() {
			d.Due = clockNow.Add(-3 * time.Minute)
		}
		m.Deliveries = append(m.Deliveries, d)
	}
	raw := fmt.Sprintf("From: %s\r\nTo: %s\r\nSubject: %s\r\nMessage-ID: <%s>\r\n\r\nSecret words.\r\n", author, strings.Join(to, ", "), subject, messageID)
	f.messages = append(f.messages, m)
	f.bodies[m.ID] = []byte(raw)
	m.Size = int64(len(raw))
	return m
}

func (f *fakeStore) choose(n int, want func(*queue.Message) bool) []*queue.Message {
	var found []*queue.Message
	for _, m := range f.messages {
		if want(m) {
			c := *m
			c.Deliveries = slices.Clone(m.Deliveries)
			found = append(found, &c)
		}
	}
	slices.SortStableFunc(found, newestFirst)
	return found[:min(n, len(found))]
}

func (f *fakeStore) Teach(_ context.Context, id mail.ID, kind history.LessonKind, _ []string) {
	i := slices.IndexFunc(f.messages, func(m *queue.Message) bool { return m.ID == id })
	f.acts = append(f.acts, kind.String()+" "+f.messages[i].MessageID)
}

func (f *fakeStore) ByMessageID(_ context.Context, author, id string) ([]*queue.Message, error) {
	return f.choose(99, func(m *queue.Message) bool { return m.Author == author && m.MessageID == id }), nil
}

func (f *fakeStore) Waiting(_ context.Context, author string, n int) ([]*queue.Message, error) {
	return f.choose(n, func(m *queue.Message) bool { return m.Author == author && stoppable(m) }), nil
}

func (f *fakeStore) Recent(_ context.Context, author string, n int) ([]*queue.Message, error) {
	return f.choose(n, func(m *queue.Message) bool { return m.Author == author }), nil
}

func (f *fakeStore) Get(_ context.Context, id mail.ID) (*queue.Message, error) {
	if found := f.choose(1, func(m *queue.Message) bool { return m.ID == id }); len(found) == 1 {
		return found[0], nil
	}
	return nil, queue.ErrNotFound
}

func (f *fakeStore) change(id mail.ID, act queue.Act, what string, to queue.State, good, over queue.Outcome) ([]queue.RecipientOutcome, error) {
	i := slices.IndexFunc(f.messages, func(m *queue.Message) bool { return m.ID == id })
	if i < 0 {
		return nil, queue.ErrNotFound
	}
	f.acts = append(f.acts, what+" "+f.messages[i].MessageID+" by "+act.By+": "+act.Reason)
	var outcomes []queue.RecipientOutcome
	for n := range f.messages[i].Deliveries {
		d := &f.messages[i].Deliveries[n]
		outcome := over
		switch {
		case d.State.Waiting():
			d.State, outcome = to, good
		case d.State == queue.Stopped:
			outcome = queue.OutAlreadyStopped
		}
		outcomes = append(outcomes, queue.RecipientOutcome{Address: d.Recipient.Address, Outcome: outcome})
	}
	state := queue.Sent
	for _, d := range f.messages[i].Deliveries {
		state = min(state, d.State)
	}
	f.messages[i].State = state
	return outcomes, nil
}

func (f *fakeStore) Stop(_ context.Context, id mail.ID, act queue.Act) ([]queue.RecipientOutcome, error) {
	return f.change(id, act, "stop", queue.Stopped, queue.OutStopped, queue.OutTooLate)
}

func (f *fakeStore) Release(_ context.Context, id mail.ID, act queue.Act) ([]queue.RecipientOutcome, error) {
	return f.change(id, act, "release", queue.Ready, queue.OutReleased, queue.OutNotHeld)
}

func (f *fakeStore) OpenBody(_ context.Context, id mail.ID) (io.ReadCloser, error) {
	raw, ok := f.bodies[id]
	if !ok {
		return nil, queue.ErrBodyGone
	}
	return io.NopCloser(bytes.NewReader(raw)), nil
}

func (f *fakeStore) Put(_ context.Context, m *queue.Message, write func(io.Writer) error) error {
	if f.full != nil {
		return f.full
	}
	var b bytes.Buffer
	if err := write(&b); err != nil {
		return err
	}
	m.Size = int64(b.Len())
	f.bodies[m.ID] = b.Bytes()
	f.posted = append(f.posted, m)
	return nil
}

// state tells how the deliveries of a message stand: "stopped stopped".
func (f *fakeStore) state(m *queue.Message) string {
	for _, now := range f.messages {
		if now.ID == m.ID {
			var words []string
			for _, d := range now.Deliveries {
				words = append(words, d.State.String())
			}
			return strings.Join(words, " ")
		}
	}
	return "gone"
}

// testCatalogue is loaded once for all tests.
var testCatalogue = sync.OnceValues(func() (*locale.Catalogue, error) { return locale.Load(Words()...) })

func newService(t testing.TB, store Store, change ...func(*Options)) *Service {
	t.Helper()
	catalogue, err := testCatalogue()
	if err != nil {
		t.Fatal(err)
	}
	o := Options{Store: store, Catalogue: catalogue, Domain: "belay.corp.test", Hostname: "mx.corp.test", Language: "en",
		AuthservIDs: []string{"mx.corp.test"}, Admins: []string{"postmaster@corp.test"},
		Own: func(domain string) bool { return domain == "corp.test" },
		MAC: func(data []byte) ([]byte, error) { return append([]byte("sixteen octets or more: "), data...), nil },
		Now: func() time.Time { return clockNow }}
	for _, f := range change {
		f(&o)
	}
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// The ways a mail may come in.
var (
	fromNetwork = smtpd.Client{Listener: "relay", Addr: netip.MustParseAddrPort("10.0.0.7:40000")}
	fromOutside = smtpd.Client{Listener: "observe", Addr: netip.MustParseAddrPort("192.0.2.66:40000")}
	signedIn    = smtpd.Client{Listener: "submission", Principal: "anna@corp.test", Addr: netip.MustParseAddrPort("10.0.0.8:40000")}
)

// write makes a mail to service addresses: header lines, an empty line, words.
func write(client smtpd.Client, to, text string) ServiceMail {
	m := ServiceMail{Client: client, Raw: []byte(strings.ReplaceAll(text, "\n", "\r\n"))}
	m.Envelope.ReversePath = "anna@corp.test"
	for _, address := range strings.Fields(to) {
		m.Envelope.Recipients = append(m.Envelope.Recipients, mail.Recipient{Address: address})
	}
	return m
}

const fromAnna = "From: Anna <anna@corp.test>\nDate: Fri, 14 Nov 2025 13:00:00 +0100\nMessage-ID: <request@phone.test>\n"

func handle(t testing.TB, s *Service, m ServiceMail) string {
	t.Helper()
	text, err := s.Handle(t.Context(), m)
	if err != nil {
		t.Fatalf("Handle: %v", err)
	}
	return text
}

// last is belay's newest mail, with its subject.
func (f *fakeStore) last(t testing.TB) (m *queue.Message, raw string) {
	t.Helper()
	if len(f.posted) == 0 {
		t.Fatal("belay wrote no mail")
	}
	m = f.posted[len(f.posted)-1]
	return m, string(f.bodies[m.ID])
}

// plain is the text part of belay's newest mail, on one line.
func (f *fakeStore) plain(t testing.TB) string {
	t.Helper()
	_, raw := f.last(t)
	return strings.Join(strings.Fields(listen([]byte(raw)).whole), " ")
}

func expect(t testing.TB, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("%q is missing in:\n%s", part, text)
		}
	}
}

var errFull = errors.New("disk full")
