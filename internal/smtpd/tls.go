package smtpd

// mayUpgrade tells whether STARTTLS is to be had.
func (x *session) mayUpgrade() bool { return x.o.TLS != nil && x.client.TLS == "" }

// upgrade answers STARTTLS (RFC 3207).
func (x *session) upgrade(arg string) {
	switch {
	case x.client.TLS != "":
		x.reply(503, "5.5.1", "TLS is on already")
	case x.o.TLS == nil:
		x.reply(502, "5.5.1", "TLS is not offered here")
	case !x.bare(arg):
	default:
		x.reply(220, "2.0.0", "go ahead")
		if x.wire.out.Flush() != nil || !x.startTLS() {
			x.ending = true
		}
	}
}

// startTLS goes on over TLS, knowing nothing of what was said before (RFC 3207
// §4.2). What the client had sent already is thrown away with the old wire's
// buffer: it came unprotected and could be anybody's.
func (x *session) startTLS() bool {
	secured, err := x.srv.secure(x.raw, x.o)
	if err != nil {
		x.log("TLS handshake failed", "error", err)
		x.raw.Close()
		return false
	}
	x.reset()
	x.wire.attach(secured)
	x.client = Client{Listener: x.client.Listener, Addr: x.client.Addr, TLS: tlsName(secured.ConnectionState())}
	return true
}
