package notice

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"belay/internal/mail"
	"belay/internal/queue"
	"belay/internal/smtpd"
	"belay/internal/worktime"
)

// Webmail and servers write a Date in UTC whatever the clock on the wall says.
func TestAnswer_AClockOfUTCIsNobodys(t *testing.T) {
	calendar, err := worktime.New("Europe/Warsaw", "", nil, "")
	if err != nil {
		t.Fatal(err)
	}
	for date, want := range map[string]string{"12:00:00 +0000": "leaves: 13:04 (in 4 minutes)", "12:00:00 GMT": "Times are in UTC+1.", "14:00:00 +0200": "leaves: 14:04 (in 4 minutes)"} {
		f := newFakeStore()
		f.add("one@corp.test", "Offer", 2*time.Minute, queue.Held, "bob@falcon.test")
		f.add("two@corp.test", "Lunch", 2*time.Minute, queue.Held, "eve@falcon.test")
		s := newService(t, f, func(o *Options) { o.Calendar = calendar })
		handle(t, s, write(signedIn, "undo@belay.corp.test", "From: Anna <anna@corp.test>\nDate: Fri, 14 Nov 2025 "+date+"\nMessage-ID: <request@phone.test>\nIn-Reply-To: <one@corp.test>\nSubject: Re: Offer\n\n"))
		expect(t, f.plain(t), want)
	}
}

func TestUndo_AnswersTheCopyInTheSentFolder(t *testing.T) {
	f := newFakeStore()
	older := f.add("one@corp.test", "Offer", 2*time.Minute, queue.Held, "bob@falcon.test")
	newer := f.add("two@corp.test", "Lunch", time.Minute, queue.Held, "eve@falcon.test")
	s := newService(t, f)

	text := handle(t, s, write(signedIn, "undo@belay.corp.test", fromAnna+"In-Reply-To: <one@corp.test>\nSubject: Re: Offer\n\n"))

	if text != "belay undo heard, the answer comes by mail" {
		t.Errorf("the client was told %q", text)
	}
	if f.state(older) != "stopped" || f.state(newer) != "held" {
		t.Errorf("Offer is %s, Lunch is %s", f.state(older), f.state(newer))
	}
	if len(f.acts) != 1 || f.acts[0] != "stop one@corp.test by anna@corp.test: by mail to undo@belay.corp.test, proof: signed-in, from 10.0.0.8" {
		t.Errorf("the journal will say %q", f.acts)
	}
	expect(t, f.plain(t), "“Offer” is stopped. Nobody will get it.", "bob@falcon.test: stopped", "still waiting", "“Lunch” eve@falcon.test – leaves: 13:04 (in 4 minutes)", "UTC+1")
}

func TestUndo_TheAnswerIsAQuietMailToTheAuthorAlone(t *testing.T) {
	f := newFakeStore()
	f.add("one@corp.test", "Offer", time.Minute, queue.Held, "bob@falcon.test")
	s := newService(t, f)
	handle(t, s, write(fromNetwork, "undo@belay.corp.test", fromAnna+"Reply-To: <thief@evil.test>\nIn-Reply-To: <one@corp.test>\n\n"))
	m, raw := f.last(t)
	if m.Envelope.ReversePath != "" || len(m.Envelope.Recipients) != 1 || m.Envelope.Recipients[0].Address != "anna@corp.test" {
		t.Errorf("envelope %+v", m.Envelope)
	}
	if m.Listener != "belay" || m.Author != "undo@belay.corp.test" || m.ID.Bucket() != mail.BucketOf(m.Author) || m.State != queue.Ready {
		t.Errorf("message %+v", m)
	}
	sum := mail.Summarize([]byte(raw))
	if sum.AutoSubmitted != "auto-replied" || sum.MessageID != m.MessageID || mail.Domain(sum.MessageID) != "belay.corp.test" ||
		strings.Join(sum.InReplyTo, " ") != "request@phone.test" || strings.Join(sum.References, " ") != "one@corp.test request@phone.test" {
		t.Errorf("header %+v", sum)
	}
	if strings.Contains(raw, "evil.test") {
		t.Error("the Reply-To of the mail got into the answer")
	}
}

