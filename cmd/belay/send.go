package main

import (
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/smtp"
	"net/textproto"
	"os"
	"os/user"
	"regexp"
	"strings"
	"time"

	"golang.org/x/term"

	"belay/internal/config"
)

// sendCommand is a small mail program, for trying.
type sendCommand struct {
	printing
	Text     string   `arg:"" optional:"" help:"The text; without it (or --body) standard input is read."`
	To       []string `help:"To whom; may be given again." placeholder:"ADDRESS" required:"" sep:"none"`
	Cc       []string `help:"Who gets a copy." placeholder:"ADDRESS" sep:"none"`
	Bcc      []string `help:"Who gets a copy that the others do not see." placeholder:"ADDRESS" sep:"none"`
	From     string   `help:"From whom." placeholder:"ADDRESS"`
	Subject  string   `help:"The subject." default:"A mail for trying"`
	Body     *string  `help:"The text." placeholder:"TEXT"`
	Attach   []string `help:"A file to attach; may be given again." placeholder:"FILE" type:"existingfile" sep:"none"`
	File     string   `help:"Send this whole mail (.eml) as it is, in place of the above." placeholder:"FILE" type:"existingfile"`
	Server   string   `help:"Where belay listens; by default as the configuration says." placeholder:"HOST:PORT"`
	User     string   `help:"Sign in as this account; the password is read from --password-file." placeholder:"NAME"`
	Password string   `help:"The file whose first line is the password." name:"password-file" placeholder:"FILE" type:"existingfile"`
}

func (c *sendCommand) Run(e *env) error {
	cfg, err := e.loadLoosely()
	if err != nil {
		return err
	}
	server, err := c.server(cfg)
	if err != nil {
		return err
	}
	if c.From == "" {
		c.From = myself(cfg)
	}
	bytes, err := c.message(e)
	if err != nil {
		return err
	}
	conn, err := dial(e, server)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := c.signIn(conn, server); err != nil {
		return err
	}
	sent, err := c.transact(conn, bytes)
	if err != nil {
		return err
	}
	return c.print(e, sent)
}

// server is where to send: the relay listener, since it asks for no password.
func (c *sendCommand) server(cfg *config.Config) (string, error) {
	if c.Server != "" {
		if _, _, err := net.SplitHostPort(c.Server); err != nil {
			return "", usagef("--server must be host:port, such as 127.0.0.1:2525")
		}
		return c.Server, nil
	}
	address := config.Address("")
	switch {
	case c.User == "" && cfg.Listen.Relay != nil:
		address = cfg.Listen.Relay.Address
	case cfg.Listen.Submission != nil:
		address = cfg.Listen.Submission.Address
	default:
		return "", errors.New("the configuration names no listener to send to; say --server host:port")
	}
	host, port := address.Split()
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port), nil
}

// myself is an address to write from: the one who calls, at the first of our
// domains.
func myself(cfg *config.Config) string {
	name := "belay"
	if u, err := user.Current(); err == nil && u.Username != "" {
		name = u.Username
	}
	domain := cfg.Hostname
	if len(cfg.Domains) > 0 {
		domain = cfg.Domains[0]
	}
	return name + "@" + domain
}

func (c *sendCommand) message(e *env) ([]byte, error) {
	if c.File != "" {
		text, err := os.ReadFile(c.File)
		if err != nil {
			return nil, fmt.Errorf("read the mail: %w", err)
		}
		return crlf(text), nil
	}
	letter := letter{from: c.From, to: c.To, cc: c.Cc, subject: c.Subject, attach: c.Attach, now: time.Now()}
	switch f, ok := e.in.(*os.File); {
	case c.Body != nil && c.Text != "":
		return nil, usagef("give the text once: as --body or as it is")
	case c.Body != nil:
		letter.body = *c.Body
	case c.Text != "":
		letter.body = c.Text
	case ok && term.IsTerminal(int(f.Fd())):
		letter.body = "Just trying belay."
	default:
		text, err := io.ReadAll(e.in)
		if err != nil {
			return nil, fmt.Errorf("read the text from standard input: %w", err)
		}
		letter.body = string(text)
	}
	return letter.bytes()
}

func dial(e *env, server string) (*smtp.Client, error) {
	dialer := net.Dialer{Timeout: 10 * time.Second}
	conn, err := dialer.DialContext(e.ctx, "tcp", server)
	if err != nil {
		return nil, fmt.Errorf("nobody listens at %s: is belay running? (%w)", server, err)
	}
	host, _, _ := net.SplitHostPort(server)
	client, err := smtp.NewClient(conn, host)
	if err != nil {
		conn.Close()
		return nil, fmt.Errorf("%s does not greet as a mail server does: %w", server, err)
	}
	name, err := os.Hostname()
	if err != nil || name == "" {
		name = "localhost"
	}
	if err := client.Hello(name); err != nil {
		client.Close()
		return nil, fmt.Errorf("%s: %w", server, err)
	}
	return client, nil
}

