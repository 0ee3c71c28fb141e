//go:build peers

package stories

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"belay/test/peers"
)

// Stops, bounces and answers are lessons: an address does not become right by
// being used.

// past writes mails of Anna's as belay learn reads them, so many to each.
func past(t *testing.T, to map[string]int) string {
	t.Helper()
	var b strings.Builder
	for address, times := range to {
		for n := range times {
			line, err := json.Marshal(map[string]any{"id": fmt.Sprintf("%d.%s", n, address), "date": time.Now().AddDate(0, 0, -20-n),
				"from": "anna@corp.test", "to": []string{address}, "subject": fmt.Sprintf("figures %d", n), "body": "Here they are."})
			must(t, err)
			b.Write(append(line, '\n'))
		}
	}
	file := filepath.Join(t.TempDir(), "past.jsonl")
	must(t, os.WriteFile(file, []byte(b.String()), 0o600))
	return file
}

// leaves sends a mail of Anna's, and wants it to leave unasked.
func (o *office) leaves(subject, to string) *peers.Message {
	o.t.Helper()
	id := o.mail("anna@corp.test", subject, to)
	o.until(subject+" has left unasked", func() bool { return o.message(id).State == "sent" })
	return o.message(id)
}

// asked sends a mail of Anna's once all is learned, and wants it to be asked about.
func (o *office) asked(subject, to string) string {
	o.t.Helper()
	o.until("all is learned", func() bool { return o.learned() > 0 })
	id := o.mail("anna@corp.test", subject, to)
	o.noticed(id, "recipient.lookalike")
	if m := o.message(id); m.State != "held" {
		o.t.Fatalf("%s is %s", subject, m.State)
	}
	return id
}

func TestStory_S7_AWrongAddressThatWasUsedForLongStaysSuspect(t *testing.T) {
	o := companyAtRest(t, "", learn(""), func(c *peers.Config) {
		c.DefaultRules, c.Watch = false, true
		c.Rules = askOnSignals + fenceRule + "- {name: think again, when: 'message.subject == \"a second thought\"', delay: 1h}\n"
	})
	must(t, o.Start())
	right, bounced, stopped := "jan.reed@harbour-works.test", "jan.reed@harbuor-works.test", "jan.reed@harbour-wroks.test"
	cli(t, o.Belay, "learn", past(t, map[string]int{right: 40, bounced: 6, stopped: 6}))
	m := o.leaves("the first", bounced)
	o.leaves("the second", stopped)

	report := "From: MAILER-DAEMON@mx.test\r\nTo: anna@corp.test\r\nSubject: Undelivered\r\nMIME-Version: 1.0\r\nAuto-Submitted: auto-replied\r\n" +
		"Content-Type: multipart/report; report-type=delivery-status; boundary=x\r\n\r\n--x\r\n\r\nSorry.\r\n--x\r\nContent-Type: message/delivery-status\r\n\r\n" +
		"Reporting-MTA: dns; mx.test\r\n\r\nFinal-Recipient: rfc822; " + bounced + "\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n" +
		"--x\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: <" + m.MessageID + ">\r\nSubject: the first\r\n\r\n--x--\r\n"
	o.post(o.ObserveAddr(), []byte(report), "<>", "anna@corp.test")
	id := o.asked("after the bounce", bounced)
	if s := o.noticed(id, "recipient.lookalike"); len(s.Instead) == 0 || s.Instead[0] != right {
		t.Errorf("the signal: %+v", s)
	}

	cli(t, o.Belay, "stop", o.mail("anna@corp.test", "a second thought", stopped))
	id = o.asked("after the stop", stopped)
	cli(t, o.Belay, "right", id)
	o.until("it is right, and leaves", func() bool { return o.message(id).State == "sent" })
	o.until("all is learned", func() bool { return o.learned() > 0 })
	if codes := o.codes(o.leaves("right from now on", stopped).ID); len(codes) > 0 {
		t.Errorf("what was said to be right is noticed as %v", codes)
	}
}
