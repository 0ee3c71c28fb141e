package mail_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"belay/internal/mail"
)

// Whoever signs in as mallory must not be able to write a header that shows
// somebody else as its writer, in whichever program it is read.
func TestWriters_AreAllWhomAHeaderMayShow(t *testing.T) {
	filler := strings.Repeat("X-Filler: a\r\n", 2001)
	for name, header := range map[string]string{
		"behind two thousand fields":    filler + "From: chief@corp.test\r\n",
		"again behind them":             "From: mallory@corp.test\r\n" + filler + "From: chief@corp.test\r\n",
		"a charset that is no ASCII":    "Content-Type: text/plain; charset=cp037\r\nFrom: \xff<chief@corp.test>\r\n",
		"one of two octets":             "Content-Type: text/plain; charset=utf-16le\r\nFrom: \xff<chief@corp.test>\r\n",
		"Japanese that is none":         "From: \x1b$B<chief@corp.test>\x1b(B mallory@corp.test\r\n",
		"two words":                     "From: mallory@corp.test chief@corp.test\r\n",
		"the sender":                    "From: mallory@corp.test\r\nSender: chief@corp.test\r\n",
		"two fields":                    "From: mallory@corp.test\r\nfrom : chief @ corp . test\r\n",
		"an eaten quote":                "Content-Type: text/plain; charset=shift_jis\r\nFrom: \"\x81\" <chief@corp.test> \"\x81\" <mallory@corp.test>\r\n",
		"within a folded line":          "From: mallory@corp.test,\r\n chief@corp.test\r\n",
		"a group":                       "From: mallory@corp.test:chief@corp.test;\r\n",
		"an encoded word with brackets": "From: =?utf-8?q?<chief@corp.test>?=\r\n",
	} {
		if got := mail.ParseHeader([]byte(header)).Writers(); !slices.Contains(got, "chief@corp.test") {
			t.Errorf("%s: %q, want chief@corp.test among them", name, got)
		}
	}
}

// What nobody can make out is given as it stands, so that no account may use it.
func TestWriters_OfAFieldThatHidesItsAddress(t *testing.T) {
	for name, header := range map[string]string{
		"a comment without an end":   "From: (mallory <chief@corp.test>\r\n",
		"the same behind an address": "From: mallory@corp.test (x <chief@corp.test>\r\n",
		"over ten thousand":          "From: " + strings.Repeat("mallory@corp.test,", 10_000) + "chief@corp.test\r\n",
	} {
		got := mail.ParseHeader([]byte(header)).Writers()
		if !slices.ContainsFunc(got, func(a string) bool { return !mail.ValidAddress(a) }) {
			t.Errorf("%s: %q, want something that is no address", name, got)
		}
	}
}

// Honest mail shows its one writer, whatever its charset.
func TestWriters_OfHonestMail(t *testing.T) {
	for _, header := range []string{
		"From: Anna Nowak <anna@corp.test>\r\n",
		"From: J\xf6rg \"the \xfc\" <anna@corp.test>\r\n",
		"Content-Type: text/plain; charset=iso-8859-2\r\nFrom: \"Wac\xb3aw, Nowak\" <anna@corp.test>\r\n",
		"Content-Type: text/plain; charset=shift_jis\r\nFrom: \x8e\x52\x93\x63 <anna@corp.test>\r\n",
		"From: \x1b$B;3ED\x1b(B <anna@corp.test>\r\n",
		"From: anna@corp.test (Anna Nowak)\r\n",
		"From: anna@corp.test Nowak\r\n",
		"From: \"chief@corp.test\" <anna@corp.test>\r\nSender: anna@corp.test\r\n",
	} {
		if got := mail.ParseHeader([]byte(header)).Writers(); !slices.Equal(got, []string{"anna@corp.test"}) {
			t.Errorf("%q: %q", header, got)
		}
	}
	for _, header := range []string{"Subject: x\r\n", "From:\r\n", "From: <>\r\n", ""} {
		if got := mail.ParseHeader([]byte(header)).Writers(); len(got) > 0 {
			t.Errorf("%q: %q, want nobody", header, got)
		}
	}
}

// A header of a million octets is let in: reading it must not cost their square.
func TestAHostileAddressListCostsItsLength(t *testing.T) {
	for _, value := range []string{
		`"` + strings.Repeat(`\"`, 200_000), `"` + strings.Repeat(`\"@`, 130_000), strings.Repeat("[", 400_000),
		strings.Repeat("(", 400_000), strings.Repeat("a@b ", 100_000), strings.Repeat(`<"\`, 130_000),
	} {
		began := time.Now()
		h := mail.ParseHeader([]byte("From: " + value + "\r\nTo: " + value + "\r\n"))
		h.Summary()
		h.Writers()
		if took := time.Since(began); took > 10*time.Second { // it takes a tenth of a second; the square took minutes
			t.Errorf("%.8q… took %s", value, took)
		}
	}
}
