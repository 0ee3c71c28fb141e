package config

import (
	"iter"
	"net/netip"
	"strconv"
	"strings"
)

// addresses are the names of all addresses that belay listens on, in order.
func (c *Config) addresses() iter.Seq2[string, Address] {
	return func(yield func(string, Address) bool) {
		l := c.Listen
		all := []struct {
			name string
			a    Address
		}{}
		add := func(name string, a Address) {
			if a != "" {
				all = append(all, struct {
					name string
					a    Address
				}{name, a})
			}
		}
		if l.Submission != nil {
			add("listen.submission.address", l.Submission.Address)
			add("listen.submission.tls_address", l.Submission.TLSAddress)
		}
		if l.Relay != nil {
			add("listen.relay.address", l.Relay.Address)
		}
		if l.Observe != nil {
			add("listen.observe.address", l.Observe.Address)
		}
		if l.Web != nil {
			add("listen.web.address", l.Web.Address)
		}
		for _, e := range all {
			if !yield(e.name, e.a) {
				return
			}
		}
	}
}

// listeners checks each door.
func (k *checker) listeners() {
	l := k.c.Listen
	if l.Submission != nil {
		k.submission(l.Submission)
	}
	if l.Relay != nil {
		k.trusted(l.Relay.Address, l.Relay.Trust, l.Relay.TLS, "listen.relay")
	}
	if l.Observe != nil {
		k.trusted(l.Observe.Address, l.Observe.Trust, l.Observe.TLS, "listen.observe")
	}
	if l.Web != nil {
		k.web(l.Web)
	}
}

func (k *checker) submission(s *Submission) {
	const path = "listen.submission"
	if s.Address == "" && s.TLSAddress == "" {
		k.fail(path, `%s says not where to listen; add "address: :587", or "tls_address: :465"`, path)
	}
	if s.TLS != nil {
		k.tls(s.TLS, path+".tls")
	}
	if s.TLS == nil && s.TLSAddress != "" {
		k.fail(path+".tls_address", `%s.tls_address needs a certificate: set tls: {cert: …, key: …}`, path)
	}
	if s.TLS == nil && s.Address != "" && !s.Address.IsLoopback() {
		k.fail(path+".address", `%s.address: passwords would cross the network in the clear; set tls: {cert: …, key: …}, or listen on 127.0.0.1`, path)
	}
	if s.Auth == "upstream" && len(k.c.Upstream) == 0 {
		k.fail(path+".auth", `%s.auth: there is no upstream to ask; set "upstream", or take "auth: file"`, path)
	}
}

func (k *checker) trusted(a Address, trust []netip.Prefix, tls *TLS, path string) {
	if a == "" {
		k.fail(path, `%s says not where to listen; add "address: 127.0.0.1:2525"`, path)
	}
	if tls != nil {
		k.tls(tls, path+".tls")
	}
	if len(trust) == 0 {
		k.fail(path+".trust", "%s.trust: nobody could use this listener; name a network, or leave the listener out", path)
	}
	for _, p := range trust {
		if p.Bits() == 0 {
			k.fail(path+".trust", "%s.trust: %s is the whole world, and this listener asks for no password: it would be an open relay", path, p)
		}
	}
}

func (k *checker) web(w *Web) {
	const path = "listen.web"
	switch {
	case w.Address == "":
		k.fail(path, `%s says not where to listen; add "address: 127.0.0.1:8025"`, path)
	case !w.Address.IsLoopback():
		k.fail(path+".address", `%s.address: %s can be reached from other machines, and the page knows no sign-in yet; take 127.0.0.1 and put a proxy that asks for one before it`, path, w.Address)
	}
	k.webURL(w)
}

// portClash finds two listeners that want the same port of the same address,
// however each is written.
func (k *checker) portClash() {
	type door struct {
		name, host string
		port       uint64
	}
	var doors []door
	for name, a := range k.c.addresses() {
		host, digits := a.Split()
		port, _ := strconv.ParseUint(digits, 10, 16) // ParseAddress saw that it is one
		host = bindHost(host)
		for _, d := range doors {
			if port == d.port && port != 0 && (host == d.host || host == "" || d.host == "") {
				k.fail(name, "%s: port %d is already taken by %s", name, port, d.name)
				break
			}
		}
		doors = append(doors, door{name, host, port})
	}
}

// bindHost is a host in the one form that stands for what is bound: "" for
// every address of the machine, IPv4's and IPv6's alike, since "0.0.0.0" and
// "::" both take a port of both.
func bindHost(host string) string {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if host == "localhost" {
		return "127.0.0.1" // IPv4 goes first where a name has both
	}
	ip, err := netip.ParseAddr(host)
	switch {
	case err != nil:
		return host
	case ip.Unmap().WithZone("").IsUnspecified():
		return ""
	}
	return ip.Unmap().String()
}
