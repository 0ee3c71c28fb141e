//go:build peers

package stories

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"belay/test/peers"
)

// S2: the assistants know first, and have a minute to prepare.

func TestStory_S2_MailToAnExecutiveIsAnnouncedThenArrives(t *testing.T) {
	o := company(t, strings.Replace(copyRule, "delay: 1h", "delay: 4s", 1))
	id := o.mail("anna@corp.test", "the branch in Gdynia", "maria@corp.test")
	notice := o.letter("ewa@corp.test", 1)
	if got := o.arrived("the branch in Gdynia"); len(got) > 0 {
		t.Errorf("it reached %v before its notice", got)
	}
	says(t, "the advance notice", notice.Text, "Anna Nowak", "anna@corp.test", "Maria Ruiz", "the branch in Gdynia")
	if strings.Contains(notice.Text+notice.HTML, "Good morning") || len(notice.Attached) > 0 {
		t.Errorf("Maria did not choose that her assistant sees the mail itself:\n%s", notice.Data)
	}
	m := state(t, o.Belay, id, "sent")
	if got := o.arrived("the branch in Gdynia"); !slices.Equal(got, []string{"maria@corp.test"}) {
		t.Errorf("it reached %v", got)
	}
	if len(m.Copies) != 1 || m.Copies[0].Address != "ewa@corp.test" || m.Copies[0].Told == nil || m.Copies[0].Withdrawn != nil {
		t.Errorf("the record of the copies: %+v", m.Copies)
	}
	o.count("ewa@corp.test", 1)
	o.count("anna@corp.test", 0) // a plain delay sends no mail (P10)
}

func TestStory_S2_TheNoticeSaysWhenItWillArriveAndHowToReachTheSender(t *testing.T) {
	o := company(t, copyRule, func(c *peers.Config) { c.More += "calendar: {timezone: Europe/Warsaw}\n" })
	id := o.mail("anna@corp.test", "the minutes", "maria@corp.test")
	notice := o.letter("ewa@corp.test", 1)
	until, err := time.Parse(time.RFC3339, o.message(id).HeldUntil)
	must(t, err)
	warsaw, err := time.LoadLocation("Europe/Warsaw")
	must(t, err)
	clocks := []string{until.In(warsaw).Format("15:04"), until.In(time.Local).Format("15:04"), until.In(warsaw).Format("3:04"), until.Format("3:04")}
	if !slices.ContainsFunc(clocks, func(c string) bool { return strings.Contains(notice.Text, c) }) {
		t.Errorf("the notice does not say that it arrives at %s:\n%s", clocks[0], notice.Text)
	}
	if !strings.Contains(notice.Text+notice.HTML+string(notice.Data), "anna@corp.test") {
		t.Errorf("the notice does not say how to reach the sender:\n%s", notice.Text)
	}
}

func TestStory_S2_WhoChoseItHasTheMailAttached(t *testing.T) {
	o := company(t, copyRule)
	o.mail("anna@corp.test", "for both of you", "maria@corp.test", "carlos@corp.test")
	// Ewa works for both; what Carlos chose holds for his mail, and this is his.
	o.until("the notice with the mail", func() bool {
		return slices.ContainsFunc(o.letters("ewa@corp.test"), func(l *peers.Letter) bool { return len(l.Attached) == 1 })
	})
	for _, l := range o.letters("ewa@corp.test") {
		for _, inner := range l.Attached {
			if !strings.HasSuffix(strings.TrimRight(string(inner), "\r\n"), "yours") || !strings.Contains(string(inner), "Subject: for both of you") {
				t.Errorf("attached is\n%s", inner)
			}
		}
	}
	o.count("ewa@corp.test", 1) // one notice, however many executives
}

func TestStory_S2_StoppedMailIsWithdrawnAndTheStopSaysWhichCopiesHadGone(t *testing.T) {
	o := company(t, copyRule)
	id := o.mail("anna@corp.test", "a draft too early", "maria@corp.test")
	o.letter("ewa@corp.test", 1)
	undo := serviceMail("anna@corp.test", "undo@belay.corp.test", "Re: a draft too early", "a-draft-too-early@corp.test")
	o.post(o.RelayAddr(), undo, "anna@corp.test", "undo@belay.corp.test")
	state(t, o.Belay, id, "stopped")
	answer := o.letter("anna@corp.test", 1)
	says(t, "the answer to the stop", answer.Text, "ewa@corp.test")
	withdrawn := o.letter("ewa@corp.test", 2)
	says(t, "the withdrawal", withdrawn.Text, "a draft too early")
	if !strings.Contains(withdrawn.References, "@") {
		t.Errorf("the withdrawal is not in one thread with the notice: References %q", withdrawn.References)
	}
	o.until("the record says that it was withdrawn", func() bool {
		m := o.message(id)
		return len(m.Copies) == 1 && m.Copies[0].Withdrawn != nil
	})
	o.count("ewa@corp.test", 2)
	if got := o.arrived("a draft too early"); len(got) > 0 {
		t.Errorf("it reached %v", got)
	}
}

func TestStory_S2_PrivateConfidentialAndEncryptedMailIsNeverAnnounced(t *testing.T) {
	o := company(t, copyRule)
	smime := "MIME-Version: 1.0\r\nContent-Type: application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m\r\nContent-Transfer-Encoding: base64\r\n"
	pgp := "MIME-Version: 1.0\r\nContent-Type: multipart/encrypted; protocol=\"application/pgp-encrypted\"; boundary=b\r\n"
	for name, header := range map[string]string{
		"personal": "Sensitivity: Personal\r\n", "private": "Sensitivity: Private\r\n",
		"confidential": "Sensitivity: Company-Confidential\r\n", "smime": smime, "pgp": pgp,
	} {
		message := letter("anna@corp.test", "maria@corp.test", name, header)
		id := send(t, o.Belay, message, "anna@corp.test", "maria@corp.test")
		m := o.held(id) // the delay still counts
		if len(m.Copies) != 0 {
			t.Errorf("%s: copies %+v", name, m.Copies)
		}
	}
	o.count("ewa@corp.test", 0)
	// The rest of the company is announced as ever.
	o.mail("anna@corp.test", "ordinary", "maria@corp.test")
	o.letter("ewa@corp.test", 1)
}

func TestStory_S2_TheAssistantMayStopButNotRelease(t *testing.T) {
	o := companyAtRest(t, strings.Replace(copyRule, "recipients.exists(r, \"executives\" in r.groups)", "true", 1), withSubmission(t))
	o.signIn("ewa@corp.test")
	must(t, o.Start())
	id := o.mail("maria@corp.test", "her own mail", "c@outside.test")
	ask := func(service, subject string) {
		t.Helper()
		o.submit(serviceMail("ewa@corp.test", service, "Re: "+subject, strings.ReplaceAll(subject, " ", "-")+"@corp.test"), "ewa@corp.test", service)
	}
	ask("send@belay.corp.test", "her own mail")
	o.letter("ewa@corp.test", 1)
	o.held(id)
	ask("undo@belay.corp.test", "her own mail")
	state(t, o.Belay, id, "stopped")
	o.letter("maria@corp.test", 1) // the author is told who stopped it
	says(t, "what Maria is told", fmt.Sprint(o.letter("maria@corp.test", 1).Text), "Ewa")
}
