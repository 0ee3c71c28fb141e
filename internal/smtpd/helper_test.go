package smtpd

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"belay/internal/mail"
)

// taken is one message as the handler got it.
type taken struct {
	client  Client
	env     mail.Envelope
	size    int64
	data    []byte
	pieces  []int
	aborted bool
	commits int
}

// recorder is a handler that notes what it gets and does what its fields say.
type recorder struct {
	authenticate func(user, password string) (string, error)
	mail         func(*mail.Envelope) error
	recipient    func(mail.Recipient) error
	message      func() error
	write        func(total int) error
	commit       func(context.Context) (string, error)

	mu       sync.Mutex
	messages []*taken
}

func (h *recorder) Authenticate(_ context.Context, _ Client, user, password string) (string, error) {
	if h.authenticate != nil {
		return h.authenticate(user, password)
	}
	if user == "anna" && password == "rope" {
		return "anna@corp.test", nil
	}
	return "", BadPassword
}

func (h *recorder) Mail(_ context.Context, _ Client, env *mail.Envelope) error {
	if h.mail != nil {
		return h.mail(env)
	}
	return nil
}

func (h *recorder) Recipient(_ context.Context, _ Client, _ *mail.Envelope, r mail.Recipient) error {
	if h.recipient != nil {
		return h.recipient(r)
	}
	return nil
}

func (h *recorder) Message(_ context.Context, c Client, env *mail.Envelope, size int64) (Incoming, error) {
	if h.message != nil {
		if err := h.message(); err != nil {
			return nil, err
		}
	}
	m := &taken{client: c, env: *env, size: size}
	h.mu.Lock()
	h.messages = append(h.messages, m)
	h.mu.Unlock()
	return &recording{h, m}, nil
}

type recording struct {
	h *recorder
	m *taken
}

func (r *recording) last() {
	if r.m.aborted || r.m.commits > 0 {
		panic("a call after the last one")
	}
}

func (r *recording) Write(p []byte) (int, error) {
	r.last()
	r.m.data = append(r.m.data, p...)
	r.m.pieces = append(r.m.pieces, len(p))
	if r.h.write != nil {
		return len(p), r.h.write(len(r.m.data))
	}
	return len(p), nil
}

func (r *recording) Commit(ctx context.Context) (string, error) {
	r.last()
	r.m.commits++
	if r.h.commit != nil {
		return r.h.commit(ctx)
	}
	return "belay queued", nil
}

func (r *recording) Abort() {
	r.last()
	r.m.aborted = true
}

// committed gives the messages that were acknowledged.
func (h *recorder) committed() []*taken {
	h.mu.Lock()
	defer h.mu.Unlock()
	var list []*taken
	for _, m := range h.messages {
		if m.commits > 0 {
			list = append(list, m)
		}
	}
	return list
}

// memory is a connection whose client said everything beforehand, step octets
// at a time.
type memory struct {
	in   *strings.Reader
	out  bytes.Buffer
	step int
	addr netip.AddrPort
}

func (m *memory) Read(p []byte) (int, error) {
	if m.step > 0 && len(p) > m.step {
		p = p[:m.step]
	}
	return m.in.Read(p)
}
func (m *memory) Write(p []byte) (int, error)      { return m.out.Write(p) }
func (m *memory) Close() error                     { return nil }
func (m *memory) LocalAddr() net.Addr              { return &net.TCPAddr{} }
func (m *memory) RemoteAddr() net.Addr             { return net.TCPAddrFromAddrPort(m.addr) }
func (m *memory) SetDeadline(time.Time) error      { return nil }
func (m *memory) SetReadDeadline(time.Time) error  { return nil }
func (m *memory) SetWriteDeadline(time.Time) error { return nil }

var (
	quiet    = slog.New(slog.DiscardHandler)
	loopback = netip.MustParseAddrPort("127.0.0.1:40000")
	faraway  = netip.MustParseAddrPort("192.0.2.7:40000")
)

// relayOptions are those of a listener that trusts everybody.
func relayOptions() Options {
	return Options{
		Listener: "relay", Hostname: "mx.test", Logger: quiet,
		Trust: []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0"), netip.MustParsePrefix("::/0")},
	}
}

func submissionOptions() Options {
	return Options{Listener: "submission", Hostname: "mx.test", Logger: quiet, Auth: true}
}