// signIn begins TLS where it is offered, and signs in where an account is
// named.
func (c *sendCommand) signIn(conn *smtp.Client, server string) error {
	host, _, _ := net.SplitHostPort(server)
	if ok, _ := conn.Extension("STARTTLS"); ok && c.User != "" {
		if err := conn.StartTLS(&tls.Config{ServerName: host}); err != nil {
			return fmt.Errorf("begin TLS with %s: %w", server, err)
		}
	}
	if c.User == "" {
		return nil
	}
	if c.Password == "" {
		return usagef("--user needs --password-file")
	}
	text, err := os.ReadFile(c.Password)
	if err != nil {
		return fmt.Errorf("read the password: %w", err)
	}
	line, _, _ := strings.Cut(string(text), "\n")
	if err := conn.Auth(smtp.PlainAuth("", c.User, strings.TrimRight(line, "\r"), host)); err != nil {
		return fmt.Errorf("sign in as %s: %w", c.User, err)
	}
	return nil
}

// sending is what became of a mail.
type sending struct {
	ID        string     `json:"id"`
	Reply     string     `json:"reply"`
	HeldUntil *time.Time `json:"held_until"`
	Asks      bool       `json:"asks"` // somebody is asked: it leaves when they say yes
	Refused   []refusal  `json:"refused"`
}

type refusal struct {
	Address string `json:"address"`
	Reply   string `json:"reply"`
}

func (c *sendCommand) transact(conn *smtp.Client, bytes []byte) (*sending, error) {
	if err := conn.Mail(bare(c.From)); err != nil {
		return nil, fmt.Errorf("%s may not send here: %w", c.From, said(err))
	}
	s := &sending{Refused: []refusal{}}
	taken := 0
	for _, to := range append(append(append([]string{}, c.To...), c.Cc...), c.Bcc...) {
		if err := conn.Rcpt(bare(to)); err != nil {
			s.Refused = append(s.Refused, refusal{bare(to), said(err).Error()})
			continue
		}
		taken++
	}
	if taken == 0 {
		return nil, fmt.Errorf("%s was refused: %s", s.Refused[0].Address, s.Refused[0].Reply)
	}
	// net/smtp keeps the reply to the data to itself, so the last lines are
	// spoken by hand.
	text, err := data(conn.Text, bytes)
	if err != nil {
		return nil, fmt.Errorf("the mail was refused: %w", said(err))
	}
	s.Reply = text
	if m := replyForm.FindStringSubmatch(text); m != nil {
		s.ID = m[1]
		if t, err := time.Parse(time.RFC3339, m[2]); err == nil {
			s.HeldUntil, s.Asks = &t, m[3] != ""
		}
	}
	conn.Quit()
	return s, nil
}

// said is a server's refusal as the server wrote it; textproto puts quotes
// around its words.
func said(err error) error {
	var reply *textproto.Error
	if errors.As(err, &reply) {
		return fmt.Errorf("%d %s", reply.Code, reply.Msg)
	}
	return err
}

// replyForm is how belay answers: "belay <id> queued", "belay <id> held until
// <RFC 3339>", and where somebody is asked, "… or an answer".
var replyForm = regexp.MustCompile(`belay ([0-9a-f-]{36}) (?:queued|held until (\S+))( or an answer)?`)

func data(text *textproto.Conn, bytes []byte) (string, error) {
	id, err := text.Cmd("DATA")
	if err != nil {
		return "", err
	}
	text.StartResponse(id)
	defer text.EndResponse(id)
	if _, _, err := text.ReadResponse(354); err != nil {
		return "", err
	}
	w := text.DotWriter()
	if _, err := w.Write(bytes); err != nil {
		return "", err
	}
	if err := w.Close(); err != nil {
		return "", err
	}
	_, answer, err := text.ReadResponse(250)
	return answer, err
}

func (c *sendCommand) print(e *env, s *sending) error {
	if c.JSON {
		raw, err := json.Marshal(s)
		if err != nil {
			return err
		}
		if err := printJSON(e.out, raw); err != nil {
			return err
		}
	} else {
		switch {
		case s.HeldUntil != nil && s.Asks:
			fmt.Fprintf(e.out, "It waits for an answer until %s. To see who is asked: %s %s\n", day(*s.HeldUntil, time.Now()), commandLine("show", e.config), s.ID)
		case s.HeldUntil != nil:
			fmt.Fprintf(e.out, "It waits and leaves %s. To stop it: %s %s\n", relative(*s.HeldUntil, time.Now()), commandLine("stop", e.config), s.ID)
		case s.ID != "":
			fmt.Fprintf(e.out, "It leaves now. To see what becomes of it: %s %s\n", commandLine("show", e.config), s.ID)
		default:
			fmt.Fprintln(e.out, clean(s.Reply))
		}
		for _, r := range s.Refused {
			fmt.Fprintf(e.err, "belay: %s was refused: %s\n", clean(r.Address), clean(r.Reply))
		}
	}
	if len(s.Refused) > 0 {
		return errSilent
	}
	return nil
}
