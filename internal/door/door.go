package door

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"path"
	"slices"
	"strings"

	"belay/internal/access"
)

// Person is who is asking.
type Person struct {
	Name  string // for the journal
	Admin bool   // may act; otherwise only read
	Local bool   // sits at this machine: the admin socket, or a loopback address
	// Socket: came over the admin socket, which only belay's own user can open.
	Socket bool
}

// Is is what the person is to belay, in the words of the table of rights.
func (p Person) Is() access.Relation {
	switch {
	case p.Admin && p.Local && !p.Socket:
		return access.Operator
	case p.Admin:
		return access.Admin
	case p.Name != "":
		return access.Reader
	}
	return access.Anybody
}

// Tokens checks an API token. ok is false for one that is unknown.
type Tokens func(token string) (name string, admin, ok bool)

// Options of a door.
type Options struct {
	// URL is the configured address of the pages; requests that name its host
	// are let in. "" where none is set.
	URL string
	// Address is where the listener listens.
	Address string
	Tokens  Tokens
	// Operator is the name of whoever asks from a loopback address and did
	// not sign in.
	Operator string
	// Public are the beginnings of paths that anybody may ask for, such as
	// "/stop/": whoever has the address has the right, since a secret stands
	// in it. The Host is checked as everywhere; nobody is recognised there, so
	// that what a proxy adds for its own sign-in does no harm.
	Public []string
	Logger *slog.Logger
}

type key struct{}

// Who is the person that the door let in; ok is false where nobody said who
// they are.
func Who(ctx context.Context) (p Person, ok bool) {
	p, ok = ctx.Value(key{}).(Person)
	return p, ok
}

// As makes every request that of one person: the admin socket, whose file
// permissions are the check.
func As(p Person, h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), key{}, p)))
	})
}

// Keep stands before h on a TCP listener.
func Keep(h http.Handler, o Options) http.Handler {
	d := &door{o: o, hosts: map[string]bool{}}
	if u, err := url.Parse(o.URL); err == nil && u.Host != "" {
		d.hosts[strings.ToLower(u.Hostname())] = true
	}
	if host, _, err := net.SplitHostPort(o.Address); err == nil && host != "" {
		if ip, err := netip.ParseAddr(host); err != nil || !ip.IsUnspecified() {
			d.hosts[strings.ToLower(host)] = true
		}
	}
	cross := http.NewCrossOriginProtection()
	cross.SetDenyHandler(http.HandlerFunc(foreign))
	return d.check(h, cross.Handler(h))
}

type door struct {
	o     Options
	hosts map[string]bool
}

// check hands a public path to open, anything else to guarded. A public path
// needs no protection against other sites' pages: they do not know the secret
// in it, and browsers that leave out Sec-Fetch-Site send "Origin: null" from a
// page with Referrer-Policy: no-referrer.
func (d *door) check(open, guarded http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !d.knows(r.Host) {
			// A page of somebody else whose name was made to point here
			// sends its own name: it must not be taken for one of ours.
			Problem(w, http.StatusMisdirectedRequest, fmt.Sprintf("%q is no name of this server; set listen.web.url if it should be", r.Host))
			return
		}
		if d.public(r) {
			open.ServeHTTP(w, r)
			return
		}
		p, known, err := d.person(r)
		if err != nil {
			w.Header().Set("WWW-Authenticate", `Bearer realm="belay", error="invalid_token"`)
			Problem(w, http.StatusUnauthorized, err.Error())
			return
		}
		if known {
			r = r.WithContext(context.WithValue(r.Context(), key{}, p))
		}
		guarded.ServeHTTP(w, r)
	})
}

// public tells whether a path needs nobody. A path that is not written in the
// plainest way ("/stop/../", "//stop/") is none of those.
func (d *door) public(r *http.Request) bool {
	at := r.URL.EscapedPath()
	if at != path.Clean(at) {
		return false
	}
	return slices.ContainsFunc(d.o.Public, func(start string) bool { return strings.HasPrefix(at, start) })
}

// knows tells whether a Host header names this server: a loopback address, or
// a name that was configured.
func (d *door) knows(hostport string) bool {
	host := hostport
	if h, _, err := net.SplitHostPort(hostport); err == nil {
		host = h
	}
	host = strings.ToLower(strings.TrimSuffix(strings.Trim(host, "[]"), "."))
	if host == "localhost" || d.hosts[host] {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}

// person finds out who asks: by token, or by being at this very machine.
func (d *door) person(r *http.Request) (p Person, known bool, err error) {
	if header := r.Header.Get("Authorization"); header != "" {
		scheme, token, _ := strings.Cut(header, " ")
		if !strings.EqualFold(scheme, "Bearer") {
			return p, false, fmt.Errorf("sign in with a token: Authorization: Bearer …")
		}
		name, admin, ok := d.o.Tokens(strings.TrimSpace(token))
		if !ok {
			return p, false, fmt.Errorf("this token is not known; make one with belay token add")
		}
		return Person{Name: "token " + name, Admin: admin}, true, nil
	}
	if !atThisMachine(r) {
		return p, false, nil
	}
	return Person{Name: d.o.Operator, Admin: true, Local: true}, true, nil
}

// atThisMachine tells whether a request comes from a loopback address to a
// loopback name, and was not handed on by a proxy: one that says so, or that
// speaks HTTP/1.0 as no browser does, but nginx to what stands behind it.
func atThisMachine(r *http.Request) bool {
	if !r.ProtoAtLeast(1, 1) {
		return false
	}
	for _, name := range []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip", "Via"} {
		if r.Header.Get(name) != "" {
			return false
		}
	}
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil || !peer.Addr().Unmap().IsLoopback() {
		return false
	}
	return (&door{}).knows(r.Host)
}