func TestUndo_WhereItIsUnclearTheNewestIsMeantAndTheOthersAreListed(t *testing.T) {
	f := newFakeStore()
	f.add("one@corp.test", "Offer", 2*time.Minute, queue.Held, "bob@falcon.test")
	newest := f.add("two@corp.test", "Lunch", time.Minute, queue.Held, "eve@falcon.test")
	f.add("old@corp.test", "Sent long ago", time.Hour, queue.Sent, "eve@falcon.test")
	s := newService(t, f)
	for name, words := range map[string]string{
		"empty":           "Subject: \n\n",
		"strange subject": "Subject: STOP!!!\n\nplease, quickly\n",
		"only signature":  "\n-- \nAnna\n",
	} {
		f.messages[1].Deliveries[0].State = queue.Held
		handle(t, s, write(fromNetwork, "UNDO@Belay.Corp.Test", fromAnna+words))
		if f.state(newest) != "stopped" {
			t.Errorf("%s: the newest is %s", name, f.state(newest))
		}
		expect(t, f.plain(t), "“Lunch” is stopped", "“Offer” bob@falcon.test", "undo+")
		if guess := strings.Contains(f.plain(t), "your newest was taken"); guess != (name == "strange subject") {
			t.Errorf("%s: tells of a guess: %v", name, guess)
		}
	}
}

func TestUndo_StopsEveryCopyOfAMessageID(t *testing.T) {
	f := newFakeStore()
	a := f.add("same@corp.test", "Offer", 3*time.Minute, queue.Held, "bob@falcon.test")
	b := f.add("same@corp.test", "Offer", 2*time.Minute, queue.Held, "eve@falcon.test")
	gone := f.add("same@corp.test", "Offer", 9*time.Minute, queue.Sent, "tom@falcon.test")
	other := f.addFrom("jan@corp.test", "same@corp.test", "Offer", time.Minute, queue.Held, "bob@falcon.test")
	s := newService(t, f)
	handle(t, s, write(fromNetwork, "undo@belay.corp.test", fromAnna+"Subject: Fwd: offer\n\nTo: eve@falcon.test\n"))
	if f.state(a) != "stopped" || f.state(b) != "stopped" || f.state(gone) != "sent" {
		t.Errorf("copies are %s, %s, %s", f.state(a), f.state(b), f.state(gone))
	}
	if f.state(other) != "held" {
		t.Error("somebody else's mail of that Message-ID was stopped")
	}
	expect(t, f.plain(t), "stopped where there was still time", "2 copies", "tom@falcon.test: too late, left: 12:57 (3 minutes ago)")
}

func TestUndo_FindsTheMailByItsSubjectInSixLanguages(t *testing.T) {
	for _, subject := range []string{"Re: Zażółć", "RE: Re: Zażółć", "Odp: Zażółć", "RV: Zażółć", "R: Zażółć", "I: Zażółć",
		"Ynt: Zażółć", "İlt: Zażółć", "SV: Zażółć", "VS: Zażółć", "Fwd: Zażółć", "Re[2]: Zażółć", "zażółć"} {
		f := newFakeStore()
		meant := f.add("one@corp.test", "Zażółć", 2*time.Minute, queue.Held, "bob@falcon.test")
		f.add("two@corp.test", "Lunch", time.Minute, queue.Held, "eve@falcon.test")
		handle(t, newService(t, f), write(fromNetwork, "undo@belay.corp.test", fromAnna+"Subject: "+subject+"\n\nhello\n"))
		if f.state(meant) != "stopped" {
			t.Errorf("%q did not find its mail", subject)
		}
	}
}