// play has a client at addr say input, step octets at a time (0: all at once),
// and gives what it was answered.
func play(t testing.TB, o Options, h Handler, addr netip.AddrPort, input string, step int) string {
	t.Helper()
	s, err := New(o, h)
	if err != nil {
		t.Fatal(err)
	}
	conn := &memory{in: strings.NewReader(input), step: step, addr: addr}
	newSession(s, s.options.Load(), conn, addr).run(false)
	return conn.out.String()
}

// replies splits what the server said into replies, those of several lines with
// "\n" between the lines and the code in front only.
func replies(t testing.TB, said string) []string {
	t.Helper()
	if said != "" && !strings.HasSuffix(said, "\r\n") {
		t.Fatalf("the last reply lacks its CRLF: %q", said)
	}
	var list []string
	more := false
	for line := range strings.SplitSeq(strings.TrimSuffix(said, "\r\n"), "\r\n") {
		if len(line) < 4 || len(line) > 510 || line[3] != ' ' && line[3] != '-' || strings.ContainsAny(line, "\r\n") {
			t.Fatalf("not a reply line: %q", line)
		}
		if more {
			list[len(list)-1] += "\n" + line[4:]
		} else {
			list = append(list, line[:3]+" "+line[4:])
		}
		more = line[3] == '-'
	}
	if more {
		t.Fatalf("the last reply does not end: %q", said)
	}
	return list
}

// expect checks that each reply begins with what is wanted of it.
func expect(t testing.TB, got []string, want ...string) {
	t.Helper()
	for i := range max(len(got), len(want)) {
		switch {
		case i >= len(got):
			t.Errorf("reply %d: none, want %q", i, want[i])
		case i >= len(want):
			t.Errorf("reply %d: %q, want none", i, got[i])
		case !strings.HasPrefix(got[i], want[i]):
			t.Errorf("reply %d: %q, want %q…", i, got[i], want[i])
		}
	}
}

// crlf joins lines as SMTP does.
func crlf(lines ...string) string { return strings.Join(lines, "\r\n") + "\r\n" }

// talker is a client on a real connection.
type talker struct {
	t    testing.TB
	conn net.Conn
	buf  []byte
}

// serve runs a server on a loopback port until the test ends.
func serve(t testing.TB, o Options, h Handler, implicit bool) (*Server, string) {
	t.Helper()
	s, err := New(o, h)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() {
		if implicit {
			ended <- s.ServeTLS(l)
		} else {
			ended <- s.Serve(l)
		}
	}()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := s.Shutdown(ctx); err != nil {
			t.Error(err)
		}
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return s, l.Addr().String()
}

func dial(t testing.TB, addr string) *talker {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return &talker{t: t, conn: conn}
}

func (c *talker) say(s string) {
	c.t.Helper()
	if _, err := io.WriteString(c.conn, s); err != nil {
		c.t.Fatal(err)
	}
}

// hear reads one reply and checks how it begins.
func (c *talker) hear(want string) string {
	c.t.Helper()
	c.conn.SetReadDeadline(time.Now().Add(10 * time.Second))
	for {
		if reply, ok := c.cut(); ok {
			if !strings.HasPrefix(reply, want) {
				c.t.Fatalf("heard %q, want %q…", reply, want)
			}
			return reply
		}
		p := make([]byte, 4096)
		n, err := c.conn.Read(p)
		c.buf = append(c.buf, p[:n]...)
		if err != nil && n == 0 {
			c.t.Fatalf("heard %q and then %v, want %q…", c.buf, err, want)
		}
	}
}

func (c *talker) cut() (string, bool) {
	for from := 0; ; {
		i := bytes.Index(c.buf[from:], []byte("\r\n"))
		if i < 0 {
			return "", false
		}
		end := from + i + 2
		if i >= 4 && c.buf[from+3] == ' ' {
			reply := string(c.buf[:end])
			c.buf = c.buf[end:]
			return reply, true
		}
		from = end
	}
}

// gone checks that the server hung up.
func (c *talker) gone() {
	c.t.Helper()
	c.conn.SetReadDeadline(time.Now().Add(10 * time.Second))
	n, err := c.conn.Read(make([]byte, 1))
	if n != 0 || len(c.buf) != 0 || errors.Is(err, context.DeadlineExceeded) || err == nil {
		c.t.Fatalf("still there: %q, %v", c.buf, err)
	}
	var timeout net.Error
	if errors.As(err, &timeout) && timeout.Timeout() {
		c.t.Fatal("the server did not hang up")
	}
}
