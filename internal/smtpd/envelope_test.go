package smtpd

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"belay/internal/mail"
)

// ask says one MAIL or RCPT line in a session of its own and gives its reply.
func ask(t *testing.T, h *recorder, line string) string {
	t.Helper()
	before := hello
	if strings.HasPrefix(strings.ToUpper(line), "RCPT") {
		before += "MAIL FROM:<anna@corp.test> SMTPUTF8\r\n"
	}
	o := relayOptions()
	o.FutureRelease = 24 * time.Hour
	got := replies(t, play(t, o, h, loopback, before+line+"\r\n", 0))
	return got[len(got)-1]
}

func TestMAIL_Paths(t *testing.T) {
	local64, domain255 := strings.Repeat("l", 64), strings.Repeat(strings.Repeat("d", 62)+".", 4)+"xyz"
	for _, c := range []struct{ line, address, refused string }{
		{"MAIL FROM:<>", "", ""},
		{"MAIL FROM:<anna@corp.test>", "anna@corp.test", ""},
		{"mail from: <Anna.Nowak@Corp.Test>", "Anna.Nowak@Corp.Test", ""},
		{`MAIL FROM:<"anna nowak"@corp.test>`, `"anna nowak"@corp.test`, ""},
		{`MAIL FROM:<"a@evil.test"@corp.test>`, `"a@evil.test"@corp.test`, ""},
		{`MAIL FROM:<"a>b"@corp.test>`, `"a>b"@corp.test`, ""},
		{`MAIL FROM:<"a\"b\\"@corp.test>`, `"a\"b\\"@corp.test`, ""},
		{`MAIL FROM:<"plain"@corp.test>`, `"plain"@corp.test`, ""},
		{`MAIL FROM:<""@corp.test>`, `""@corp.test`, ""},
		{"MAIL FROM:<a+b!#$%&'*/=?^_`{|}~-@corp.test>", "a+b!#$%&'*/=?^_`{|}~-@corp.test", ""},
		{"MAIL FROM:<a@[192.0.2.1]>", "a@[192.0.2.1]", ""},
		{"MAIL FROM:<a@[IPv6:2001:db8::1]>", "a@[IPv6:2001:db8::1]", ""},
		{"MAIL FROM:<a@localhost>", "a@localhost", ""},
		{"MAIL FROM:<a@under_score.test>", "a@under_score.test", ""},
		{"MAIL FROM:<@one.test,@two.test:a@corp.test>", "a@corp.test", ""},
		{"MAIL FROM:<" + local64 + "@corp.test>", local64 + "@corp.test", ""},
		{"MAIL FROM:<żółw@corp.test> SMTPUTF8", "żółw@corp.test", ""},
		{"MAIL FROM:<a@bücher.test> BODY=8BITMIME SMTPUTF8", "a@bücher.test", ""},

		{"MAIL FROM:<żółw@corp.test>", "", "553 5.6.7"},
		{"MAIL FROM:<a@bücher.test>", "", "553 5.6.7"},
		{"MAIL FROM:<\xff@corp.test> SMTPUTF8", "", "501 5.1.7"},
		{"MAIL FROM:<" + local64 + "l@corp.test>", "", "501 5.1.7"},
		{"MAIL FROM:<a@" + domain255 + ">", "", "501 5.1.7"},
		{"MAIL FROM:<a@" + strings.Repeat("d", 64) + ".test>", "", "501 5.1.7"},
		{"MAIL FROM:anna@corp.test", "", "501 5.1.7"},
		{"MAIL FROM:<anna@corp.test", "", "501 5.1.7"},
		{`MAIL FROM:<"anna@corp.test>`, "", "501 5.1.7"},
		{"MAIL FROM:<anna>", "", "501 5.1.7"},
		{"MAIL FROM:<postmaster>", "", "501 5.1.7"},
		{"MAIL FROM:<@corp.test>", "", "501 5.1.7"},
		{"MAIL FROM:<anna@>", "", "501 5.1.7"},
		{"MAIL FROM:<an na@corp.test>", "", "501 5.1.7"},
		{"MAIL FROM:<anna@corp test>", "", "501 5.1.7"},
		{"MAIL FROM:<anna@corp..test>", "", "501 5.1.7"},
		{"MAIL FROM:<anna@-corp.test>", "", "501 5.1.7"},
		{"MAIL FROM:<anna..nowak@corp.test>", "anna..nowak@corp.test", ""},
		{"MAIL FROM:<an<na@corp.test>", "", "501 5.1.7"},
		{"MAIL FROM:<a@b@corp.test>", "", "501 5.1.7"},
		{"MAIL FROM:<a@[300.0.2.1]>", "", "501 5.1.7"},
		{"MAIL FROM:<a@[IPv6:fe80::1%eth0]>", "", "501 5.1.7"},
		{"MAIL FROM:<a@[192.0.2.1>", "", "501 5.1.7"},
		{"MAIL FROM:<@one.test:>", "", "501 5.1.7"},
		{"MAIL FROM:<@one.test,two.test:a@corp.test>", "", "501 5.1.7"},
		{"MAIL FROM:<@one..test:a@corp.test>", "", "501 5.1.7"},
		{"MAIL FROM:<a@corp.test>SIZE=1", "", "501 5.1.7"},
		{"MAIL FROM:", "", "501 5.1.7"},
		{"MAIL FROM<a@corp.test>", "", "501 5.5.4"},
		{"MAIL TO:<a@corp.test>", "", "501 5.5.4"},
		{"MAIL", "", "501 5.5.4"},
	} {
		var got *mail.Envelope
		reply := ask(t, &recorder{mail: func(e *mail.Envelope) error { got = e; return nil }}, c.line)
		switch {
		case c.refused != "":
			if !strings.HasPrefix(reply, c.refused) || got != nil {
				t.Errorf("%s: %s, want %s", c.line, reply, c.refused)
			}
		case got == nil || got.ReversePath != c.address:
			t.Errorf("%s: %s, envelope %+v, want %q", c.line, reply, got, c.address)
		}
	}
}

