package smtptest

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"net"
	"strings"
	"time"
)

// errHangup ends a session because the script says so.
var errHangup = errors.New("the script hangs up")

type session struct {
	server *Server
	conn   net.Conn
	raw    net.Conn
	r      *bufio.Reader
	w      *bufio.Writer
	n      int
	count  int // transactions so far
	tls    bool
	helo   string
	user   string
	now    *Transaction // the one that is open
}

func newSession(s *Server, c net.Conn, n int) *session {
	return &session{server: s, conn: c, raw: c, n: n, r: bufio.NewReaderSize(c, 64<<10), w: bufio.NewWriterSize(c, 4<<10)}
}

func (s *session) run() {
	if s.server.cfg.Implicit && s.upgrade() != nil {
		return
	}
	greeting := "220 " + s.server.cfg.Hostname + " " + s.server.cfg.Banner
	if s.answer(Connect, "", "", greeting) != nil {
		return
	}
	for {
		line, err := s.readLine()
		if err != nil || s.command(line) != nil {
			return
		}
	}
}

// readLine flushes what was answered only when the peer has nothing more on
// the way: replies to a pipelined group leave together.
func (s *session) readLine() (string, error) {
	if s.r.Buffered() == 0 {
		if err := s.w.Flush(); err != nil {
			return "", err
		}
	}
	line, err := s.r.ReadString('\n')
	return strings.TrimRight(line, "\r\n"), err
}

// answer asks the script and writes the reply; said gets what was sent.
func (s *session) answer(stage Stage, line, address, usual string) error {
	_, err := s.say(stage, line, address, usual)
	return err
}

func (s *session) say(stage Stage, line, address, usual string) (said string, err error) {
	var a Action
	if script := s.server.cfg.Script; script != nil {
		a = script(Step{Conn: s.n, Transaction: s.count, Stage: stage, Line: line, Address: address, TLS: s.tls})
	}
	return s.act(a, usual)
}

func (s *session) act(a Action, usual string) (said string, err error) {
	if a.Delay > 0 || a.Wait != nil {
		s.w.Flush()
		s.pause(a)
	}
	if a.Drop {
		s.w.Flush()
		return "", errHangup
	}
	said = usual
	if a.Reply != "" {
		said = a.Reply
	}
	octets := a.Raw
	if octets == "" {
		octets = wire(said)
	} else {
		said = a.Raw
	}
	if _, err := s.w.WriteString(octets); err != nil {
		return said, err
	}
	if a.Hangup {
		s.w.Flush()
		return said, errHangup
	}
	return said, nil
}

func (s *session) pause(a Action) {
	if a.Delay > 0 {
		timer := time.NewTimer(a.Delay)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-s.server.closing.Done():
		}
	}
	if a.Wait != nil {
		select {
		case <-a.Wait:
		case <-s.server.closing.Done():
		}
	}
}

func (s *session) command(line string) error {
	verb, arg, _ := strings.Cut(line, " ")
	switch verb = strings.ToUpper(verb); verb {
	case "EHLO", "HELO":
		return s.hello(verb, line, arg)
	case "STARTTLS":
		return s.startTLS(line)
	case "AUTH":
		return s.auth(line, arg)
	case "MAIL":
		return s.mail(line)
	case "RCPT":
		return s.rcpt(line)
	case "DATA":
		return s.data(line)
	case "RSET":
		s.now = nil
		return s.answer(Reset, line, "", "250 2.0.0 ok")
	case "QUIT":
		s.answer(Quit, line, "", "221 2.0.0 bye")
		s.w.Flush()
		return errHangup
	case "NOOP":
		return s.answer(Other, line, "", "250 2.0.0 ok")
	}
	return s.answer(Other, line, "", "502 5.5.1 not known here")
}

func (s *session) hello(verb, line, arg string) error {
	cfg := s.server.cfg
	s.helo, s.now = arg, nil
	if verb == "HELO" {
		return s.answer(Hello, line, "", "250 "+cfg.Hostname)
	}
	if cfg.NoEHLO {
		return s.answer(Hello, line, "", "502 not known here")
	}
	reply := "250 " + cfg.Hostname + " greets you"
	for _, e := range cfg.Extensions {
		reply += "\n250 " + e
	}
	if cfg.TLS != nil && !s.tls {
		reply += "\n250 STARTTLS"
	}
	if cfg.Accounts != nil {
		reply += "\n250 AUTH PLAIN LOGIN"
	}
	return s.answer(Hello, line, "", reply)
}

func (s *session) startTLS(line string) error {
	if s.server.cfg.TLS == nil || s.tls {
		return s.answer(StartTLS, line, "", "502 5.5.1 not offered")
	}
	said, err := s.say(StartTLS, line, "", "220 2.0.0 go ahead")
	if err != nil || !strings.HasPrefix(said, "220") {
		return err
	}
	if err := s.w.Flush(); err != nil {
		return err
	}
	return s.upgrade()
}

