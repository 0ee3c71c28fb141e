package mail

import (
	"reflect"
	"strings"
	"testing"
)

// bounced is a report as servers write it, with the parts for programs and the
// header of the mail that it is about.
func bounced(status, header string) string {
	return strings.ReplaceAll("From: MAILER-DAEMON@mx.test\nTo: Anna <Anna@corp.test>\nAuto-Submitted: auto-replied\nMIME-Version: 1.0\n"+
		"Content-Type: multipart/report; report-type=delivery-status; boundary=\"x/1\"\n\n--x/1\nContent-Type: text/plain\n\nI'm sorry.\n"+
		"--x/1\nContent-Type: message/delivery-status\n\n"+status+"\n--x/1\nContent-Type: text/rfc822-headers\n\n"+header+"\n--x/1--\n", "\n", "\r\n")
}

func TestBounceOf(t *testing.T) {
	head := "From: anna@corp.test\nMessage-ID: <1@corp.test>\nSubject: Offer\n"
	one := func(status string, lines ...string) string {
		return "Reporting-MTA: dns; mx.test\nArrival-Date: Mon, 2 Mar 2026 09:00:00 +0000\n\n" + strings.Join(append(lines, "Action: failed", "Status: "+status), "\n") + "\n"
	}
	for name, c := range map[string]struct {
		status string
		want   []Failure
	}{
		"postfix": {one("5.1.1", "Final-Recipient: rfc822; Bob@there.test", "Original-Recipient: rfc822;robert@there.test", "Remote-MTA: dns; mx.there.test",
			"Diagnostic-Code: smtp; 550 5.1.1 <bob@there.test>: no such user"), []Failure{{[]string{"robert@there.test", "bob@there.test"}, 550, "5.1.1"}}},
		"a status that says nothing": {one("5.0.0", "Final-Recipient: rfc822; bob@there.test", "Diagnostic-Code: smtp;550-5.1.1 The account does not exist"),
			[]Failure{{[]string{"bob@there.test"}, 550, "5.1.1"}}},
		"no reply":           {one("5.4.4", "Final-Recipient: rfc822;<bob@there.test>"), []Failure{{[]string{"bob@there.test"}, 0, "5.4.4"}}},
		"a delay":            {strings.ReplaceAll(one("4.4.1", "Final-Recipient: rfc822; bob@there.test"), "failed", "delayed"), nil},
		"nobody":             {one("5.1.1"), nil},
		"no address":         {one("5.1.1", "Final-Recipient: rfc822; bob"), nil},
		"nonsense in it":     {one("x.y.z", "Final-Recipient: rfc822; bob@there.test", "Diagnostic-Code: smtp; 5xx 5.1"), []Failure{{[]string{"bob@there.test"}, 0, ""}}},
		"two of three":       {one("5.1.1", "Final-Recipient: rfc822; a@x.test") + "\nFinal-Recipient: rfc822; b@x.test\nAction: relayed\nStatus: 2.0.0\n\nFinal-Recipient: rfc822; c@x.test\nAction: Failed\nStatus: 5.7.1\n", []Failure{{[]string{"a@x.test"}, 0, "5.1.1"}, {[]string{"c@x.test"}, 0, "5.7.1"}}},
		"only about the way": {"Reporting-MTA: dns; mx.test\n", nil},
	} {
		b, ok := BounceOf([]byte(bounced(c.status, head)))
		if ok != (c.want != nil) || !reflect.DeepEqual(b.Failed, c.want) {
			t.Errorf("%s: %v, %+v, want %+v", name, ok, b.Failed, c.want)
		}
		if ok && (b.MessageID != "1@corp.test" || !reflect.DeepEqual(b.To, []string{"anna@corp.test"})) {
			t.Errorf("%s: it is about %+v", name, b)
		}
	}
	whole := bounced(one("5.1.1", "Final-Recipient: rfc822; bob@there.test"), head)
	for name, message := range map[string]string{
		"no report":             "From: a@b.test\r\n\r\nhello\r\n",
		"without the mail":      bounced(one("5.1.1", "Final-Recipient: rfc822; bob@there.test"), "Subject: Offer\n"),
		"a receipt":             strings.ReplaceAll(whole, "delivery-status", "disposition-notification"),
		"nothing but a header":  "To: anna@corp.test\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=x\r\n\r\n",
		"nothing at all":        "",
		"a part that never end": whole[:strings.Index(whole, "Final-Recipient")],
	} {
		if b, ok := BounceOf([]byte(message)); ok {
			t.Errorf("%s is taken for %+v", name, b)
		}
	}
}

func FuzzBounceOf(f *testing.F) {
	f.Add([]byte(bounced("Reporting-MTA: dns; mx.test\n\nFinal-Recipient: rfc822; bob@there.test\nAction: failed\nStatus: 5.1.1\n", "Message-ID: <1@corp.test>\n")))
	f.Fuzz(func(t *testing.T, message []byte) {
		b, ok := BounceOf(message)
		if ok && (b.MessageID == "" || len(b.Failed) == 0 || len(b.Failed) > maxFailures || len(b.To) > maxReportTo) {
			t.Fatalf("%+v", b)
		}
		for _, x := range b.Failed {
			for _, a := range x.Addresses {
				if Key(a) != a {
					t.Fatalf("%q is no key", a)
				}
			}
		}
	})
}