func TestRCPT_PathsAndParameters(t *testing.T) {
	for _, c := range []struct {
		line    string
		want    mail.Recipient
		refused string
	}{
		{"RCPT TO:<bob@far.test>", mail.Recipient{Address: "bob@far.test"}, ""},
		{"rcpt to:<postmaster>", mail.Recipient{Address: "postmaster"}, ""},
		{"RCPT TO:<PostMaster>", mail.Recipient{Address: "PostMaster"}, ""},
		{`RCPT TO:<"bob@x.test"@far.test>`, mail.Recipient{Address: `"bob@x.test"@far.test`}, ""},
		{"RCPT TO:<@relay.test:bob@far.test>", mail.Recipient{Address: "bob@far.test"}, ""},
		{"RCPT TO:<żółw@far.test>", mail.Recipient{Address: "żółw@far.test"}, ""},
		{"RCPT TO:<bob@far.test> NOTIFY=never", mail.Recipient{Address: "bob@far.test", Notify: "NEVER"}, ""},
		{"RCPT TO:<bob@far.test>  NOTIFY=SUCCESS,failure,DELAY   ORCPT=rfc822;bob+2Bx@far.test",
			mail.Recipient{Address: "bob@far.test", Notify: "SUCCESS,FAILURE,DELAY", ORcpt: "rfc822;bob+2Bx@far.test"}, ""},
		{"RCPT TO:<bob@far.test> ORCPT=utf-8;żółw@far.test", mail.Recipient{Address: "bob@far.test", ORcpt: "utf-8;żółw@far.test"}, ""},

		{"RCPT TO:<>", mail.Recipient{}, "501 5.1.3"},
		{"RCPT TO:<bob>", mail.Recipient{}, "501 5.1.3"},
		{"RCPT TO:bob@far.test", mail.Recipient{}, "501 5.1.3"},
		{"RCPT FROM:<bob@far.test>", mail.Recipient{}, "501 5.5.4"},
		{"RCPT TO:<bob@far.test> NOTIFY", mail.Recipient{}, "501 5.5.4"},
		{"RCPT TO:<bob@far.test> NOTIFY=", mail.Recipient{}, "501 5.5.4"},
		{"RCPT TO:<bob@far.test> NOTIFY=NEVER,SUCCESS", mail.Recipient{}, "501 5.5.4"},
		{"RCPT TO:<bob@far.test> NOTIFY=SUCCESS,", mail.Recipient{}, "501 5.5.4"},
		{"RCPT TO:<bob@far.test> NOTIFY=NEVER NOTIFY=NEVER", mail.Recipient{}, "501 5.5.4"},
		{"RCPT TO:<bob@far.test> ORCPT=bob@far.test", mail.Recipient{}, "501 5.5.4"},
		{"RCPT TO:<bob@far.test> ORCPT=rfc822;", mail.Recipient{}, "501 5.5.4"},
		{"RCPT TO:<bob@far.test> ORCPT=rfc822;a+b@far.test", mail.Recipient{}, "501 5.5.4"},
		{"RCPT TO:<bob@far.test> ORCPT=rfc822;" + strings.Repeat("x", 500), mail.Recipient{}, "501 5.5.4"},
		{"RCPT TO:<bob@far.test> ORCPT=utf-8;\xffw@far.test", mail.Recipient{}, "501 5.5.4"},
		{"RCPT TO:<bob@far.test> SIZE=1", mail.Recipient{}, "555 5.5.4"},
		{"RCPT TO:<bob@far.test> X=1", mail.Recipient{}, "555 5.5.4"},
	} {
		var got *mail.Recipient
		reply := ask(t, &recorder{recipient: func(r mail.Recipient) error { got = &r; return nil }}, c.line)
		switch {
		case c.refused != "":
			if !strings.HasPrefix(reply, c.refused) || got != nil {
				t.Errorf("%s: %s, want %s", c.line, reply, c.refused)
			}
		case got == nil || *got != c.want:
			t.Errorf("%s: %s, recipient %+v, want %+v", c.line, reply, got, c.want)
		}
	}
}

