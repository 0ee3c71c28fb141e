package door

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

// TestHostsOfOursAndOthers: a name that was made to point here (DNS rebinding)
// comes with its own Host.
func TestHostsOfOursAndOthers(t *testing.T) {
	h := Keep(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {}),
		Options{URL: "https://Belay.corp.test/", Address: "192.0.2.1:8025", Operator: "op"})
	for host, code := range map[string]int{
		"127.0.0.1:8025": 200, "127.0.0.1": 200, "127.9.9.9:1": 200, "[::1]:8025": 200, "::1": 200, "localhost:8025": 200, "LOCALHOST.": 200,
		"belay.corp.test": 200, "BELAY.corp.test:443": 200, "192.0.2.1:8025": 200,
		"evil.test": 421, "127.0.0.1.evil.test": 421, "localhost.evil.test:8025": 421, "192.0.2.2": 421, "": 421, "0.0.0.0:8025": 421,
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Host = host
		out := httptest.NewRecorder()
		h.ServeHTTP(out, r)
		if out.Code != code {
			t.Errorf("Host %q: %d, want %d", host, out.Code, code)
		}
	}
}

// TestWhoIsAtThisMachine: only a direct connection from loopback, under a
// loopback name, is the local operator.
func TestWhoIsAtThisMachine(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*http.Request)
		known  bool
	}{
		"directly":              {func(r *http.Request) {}, true},
		"over IPv6":             {func(r *http.Request) { r.RemoteAddr = "[::1]:4000" }, true},
		"IPv4 in IPv6":          {func(r *http.Request) { r.RemoteAddr = "[::ffff:127.0.0.1]:4000" }, true},
		"from elsewhere":        {func(r *http.Request) { r.RemoteAddr = "192.0.2.7:4000" }, false},
		"by a proxy":            {func(r *http.Request) { r.Header.Set("X-Forwarded-For", "192.0.2.7") }, false},
		"by a modern proxy":     {func(r *http.Request) { r.Header.Set("Forwarded", "for=192.0.2.7") }, false},
		"by HTTP/1.0, as nginx": {func(r *http.Request) { r.Proto, r.ProtoMinor = "HTTP/1.0", 0 }, false},
		"under the public name": {func(r *http.Request) { r.Host = "belay.corp.test" }, false},
	} {
		var p Person
		var known bool
		h := Keep(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { p, known = Who(r.Context()) }),
			Options{URL: "https://belay.corp.test", Operator: "op"})
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Host, r.RemoteAddr = "127.0.0.1:8025", "127.0.0.1:4000"
		c.change(r)
		h.ServeHTTP(httptest.NewRecorder(), r)
		if known != c.known || known && (p != Person{Name: "op", Admin: true, Local: true}) {
			t.Errorf("%s: %v %+v", name, known, p)
		}
	}
}

// TestPublicPathsNeedNobody: what a link with a secret in it leads to is open
// to everybody, also through a proxy with a sign-in of its own; the rest is
// not, and a name that was made to point here gets nowhere.
func TestPublicPathsNeedNobody(t *testing.T) {
	var known bool
	h := Keep(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, known = Who(r.Context()) }),
		Options{URL: "https://belay.corp.test", Operator: "op", Public: []string{"/stop/"}, Tokens: func(string) (string, bool, bool) { return "", false, false }})
	for name, c := range map[string]struct {
		method, path string
		change       func(*http.Request)
		code         int
	}{
		"by a proxy that signs in":         {"GET", "/stop/abc", func(r *http.Request) { r.Header.Set("Authorization", "Basic eDp5") }, 200},
		"elsewhere, that is refused":       {"GET", "/", func(r *http.Request) { r.Header.Set("Authorization", "Basic eDp5") }, 401},
		"a form, old browser, no referrer": {"POST", "/stop/abc", func(r *http.Request) { r.Header.Set("Origin", "null") }, 200},
		"elsewhere, such a form is not":    {"POST", "/m/1/stop", func(r *http.Request) { r.Header.Set("Origin", "null") }, 403},
		"a path that only begins so":       {"POST", "/stop/../m/1/stop", func(r *http.Request) { r.Header.Set("Origin", "null") }, 403},
		"one with two slashes":             {"POST", "/stop//m", func(r *http.Request) { r.Header.Set("Origin", "null") }, 403},
		"somebody else's name":             {"GET", "/stop/abc", func(r *http.Request) { r.Host = "evil.test" }, 421},
	} {
		known = false
		r := httptest.NewRequest(c.method, c.path, nil)
		r.Host, r.RemoteAddr = "belay.corp.test", "192.0.2.7:4000"
		c.change(r)
		out := httptest.NewRecorder()
		h.ServeHTTP(out, r)
		if out.Code != c.code || known {
			t.Errorf("%s: %d, known %v; want %d and nobody", name, out.Code, known, c.code)
		}
	}
}
