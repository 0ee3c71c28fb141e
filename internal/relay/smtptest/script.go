package smtptest

import (
	"strings"
	"time"
)

// Stage is a point in an SMTP session at which the sink answers.
type Stage string

const (
	Connect  Stage = "connect" // the banner
	Hello    Stage = "hello"   // EHLO or HELO
	StartTLS Stage = "starttls"
	Auth     Stage = "auth" // the verdict on a password
	Mail     Stage = "mail"
	Rcpt     Stage = "rcpt"
	Data     Stage = "data" // the 354
	Dot      Stage = "dot"  // behind the final dot
	Reset    Stage = "reset"
	Quit     Stage = "quit"
	Other    Stage = "other"
)

// Step is what the sink is about to answer.
type Step struct {
	Conn        int // 1 for the first connection
	Transaction int // 1 for the first MAIL of this connection, 0 before
	Stage       Stage
	Line        string // the command as it came, without CRLF
	Address     string // of MAIL and RCPT, without <>
	TLS         bool
}

// Action is what the sink does at a step. The zero value answers as usual.
type Action struct {
	Reply  string        // "550 5.1.1 no such user"; line feeds make it a multi-line reply
	Raw    string        // octets sent instead of a reply
	Delay  time.Duration // before the answer
	Wait   <-chan struct{}
	Drop   bool // hang up instead of answering
	Hangup bool // hang up after answering
	// DropAt hangs up in the middle of the data, after so many octets (stage
	// Data only).
	DropAt int64
}

// Refuse makes a script that answers RCPT for the addresses named with their
// replies.
func Refuse(replies map[string]string) func(Step) Action {
	return func(s Step) Action {
		if s.Stage == Rcpt {
			return Action{Reply: replies[s.Address]}
		}
		return Action{}
	}
}

// At makes a script that acts at one stage.
func At(stage Stage, a Action) func(Step) Action {
	return func(s Step) Action {
		if s.Stage == stage {
			return a
		}
		return Action{}
	}
}

// First makes a script that acts like script on the first n connections only.
func First(n int, script func(Step) Action) func(Step) Action {
	return func(s Step) Action {
		if s.Conn <= n {
			return script(s)
		}
		return Action{}
	}
}

// wire is the reply as it goes over the wire.
func wire(reply string) string {
	lines := strings.Split(reply, "\n")
	var b strings.Builder
	for i, line := range lines {
		code, text := line, ""
		if len(line) > 3 {
			code, text = line[:3], line[4:]
		}
		sep := "-"
		if i == len(lines)-1 {
			sep = " "
		}
		b.WriteString(code + sep + text + "\r\n")
	}
	return b.String()
}

// Transaction is one MAIL command and what followed it.
type Transaction struct {
	Conn       int
	TLS        bool
	User       string // who signed in on this connection
	Helo       string
	From       string   // reverse-path without <>
	Params     []string // of MAIL, as they came
	Recipients []Recipient
	Began      bool   // DATA was answered with 354
	Data       []byte // dots unstuffed; what came so far where the transaction broke off
	Size       int64  // of Data, kept under Discard too
	Complete   bool   // the final dot came
	Accepted   bool   // and was answered with 2xx
	Reply      string // the answer to the final dot
}

// Recipient is one RCPT command.
type Recipient struct {
	Address string
	Params  []string
	Reply   string
}

// Accepted recipients' addresses.
func (t Transaction) To() []string {
	var to []string
	for _, r := range t.Recipients {
		if strings.HasPrefix(r.Reply, "2") {
			to = append(to, r.Address)
		}
	}
	return to
}

func (t *Transaction) clone() Transaction {
	c := *t
	c.Recipients = append([]Recipient(nil), t.Recipients...)
	c.Data = append([]byte(nil), t.Data...)
	return c
}