func TestRCPT_UTF8NeedsSMTPUTF8(t *testing.T) {
	got := replies(t, play(t, relayOptions(), &recorder{}, loopback, hello+from+"RCPT TO:<żółw@far.test>\r\nRCPT TO:<bob@far.test> ORCPT=utf-8;żółw@far.test\r\n", 0))
	expect(t, got[3:], "553 5.6.7", "501 5.5.4")
}

func TestMAIL_Parameters(t *testing.T) {
	utf8 := mail.Envelope{ReversePath: "a@b.test", SMTPUTF8: true}
	for _, c := range []struct {
		params  string
		want    mail.Envelope
		refused string
	}{
		{"SIZE=0", mail.Envelope{ReversePath: "a@b.test"}, ""},
		{"SIZE=1000 BODY=8bitmime", mail.Envelope{ReversePath: "a@b.test", Body: "8BITMIME"}, ""},
		{"BODY=7BIT", mail.Envelope{ReversePath: "a@b.test", Body: "7BIT"}, ""},
		{"smtputf8", utf8, ""},
		{"RET=hdrs ENVID=QQ+3D314159", mail.Envelope{ReversePath: "a@b.test", Ret: "HDRS", EnvID: "QQ+3D314159"}, ""},
		{"RET=FULL", mail.Envelope{ReversePath: "a@b.test", Ret: "FULL"}, ""},
		{"AUTH=<>", mail.Envelope{ReversePath: "a@b.test"}, ""},
		{"AUTH=e+3Dmc2@example.com", mail.Envelope{ReversePath: "a@b.test"}, ""},

		{"SIZE", mail.Envelope{}, "501 5.5.4"},
		{"SIZE=", mail.Envelope{}, "501 5.5.4"},
		{"SIZE=-1", mail.Envelope{}, "501 5.5.4"},
		{"SIZE=1k", mail.Envelope{}, "501 5.5.4"},
		{"SIZE=111111111111111111111", mail.Envelope{}, "501 5.5.4"},
		{"SIZE=99999999", mail.Envelope{}, "552 5.3.4"},
		{"SIZE=1 SIZE=1", mail.Envelope{}, "501 5.5.4"},
		{"SIZE=1 size=1", mail.Envelope{}, "501 5.5.4"},
		{"BODY=BINARYMIME", mail.Envelope{}, "555 5.6.3"},
		{"BODY=9BIT", mail.Envelope{}, "501 5.5.4"},
		{"SMTPUTF8=yes", mail.Envelope{}, "501 5.5.4"},
		{"RET=ALL", mail.Envelope{}, "501 5.5.4"},
		{"RET", mail.Envelope{}, "501 5.5.4"},
		{"ENVID=a+b", mail.Envelope{}, "501 5.5.4"},
		{"ENVID=" + strings.Repeat("x", 101), mail.Envelope{}, "501 5.5.4"},
		{"ENVID=ż", mail.Envelope{}, "501 5.5.4"},
		{"ENVID=a=b", mail.Envelope{}, "501 5.5.4"},
		{"AUTH=a+zz", mail.Envelope{}, "501 5.5.4"},
		{"HOLDFOR=-1", mail.Envelope{}, "501 5.5.4"},
		{"HOLDFOR=86401", mail.Envelope{}, "501 5.5.4"},
		{"HOLDFOR=9999999999", mail.Envelope{}, "501 5.5.4"},
		{"HOLDFOR=1 HOLDUNTIL=2030-01-01T00:00:00Z", mail.Envelope{}, "501 5.5.4"},
		{"HOLDUNTIL=tomorrow", mail.Envelope{}, "501 5.5.4"},
		{"HOLDUNTIL=9999-01-01T00:00:00Z", mail.Envelope{}, "501 5.5.4"},
		{"X-UNKNOWN=1", mail.Envelope{}, "555 5.5.4"},
		{"BY=1;R", mail.Envelope{}, "555 5.5.4"},
		{"=1", mail.Envelope{}, "501 5.5.4"},
		{"-X", mail.Envelope{}, "501 5.5.4"},
		{"X_Y=1", mail.Envelope{}, "501 5.5.4"},
	} {
		var got *mail.Envelope
		reply := ask(t, &recorder{mail: func(e *mail.Envelope) error { got = e; return nil }}, "MAIL FROM:<a@b.test> "+c.params)
		switch {
		case c.refused != "":
			if !strings.HasPrefix(reply, c.refused) || got != nil {
				t.Errorf("%s: %s, want %s", c.params, reply, c.refused)
			}
		case got == nil || fmt.Sprint(*got) != fmt.Sprint(c.want):
			t.Errorf("%s: %s, envelope %+v, want %+v", c.params, reply, got, c.want)
		}
	}
}

