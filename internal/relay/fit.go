package relay

import (
	"fmt"
	"strconv"
	"unicode/utf8"

	"belay/internal/mail"
	"belay/internal/queue"
	"belay/internal/relay/client"
)

// misfit says why a message cannot go to this recipient through a server
// unchanged (P4); nil where it can.
func misfit(m *queue.Message, r *mail.Recipient, u *upstream, x *client.Extensions) *queue.Reply {
	size := m.Size + int64(len(m.Trace))
	switch {
	case x.Size > 0 && size > x.Size:
		return &queue.Reply{Code: 552, Enhanced: "5.3.4",
			Text: fmt.Sprintf("the message has %d octets, and %s takes %d at most", size, u.name, x.Size)}
	case m.EightBit && !x.EightBit:
		return &queue.Reply{Code: 554, Enhanced: "5.6.3",
			Text: fmt.Sprintf("the message has 8-bit octets, %s does not offer 8BITMIME, and belay does not convert mail", u.name)}
	case !x.UTF8 && !(isASCII(r.Address) && isASCII(m.Envelope.ReversePath)):
		return &queue.Reply{Code: 553, Enhanced: "5.6.7",
			Text: fmt.Sprintf("the address has letters beyond ASCII, and %s does not offer SMTPUTF8", u.name)}
	case !x.UTF8 && m.Envelope.SMTPUTF8 && m.UTF8Head:
		return &queue.Reply{Code: 554, Enhanced: "5.6.7",
			Text: fmt.Sprintf("the header has letters beyond ASCII, %s does not offer SMTPUTF8, and belay does not convert mail", u.name)}
	}
	return nil
}

// mailParams are those of MAIL: what came in, as far as the server knows it,
// and what the message needs. A message that was declared SMTPUTF8 without
// needing it may go without.
func mailParams(m *queue.Message, to []*mail.Recipient, x *client.Extensions) string {
	var p []byte
	env := &m.Envelope
	if x.HasSize {
		p = strconv.AppendInt(append(p, " SIZE="...), m.Size+int64(len(m.Trace)), 10)
	}
	if x.EightBit && (m.EightBit || env.Body == "8BITMIME") {
		p = append(p, " BODY=8BITMIME"...)
	}
	utf := env.SMTPUTF8 || !isASCII(env.ReversePath)
	for _, r := range to {
		utf = utf || !isASCII(r.Address)
	}
	if x.UTF8 && utf {
		p = append(p, " SMTPUTF8"...)
	}
	if x.DSN && env.Ret != "" {
		p = append(append(p, " RET="...), env.Ret...)
	}
	if x.DSN && env.EnvID != "" {
		p = append(append(p, " ENVID="...), env.EnvID...)
	}
	return string(p)
}

// rcptParams are those of RCPT.
func rcptParams(r *mail.Recipient, x *client.Extensions) string {
	if !x.DSN || r.Notify == "" && r.ORcpt == "" {
		return ""
	}
	var p string
	if r.Notify != "" {
		p = " NOTIFY=" + r.Notify
	}
	if r.ORcpt != "" {
		p += " ORCPT=" + r.ORcpt
	}
	return p
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
