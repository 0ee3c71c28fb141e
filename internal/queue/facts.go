package queue

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"belay/internal/guard"
	"belay/internal/mail"
)

// facts is what of a message only reading needs; it is stored as JSON.
type facts struct {
	Listener    string        `json:"listener"`
	Principal   string        `json:"principal,omitempty"`
	Client      string        `json:"client,omitempty"`
	Subject     string        `json:"subject,omitempty"`
	Trace       string        `json:"trace,omitempty"`
	Bcc         []byte        `json:"bcc,omitempty"` // raw octets: not always UTF-8
	EightBit    bool          `json:"eight_bit,omitempty"`
	UTF8Head    bool          `json:"utf8_head,omitempty"`
	ReversePath string        `json:"reverse_path"`
	Body        string        `json:"body,omitempty"`
	SMTPUTF8    bool          `json:"smtputf8,omitempty"`
	Ret         string        `json:"ret,omitempty"`
	EnvID       string        `json:"envid,omitempty"`
	Learn       []byte        `json:"learn,omitempty"`
	Verdict     guard.Verdict `json:"verdict"`
}

func encodeFacts(m *Message) (string, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(facts{
		Listener: m.Listener, Principal: m.Principal, Client: m.Client,
		Subject: m.Subject, Trace: m.Trace, Bcc: []byte(m.Bcc),
		EightBit: m.EightBit, UTF8Head: m.UTF8Head,
		ReversePath: m.Envelope.ReversePath, Body: m.Envelope.Body,
		SMTPUTF8: m.Envelope.SMTPUTF8, Ret: m.Envelope.Ret, EnvID: m.Envelope.EnvID,
		Learn: m.Learn, Verdict: m.Verdict,
	})
	if err != nil {
		return "", fmt.Errorf("encode the facts of message %s: %w", m.ID, err)
	}
	return string(bytes.TrimSuffix(b.Bytes(), []byte("\n"))), nil
}

func decodeFacts(m *Message, text []byte) error {
	var f facts
	if err := json.Unmarshal(text, &f); err != nil {
		return fmt.Errorf("decode the facts of message %s: %w", m.ID, err)
	}
	m.Listener, m.Principal, m.Client = f.Listener, f.Principal, f.Client
	m.Subject, m.Trace, m.Bcc = f.Subject, f.Trace, string(f.Bcc)
	m.EightBit, m.UTF8Head, m.Verdict, m.Learn = f.EightBit, f.UTF8Head, f.Verdict, f.Learn
	m.Envelope = mail.Envelope{ReversePath: f.ReversePath, Body: f.Body,
		SMTPUTF8: f.SMTPUTF8, Ret: f.Ret, EnvID: f.EnvID}
	return nil
}

// maxSearch bounds the text that a message is found by, in octets: of a mail
// to very many, the last recipients are not found by searching.
const maxSearch = 16 << 10

// searchText is what a search looks at: subject and addresses, folded.
func searchText(m *Message) string {
	var b strings.Builder
	b.WriteString(m.Subject)
	b.WriteByte('\n')
	b.WriteString(m.Author)
	if m.Envelope.ReversePath != m.Author {
		b.WriteByte('\n')
		b.WriteString(m.Envelope.ReversePath)
	}
	for i := range m.Deliveries {
		if b.Len() > maxSearch {
			break
		}
		b.WriteByte('\n')
		b.WriteString(m.Deliveries[i].Recipient.Address)
	}
	return fold(b.String())
}

// fold makes text comparable: lower case, valid UTF-8 without NUL (PostgreSQL
// stores nothing else).
func fold(s string) string { return strings.ToLower(storable(s)) }

func storable(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
}

// maxReply bounds the text of a reply that is kept, in octets.
const maxReply = 1000

// attemptLine is an Attempt as it is stored: one JSON object a line.
type attemptLine struct {
	Started  int64  `json:"started"` // microseconds, wall clock
	Ended    int64  `json:"ended"`
	Queue    int64  `json:"queue,omitempty"` // started, in queue time
	Node     string `json:"node,omitempty"`
	Upstream string `json:"upstream,omitempty"`
	Code     int    `json:"code,omitempty"`
	Enhanced string `json:"enhanced,omitempty"`
	Text     string `json:"text,omitempty"`
}

func encodeAttempt(a Attempt) string {
	if len(a.Reply.Text) > maxReply {
		a.Reply.Text = a.Reply.Text[:maxReply]
	}
	line, err := json.Marshal(attemptLine{
		Started: a.Started.UnixMicro(), Ended: a.Ended.UnixMicro(), Queue: a.queue, Node: a.Node,
		Upstream: a.Upstream, Code: a.Reply.Code, Enhanced: a.Reply.Enhanced,
		Text: storable(a.Reply.Text),
	})
	if err != nil {
		panic(err) // strings and numbers always encode
	}
	return string(line) + "\n"
}

func decodeAttempts(lines string) ([]Attempt, error) {
	var attempts []Attempt
	for line := range strings.Lines(lines) {
		var l attemptLine
		if err := json.Unmarshal([]byte(line), &l); err != nil {
			return nil, fmt.Errorf("decode an attempt: %w", err)
		}
		attempts = append(attempts, Attempt{
			Started: time.UnixMicro(l.Started).UTC(), Ended: time.UnixMicro(l.Ended).UTC(),
			Node: l.Node, Upstream: l.Upstream, queue: l.Queue,
			Reply: Reply{Code: l.Code, Enhanced: l.Enhanced, Text: l.Text},
		})
	}
	return attempts, nil
}