func TestUndo_TwoMailsOfASubjectAreToldApartByTheQuotedRecipients(t *testing.T) {
	f := newFakeStore()
	older := f.add("one@corp.test", "Offer", 2*time.Minute, queue.Held, "bob@falcon.test")
	newer := f.add("two@corp.test", "Offer", time.Minute, queue.Held, "eve@falcon.test")
	handle(t, newService(t, f), write(fromNetwork, "undo@belay.corp.test", fromAnna+"Subject: Fwd: Offer\n\n---- Forwarded ----\nTo: Bob <BOB@falcon.test>\n\ntext\n"))
	if f.state(older) != "stopped" || f.state(newer) != "held" {
		t.Errorf("Bob's is %s, Eve's is %s", f.state(older), f.state(newer))
	}
}

func TestUndo_ReadsTheMessageIDOfAnAttachedMail(t *testing.T) {
	f := newFakeStore()
	meant := f.add("one@corp.test", "Offer", 2*time.Minute, queue.Held, "bob@falcon.test")
	f.add("two@corp.test", "Lunch", time.Minute, queue.Held, "eve@falcon.test")
	handle(t, newService(t, f), write(fromNetwork, "undo@belay.corp.test", fromAnna+"Subject: see attached\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=x\n\n"+
		"--x\nContent-Type: text/plain\n\nthis one\n--x\nContent-Type: message/rfc822\n\nFrom: anna@corp.test\nMessage-ID: <one@corp.test>\nSubject: Offer\n\ntext\n--x--\n"))
	if f.state(meant) != "stopped" {
		t.Errorf("the attached mail is %s", f.state(meant))
	}
}

func TestUndo_TooLateSaysWhatStillHelps(t *testing.T) {
	f := newFakeStore()
	m := f.add("one@corp.test", "Offer", time.Hour, queue.Sent, "bob@falcon.test", "eve@falcon.test")
	handle(t, newService(t, f), write(signedIn, "undo@belay.corp.test", fromAnna+"In-Reply-To: <one@corp.test>\n\n"))
	if f.state(m) != "sent sent" {
		t.Errorf("what was sent became %s", f.state(m))
	}
	expect(t, f.plain(t), "was already out when your mail came", "too late, left: 12:57 (3 minutes ago)", "telephone the people above")
	if _, raw := f.last(t); strings.Contains(raw, "rfc822") {
		t.Error("a mail that was sent came back as a draft")
	}
}

func TestUndo_AnEmptyMailWithNothingWaitingTellsOfTheLastOne(t *testing.T) {
	f := newFakeStore()
	handle(t, newService(t, f), write(signedIn, "undo@belay.corp.test", fromAnna+"\n"))
	expect(t, f.plain(t), "No mail of yours is waiting")
	f.add("one@corp.test", "Offer", time.Hour, queue.Sent, "bob@falcon.test")
	handle(t, newService(t, f), write(signedIn, "undo@belay.corp.test", fromAnna+"\n"))
	expect(t, f.plain(t), "“Offer” was already out")
}

func TestUndo_ANamedMailThatIsNotHereIsNotMistakenForAnother(t *testing.T) {
	const gone = "The mail you named is not here"
	for name, words := range map[string]string{
		"unknown answered": "In-Reply-To: <gone@corp.test>\nReferences: <old@corp.test> <gone@corp.test>\nSubject: Re: Plans\n\n",
		"unknown thread":   "References: <gone@corp.test>\n\n",
		"quoted subject":   "Subject: Fwd: Plans\n\n",
		"quoted, words":    "Subject: Re: Plans\n\nplease, quickly\n",
		"unknown attached": "Subject: see attached\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: message/rfc822\n\nMessage-ID: <gone@corp.test>\n\ntext\n--x--\n",
	} {
		f := newFakeStore()
		f.add("old@corp.test", "Sent long ago", 48*time.Hour, queue.Sent, "eve@falcon.test")
		s := newService(t, f)

		handle(t, s, write(signedIn, "undo@belay.corp.test", fromAnna+words))
		if text := f.plain(t); !strings.HasPrefix(text, gone) || !strings.Contains(text, "No mail of yours is waiting") || strings.Contains(text, "long ago") {
			t.Errorf("%s: with nothing waiting the answer is %q", name, text)
		}
		f.add("one@corp.test", "Offer", 2*time.Minute, queue.Held, "bob@falcon.test")
		newest := f.add("two@corp.test", "Lunch", time.Minute, queue.Held, "eve@falcon.test")
		handle(t, s, write(signedIn, "undo@belay.corp.test", fromAnna+words))
		if f.state(newest) != "stopped" {
			t.Errorf("%s: the newest is %s", name, f.state(newest))
		}
		m, _ := f.last(t)
		if text := f.plain(t); !strings.HasPrefix(text, gone) || m.Subject != "Stopped instead: Lunch" {
			t.Errorf("%s: the answer is %q, %q", name, m.Subject, text)
		}
		expect(t, f.plain(t), "the newest of yours that was waiting was stopped", "“Lunch” is stopped", "“Offer” bob@falcon.test", "undo+")
	}
}

