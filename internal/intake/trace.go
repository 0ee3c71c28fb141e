package intake

import (
	"fmt"
	"strings"
	"time"

	"belay/internal/mail"
	"belay/internal/smtpd"
)

// trace writes the one field that belay puts on top of a message: the Received
// line of RFC 5321 §4.4, folded, with its CRLF. It names no recipient, so that
// a Bcc stays one.
func trace(c smtpd.Client, utf8 bool, hostname string, id mail.ID, now time.Time) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Received: from %s (%s)\r\n", heloName(c.Helo), addressLiteral(c))
	if c.TLS != "" {
		fmt.Fprintf(&b, "\t(using %s)\r\n", c.TLS)
	}
	fmt.Fprintf(&b, "\tby %s (belay) with %s id %s;\r\n", hostname, c.Protocol(utf8), id)
	fmt.Fprintf(&b, "\t%s\r\n", now.UTC().Format("Mon, 2 Jan 2006 15:04:05 -0700"))
	return b.String()
}

// heloName gives the name the client gave itself as far as it may stand in a
// structured field: what opens a comment or a string there becomes "?".
func heloName(helo string) string {
	if helo == "" {
		return "unknown"
	}
	return strings.Map(func(r rune) rune {
		if r <= ' ' || r >= 0x7f || strings.ContainsRune(`()<>@,;\"`, r) {
			return '?'
		}
		return r
	}, helo)
}

// addressLiteral gives the client's address as RFC 5321 §4.1.3 writes it.
func addressLiteral(c smtpd.Client) string {
	ip := c.Addr.Addr().Unmap().WithZone("")
	switch {
	case !ip.IsValid():
		return "local"
	case ip.Is6():
		return "[IPv6:" + ip.String() + "]"
	}
	return "[" + ip.String() + "]"
}