func (s *session) upgrade() error {
	c := tls.Server(s.raw, s.server.cfg.TLS)
	if err := c.Handshake(); err != nil {
		return err
	}
	s.conn, s.tls, s.helo, s.now = c, true, "", nil
	s.r.Reset(c)
	s.w.Reset(c)
	return nil
}

func (s *session) auth(line, arg string) error {
	mechanism, initial, _ := strings.Cut(arg, " ")
	var user, password string
	switch strings.ToUpper(mechanism) {
	case "PLAIN":
		if initial == "" {
			initial = s.ask("334 ")
		}
		parts := bytes.Split(decode(initial), []byte{0})
		if len(parts) == 3 {
			user, password = string(parts[1]), string(parts[2])
		}
	case "LOGIN":
		if initial == "" {
			initial = s.ask("334 VXNlcm5hbWU6")
		}
		user = string(decode(initial))
		password = string(decode(s.ask("334 UGFzc3dvcmQ6")))
	default:
		return s.answer(Auth, line, "", "504 5.5.4 mechanism not known")
	}
	usual := "535 5.7.8 wrong user or password"
	if want, ok := s.server.cfg.Accounts[user]; ok && want == password {
		usual = "235 2.7.0 welcome"
	}
	said, err := s.say(Auth, line, user, usual)
	if strings.HasPrefix(said, "235") {
		s.user = user
	}
	return err
}

func (s *session) ask(challenge string) string {
	s.w.WriteString(challenge + "\r\n")
	answer, _ := s.readLine()
	return answer
}

func decode(s string) []byte {
	b, _ := base64.StdEncoding.DecodeString(s)
	return b
}

// path takes apart "MAIL FROM:<a@b> X=y": the address may hold quoted > signs.
func path(line string) (address string, params []string) {
	_, rest, _ := strings.Cut(line, "<")
	quoted := false
	for i := 0; i < len(rest); i++ {
		switch {
		case rest[i] == '\\' && quoted:
			i++
		case rest[i] == '"':
			quoted = !quoted
		case rest[i] == '>' && !quoted:
			return rest[:i], strings.Fields(rest[i+1:])
		}
	}
	return rest, nil
}

func (s *session) mail(line string) error {
	from, params := path(line)
	if s.now != nil {
		return s.answer(Mail, line, from, "503 5.5.1 MAIL was there already")
	}
	s.count++
	said, err := s.say(Mail, line, from, "250 2.1.0 ok")
	t := &Transaction{Conn: s.n, TLS: s.tls, User: s.user, Helo: s.helo, From: from, Params: params}
	s.server.record(t)
	if strings.HasPrefix(said, "250") {
		s.now = t
	}
	return err
}

func (s *session) rcpt(line string) error {
	to, params := path(line)
	if s.now == nil {
		return s.answer(Rcpt, line, to, "503 5.5.1 MAIL first")
	}
	said, err := s.say(Rcpt, line, to, "250 2.1.5 ok")
	s.server.update(func() {
		s.now.Recipients = append(s.now.Recipients, Recipient{Address: to, Params: params, Reply: said})
	})
	return err
}

func (s *session) data(line string) error {
	usual := "354 go ahead"
	if s.now == nil {
		usual = "503 5.5.1 MAIL first"
	} else if len(s.now.To()) == 0 {
		usual = "554 5.5.1 no valid recipients"
	}
	var a Action
	if script := s.server.cfg.Script; script != nil {
		a = script(Step{Conn: s.n, Transaction: s.count, Stage: Data, Line: line, TLS: s.tls})
	}
	said, err := s.act(a, usual)
	if err != nil || !strings.HasPrefix(said, "354") {
		return err
	}
	t := s.now
	if t == nil {
		t = &Transaction{Conn: s.n}
		s.server.record(t)
	}
	s.now = nil
	s.server.update(func() { t.Began = true })
	if err := s.w.Flush(); err != nil {
		return err
	}
	return s.body(t, a.DropAt)
}

// body reads to the final dot, unstuffing; with dropAt it hangs up on the way.
func (s *session) body(t *Transaction, dropAt int64) error {
	var data bytes.Buffer
	var size int64
	keep := func(complete bool) {
		s.server.update(func() { t.Data, t.Size, t.Complete = data.Bytes(), size, complete })
	}
	whole := true // the last piece ended a line
	for {
		piece, err := s.r.ReadSlice('\n')
		if whole && string(piece) == ".\r\n" {
			break
		}
		if whole && len(piece) > 0 && piece[0] == '.' {
			piece = piece[1:]
		}
		size += int64(len(piece))
		if !s.server.cfg.Discard {
			data.Write(piece)
		}
		if err != nil && err != bufio.ErrBufferFull || dropAt > 0 && size >= dropAt {
			keep(false)
			return errHangup
		}
		whole = err == nil && bytes.HasSuffix(piece, []byte("\r\n"))
	}
	keep(true)
	said, err := s.say(Dot, ".", "", "250 2.0.0 kept")
	if strings.HasPrefix(said, "2") {
		s.server.accepted.Add(1)
	}
	s.server.update(func() { t.Reply, t.Accepted = said, strings.HasPrefix(said, "2") })
	return err
}