func TestMailThatNoClockReleasesHasNoDateInAnAnswer(t *testing.T) {
	f := newFakeStore()
	f.add("one@corp.test", "Offer", 2*time.Minute, queue.Held, "bob@falcon.test").Deliveries[0].Due = clockNow.Add(2 * queue.Indefinite)
	f.add("two@corp.test", "Lunch", time.Minute, queue.Held, "eve@falcon.test")
	handle(t, newService(t, f), write(signedIn, "undo@belay.corp.test", fromAnna+"In-Reply-To: <two@corp.test>\n\n"))
	expect(t, f.plain(t), "“Offer” bob@falcon.test – waits until somebody sends or stops it")
}

func TestUndo_ASubAddressBelongsToItsBase(t *testing.T) {
	f := newFakeStore()
	m := f.add("one@corp.test", "Offer", time.Minute, queue.Held, "bob@falcon.test")
	handle(t, newService(t, f), write(fromNetwork, "undo@belay.corp.test", strings.ReplaceAll(fromAnna, "anna@", "anna+phone@")+"In-Reply-To: <one@corp.test>\n\n"))
	if f.state(m) != "stopped" {
		t.Errorf("undo by anna+phone@ left the mail %s", f.state(m))
	}
}

func TestUndo_AWordOfThanksStopsNothing(t *testing.T) {
	f := newFakeStore()
	f.add("one@corp.test", "Offer", 2*time.Minute, queue.Held, "bob@falcon.test")
	s := newService(t, f)
	handle(t, s, write(signedIn, "undo@belay.corp.test", fromAnna+"In-Reply-To: <one@corp.test>\n\n"))
	answer, _ := f.last(t)
	later := f.add("two@corp.test", "Lunch", time.Minute, queue.Held, "eve@falcon.test")
	handle(t, s, write(signedIn, "undo@belay.corp.test", fromAnna+"In-Reply-To: <"+answer.MessageID+">\nSubject: Re: Stopped: Offer\n\nThank you!\n"))
	if f.state(later) != "held" {
		t.Error("thanking belay stopped the newest mail")
	}
}

func TestSend_ReleasesWhatItNames(t *testing.T) {
	f := newFakeStore()
	m := f.add("one@corp.test", "Offer", 2*time.Minute, queue.Held, "bob@falcon.test")
	f.add("two@corp.test", "Lunch", time.Minute, queue.Held, "eve@falcon.test")
	handle(t, newService(t, f), write(signedIn, "send@belay.corp.test", fromAnna+"In-Reply-To: <one@corp.test>\nSubject: Re: Offer\n\n"))
	if f.state(m) != "ready" {
		t.Errorf("the mail is %s", f.state(m))
	}
	expect(t, f.plain(t), "“Offer” leaves now.", "bob@falcon.test: leaves now")
}