func TestMAIL_FutureRelease(t *testing.T) {
	var got *mail.Envelope
	h := &recorder{mail: func(e *mail.Envelope) error { got = e; return nil }}
	before := time.Now()
	ask(t, h, "MAIL FROM:<a@b.test> HOLDFOR=3600")
	if hold := got.HoldUntil.Sub(before); hold < time.Hour || hold > time.Hour+time.Minute {
		t.Errorf("HOLDFOR=3600 waits %s", hold)
	}
	until := before.Add(time.Hour).Truncate(time.Second)
	ask(t, h, "MAIL FROM:<a@b.test> HOLDUNTIL="+until.In(time.FixedZone("", 7200)).Format(time.RFC3339))
	if !got.HoldUntil.Equal(until) || got.HoldUntil.Location() != time.UTC {
		t.Errorf("held until %s, want %s", got.HoldUntil, until)
	}
	if reply := ask(t, h, "MAIL FROM:<a@b.test> HOLDUNTIL=2001-01-01T00:00:00Z"); !strings.HasPrefix(reply, "250") {
		t.Errorf("a time that has passed: %s", reply)
	}
	got = nil
	reply := replies(t, play(t, relayOptions(), h, loopback, hello+"MAIL FROM:<a@b.test> HOLDFOR=1\r\n", 0))[2]
	if !strings.HasPrefix(reply, "555 5.5.4") || got != nil {
		t.Errorf("where it is not offered: %s", reply)
	}
}

func TestEHLO_NamesAreFitForAReceivedLine(t *testing.T) {
	var got string
	for name, want := range map[string]string{"a.test": "a.test", "[192.0.2.1]": "[192.0.2.1]", "a);(b": "a???b", "żółw": "???w", "A_b-1": "A_b-1"} {
		h := &recorder{}
		play(t, relayOptions(), h, loopback, "EHLO "+name+"\r\n"+from+to+"DATA\r\n.\r\n", 0)
		if got = h.committed()[0].client.Helo; got != want {
			t.Errorf("%q became %q, want %q", name, got, want)
		}
	}
}
