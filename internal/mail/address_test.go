package mail_test

import (
	"testing"

	"belay/internal/mail"
)

func TestKey_MakesAddressesComparable(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"anna.nowak@corp.test", "anna.nowak@corp.test"},
		{"Anna.Nowak@CORP.Test", "anna.nowak@corp.test"},
		{"anna@corp.test.", "anna@corp.test"},
		{`"anna"@corp.test`, "anna@corp.test"},
		{`"Anna.Nowak"@corp.test`, "anna.nowak@corp.test"},
		{`"anna nowak"@corp.test`, `"anna nowak"@corp.test`},
		{`"a@evil.test"@corp.test`, `"a@evil.test"@corp.test`},
		{`"a\@evil.test"@corp.test`, `"a@evil.test"@corp.test`},
		{`"a\"b"@corp.test`, `"a\"b"@corp.test`},
		{"jürgen@müller.test", "jürgen@xn--mller-kva.test"},
		{"JÜRGEN@MÜLLER.test", "jürgen@xn--mller-kva.test"},
		{"ju\u0308rgen@xn--mller-kva.test", "jürgen@xn--mller-kva.test"},
		{"postmaster", "postmaster"},
		{"Postmaster", "postmaster"},
		{"", ""},
		{"anna@[192.0.2.1]", "anna@[192.0.2.1]"},
		{"anna@[IPv6:2001:DB8::1]", "anna@[ipv6:2001:db8::1]"},
		{"anna+shop@corp.test", "anna+shop@corp.test"},
		{"a\x00b@corp.test", "ab@corp.test"},
		{"a\xffb@corp.test", "ab@corp.test"},
	} {
		if got := mail.Key(c.in); got != c.want {
			t.Errorf("Key(%q) = %q, want %q", c.in, got, c.want)
		}
	}
}

func TestDomain_IsWhatStandsBehindTheLastAt(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"anna@Corp.Test", "corp.test"},
		{`"anna@evil.test"@corp.test`, "corp.test"},
		{`"anna@evil.test"`, ""},
		{"postmaster", ""},
		{"anna@MÜLLER.test", "xn--mller-kva.test"},
		{"a@b@corp.test", "corp.test"},
	} {
		if got := mail.Domain(c.in); got != c.want {
			t.Errorf("Domain(%q) = %q, want %q", c.in, got, c.want)
		}
	}
}

func TestBase_DropsTheDetail(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"anna+shop@corp.test", "anna@corp.test"},
		{"anna+a+b@corp.test", "anna@corp.test"},
		{"anna@corp.test", "anna@corp.test"},
		{"+anna@corp.test", "+anna@corp.test"},
		{`"anna+x y"@corp.test`, `"anna+x y"@corp.test`},
		{"anna+x", "anna"},
	} {
		if got := mail.Base(c.in); got != c.want {
			t.Errorf("Base(%q) = %q, want %q", c.in, got, c.want)
		}
	}
}

func TestValidAddress_IsTheMailboxOfSMTP(t *testing.T) {
	good := []string{
		"anna@corp.test", `"anna nowak"@corp.test`, `"a\"b"@corp.test`, `"a@b"@corp.test`, `""@corp.test`,
		"anna@[192.0.2.1]", "anna@[IPv6:2001:db8::1]", "jürgen@müller.test", "a!#$%&'*+-/=?^_`{|}~b@corp.test",
		"anna@host_name.test", "anna@corp.test.", "anna@localhost",
		".anna@corp.test", "anna.@corp.test", "an..na@corp.test", // see isLooseAtom
	}
	bad := []string{
		"", "anna", "@corp.test", "anna@", "anna@@corp.test",
		"anna nowak@corp.test", `"anna@corp.test`, `"an"na"@corp.test`, `"anna\"@corp.test`, "anna@corp..test",
		"anna@-corp.test", "anna@corp-.test", "anna@co rp.test", "anna@[300.0.2.1]", "anna@[192.0.2.1", "anna@corp.test>",
		"anna\r\n@corp.test", "anna@corp\x00.test", "a\xff@corp.test", "anna@corp\xff.test", "\"a\x01\"@corp.test",
		"a23456789012345678901234567890123456789012345678901234567890123456@corp.test",
	}
	for _, a := range good {
		if err := mail.CheckAddress(a); err != nil {
			t.Errorf("CheckAddress(%q) = %v, want it valid", a, err)
		}
	}
	for _, a := range bad {
		if mail.ValidAddress(a) {
			t.Errorf("ValidAddress(%q) = true", a)
		}
	}
}

func FuzzAddress(f *testing.F) {
	for _, s := range []string{"anna@corp.test", `"a\"b c"@CORP.test`, "jürgen@müller.test", "a@[IPv6:::1]", "\"", "@", `"\`, "a@\u3002b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		key := mail.Key(s)
		if again := mail.Key(key); again != key {
			t.Errorf("Key(%q) = %q, but its Key is %q", s, key, again)
		}
		if mail.ValidAddress(s) && mail.Domain(key) != mail.Domain(s) {
			t.Errorf("Domain(%q) = %q, but its Key's is %q", s, mail.Domain(s), mail.Domain(key))
		}
		mail.Base(key)
	})
}