func TestSend_UnclearDoesNothing(t *testing.T) {
	for name, words := range map[string]string{
		"unknown id":         "In-Reply-To: <nobody@knows.test>\nSubject: Re: Other\n\n",
		"words, no subject":  "\nthe one to Bob please\n",
		"two of the subject": "Subject: Offer\n\n",
	} {
		f := newFakeStore()
		a := f.add("one@corp.test", "Offer", 2*time.Minute, queue.Held, "bob@falcon.test")
		b := f.add("two@corp.test", "Offer", time.Minute, queue.Held, "eve@falcon.test")
		handle(t, newService(t, f), write(signedIn, "send@belay.corp.test", fromAnna+words))
		if f.state(a)+f.state(b) != "heldheld" || len(f.acts) > 0 {
			t.Errorf("%s: the mails are %s and %s", name, f.state(a), f.state(b))
		}
		expect(t, f.plain(t), "It is not clear which mail you mean", "bob@falcon.test", "eve@falcon.test", "send+")
	}
}

func TestSend_AnEmptyMailMeansMyLatest(t *testing.T) {
	f := newFakeStore()
	a := f.add("one@corp.test", "Offer", 2*time.Minute, queue.Held, "bob@falcon.test")
	b := f.add("two@corp.test", "Lunch", time.Minute, queue.Held, "eve@falcon.test")
	handle(t, newService(t, f), write(signedIn, "send@belay.corp.test", fromAnna+"\n\nSent from my iPhone\n"))
	if f.state(a) != "held" || f.state(b) != "ready" {
		t.Errorf("the mails are %s and %s", f.state(a), f.state(b))
	}
}

func TestSend_DoesNotSendWhatWasStopped(t *testing.T) {
	f := newFakeStore()
	m := f.add("one@corp.test", "Offer", time.Hour, queue.Stopped, "bob@falcon.test")
	handle(t, newService(t, f), write(signedIn, "send@belay.corp.test", fromAnna+"In-Reply-To: <one@corp.test>\n\n"))
	if f.state(m) != "stopped" {
		t.Errorf("the stopped mail is %s", f.state(m))
	}
	expect(t, f.plain(t), "had been stopped, and what is stopped is not sent")
}

func TestAMailWithAServiceAddressReachesNobodyElseAndSaysSo(t *testing.T) {
	f := newFakeStore()
	f.add("one@corp.test", "Offer", time.Minute, queue.Held, "bob@falcon.test")
	var to []string
	for n := range 40 {
		to = append(to, fmt.Sprintf("p%02d@corp.test", n))
	}
	to[17] = "undo@belay.corp.test"
	handle(t, newService(t, f), write(signedIn, strings.Join(to, " "), fromAnna+"In-Reply-To: <one@corp.test>\n\n"))
	if len(f.posted) != 1 {
		t.Fatalf("%d mails were written, want the answer alone", len(f.posted))
	}
	expect(t, f.plain(t), "Your mail also named p00@corp.test, p01@corp.test", "and 29 more", "reaches nobody else")
}

func TestStoppingGoesBeforeSending(t *testing.T) {
	f := newFakeStore()
	m := f.add("one@corp.test", "Offer", time.Minute, queue.Held, "bob@falcon.test")
	handle(t, newService(t, f), write(signedIn, "send@belay.corp.test undo@belay.corp.test", fromAnna+"In-Reply-To: <one@corp.test>\n\n"))
	if f.state(m) != "stopped" {
		t.Errorf("named in send@ and undo@, the mail is %s", f.state(m))
	}
	expect(t, f.plain(t), "only undo@belay.corp.test counted")
}

func TestAddressesThatAreNotBuiltAnswerSoAndDoNothing(t *testing.T) {
	f := newFakeStore()
	m := f.add("one@corp.test", "Offer", time.Minute, queue.Held, "bob@falcon.test")
	s := newService(t, f)
	for _, name := range []string{"oops", "listen", "spam"} {
		handle(t, s, write(signedIn, name+"@belay.corp.test", fromAnna+"In-Reply-To: <one@corp.test>\n\n"))
		expect(t, f.plain(t), name+"@belay.corp.test does not do anything here yet", "not passed on to anybody")
	}
	handle(t, s, write(signedIn, "postmaster@belay.corp.test", fromAnna+"\nhello\n"))
	expect(t, f.plain(t), "The people who run belay are at postmaster@corp.test")
	if f.state(m) != "held" {
		t.Error("something was done")
	}
}

func TestUnknownServiceAddressesAreRefused(t *testing.T) {
	s := newService(t, newFakeStore())
	for _, address := range []string{"undo@belay.corp.test", "Send@BELAY.corp.test.", "undo+abc@belay.corp.test", `"undo"@belay.corp.test`,
		"spam@belay.corp.test", "Postmaster@belay.corp.test"} {
		if err := s.CheckRecipient(address); err != nil {
			t.Errorf("%s: %v", address, err)
		}
	}
	for _, address := range []string{"und@belay.corp.test", "anna@belay.corp.test", "@belay.corp.test", "+x@belay.corp.test", `"undo "@belay.corp.test`} {
		var reply *smtpd.Reply
		if err := s.CheckRecipient(address); !errors.As(err, &reply) || reply.Code != 550 || reply.Enhanced != "5.1.1" {
			t.Errorf("%s: %v, want 550 5.1.1", address, err)
		}
	}
	for _, address := range []string{"undo@corp.test", "undo@belay.corp.test.evil.test", "undo@sub.belay.corp.test", "undo"} {
		if s.IsService(address) {
			t.Errorf("%s was taken for ours", address)
		}
	}
	if nowhere := newService(t, newFakeStore(), func(o *Options) { o.Domain = "" }); nowhere.IsService("undo") || nowhere.IsService("undo@") {
		t.Error("without a service domain there are service addresses")
	}
}

func TestP1_WhatCannotBeStoredIsTriedAgain(t *testing.T) {
	f := newFakeStore()
	m := f.add("one@corp.test", "Offer", time.Minute, queue.Held, "bob@falcon.test")
	f.full = errFull
	s := newService(t, f)
	request := write(signedIn, "undo@belay.corp.test", fromAnna+"In-Reply-To: <one@corp.test>\n\n")
	if _, err := s.Handle(t.Context(), request); !errors.Is(err, errFull) {
		t.Fatalf("err = %v", err)
	}
	f.full = nil
	handle(t, s, request)
	if f.state(m) != "stopped" {
		t.Errorf("the mail is %s", f.state(m))
	}
	expect(t, f.plain(t), "had been stopped before", "Your mail is attached")
}

func TestTheAnswerSpeaksTheAuthorsLanguage(t *testing.T) {
	for header, want := range map[string]string{
		"Content-Language: pl\n\n":                          "jest zatrzymana",
		"Accept-Language: nb-NO, nb;q=0.9, en-US;q=0.8\n\n": "er stoppet",
		"Content-Language: de\n\nPor favor, detén este correo, lo he enviado a la persona equivocada.\n": "está detenido",
		"\nPer favore ferma questo messaggio, l'ho mandato alla persona sbagliata, grazie.\n":            "è fermo",
		"\nLütfen bu iletiyi durdurun, yanlışlıkla yanlış kişiye gönderdim, kusura bakmayın.\n":          "durduruldu",
		"Subject: SV: Offer\n\nja\n":   "er stoppet",
		"Subject: R: Offer\n\n":        "è fermo",
		"Subject: İlt: Offer\n\n":      "durduruldu",
		"\nok\n":                       "is stopped",
		"Content-Language: de\n\nok\n": "is stopped",
	} {
		f := newFakeStore()
		f.add("one@corp.test", "Offer", time.Minute, queue.Held, "bob@falcon.test")
		handle(t, newService(t, f), write(signedIn, "undo@belay.corp.test", fromAnna+"In-Reply-To: <one@corp.test>\nContent-Type: text/plain; charset=utf-8\n"+header))
		expect(t, f.plain(t), want)
	}
}
