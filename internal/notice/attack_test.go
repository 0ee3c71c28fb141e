package notice

import (
	"strings"
	"testing"
	"time"

	"belay/internal/mail"
	"belay/internal/queue"
	"belay/internal/smtpd"
)

// offer is a held mail of Anna's and one of Jan's.
func offer(t *testing.T, change ...func(*Options)) (*fakeStore, *Service, *queue.Message, *queue.Message) {
	t.Helper()
	f := newFakeStore()
	anna := f.add("one@corp.test", "Offer", 2*time.Minute, queue.Held, "bob@falcon.test")
	jan := f.addFrom("jan@corp.test", "jans@corp.test", "Salaries", time.Minute, queue.Held, "eve@falcon.test")
	return f, newService(t, f, change...), anna, jan
}

func TestForged_FromInTheNetworkStopsOnlyTheAuthorsOwnMailAndTellsTheAuthor(t *testing.T) {
	f, s, anna, jan := offer(t)
	forged := write(fromNetwork, "undo@belay.corp.test", fromAnna+"In-Reply-To: <jans@corp.test>\nSubject: Re: Salaries\n\nstop it\n")
	forged.Envelope.ReversePath = "forger@corp.test"
	handle(t, s, forged)
	if f.state(jan) != "held" {
		t.Error("a mail in Anna's name stopped Jan's")
	}
	if f.state(anna) != "stopped" {
		t.Error("an unclear undo in Anna's name takes her newest")
	}
	m, _ := f.last(t)
	if m.Envelope.Recipients[0].Address != "anna@corp.test" || len(f.posted) != 1 {
		t.Errorf("told was %v", m.Envelope.Recipients)
	}
	expect(t, f.plain(t), "from 10.0.0.7, in your own network, without a sign-in", "Your mail is attached")
	if strings.Contains(f.plain(t), "Salaries") {
		t.Error("the answer tells of Jan's mail")
	}
}

func TestForged_SendInTheNetworkAsksTheAuthorBack(t *testing.T) {
	f, s, anna, _ := offer(t)
	forged := write(fromNetwork, "send@belay.corp.test", fromAnna+"In-Reply-To: <one@corp.test>\nReply-To: forger@corp.test\n\n")
	forged.Envelope.ReversePath = "forger@corp.test"
	handle(t, s, forged)
	if f.state(anna) != "held" || len(f.acts) != 0 {
		t.Fatalf("an unproved send@ made the mail %s", f.state(anna))
	}
	question, raw := f.last(t)
	if question.Envelope.Recipients[0].Address != "anna@corp.test" {
		t.Errorf("asked was %v", question.Envelope.Recipients)
	}
	expect(t, f.plain(t), "Somebody asked for “Offer” to be sent now", "from 10.0.0.7")
	token := replyTo(t, raw)

	// Anna answers, from wherever she is.
	for _, client := range []smtpd.Client{fromOutside, fromNetwork, signedIn} {
		f.messages[0].Deliveries[0].State = queue.Held
		handle(t, s, write(client, token, fromAnna+"In-Reply-To: <"+question.MessageID+">\nSubject: Re: Send it now? Offer\n\nyes\n"))
		if f.state(anna) != "ready" {
			t.Errorf("%s: her answer left the mail %s", client.Listener, f.state(anna))
		}
	}
}

func replyTo(t *testing.T, raw string) string {
	t.Helper()
	sum := mail.Summarize([]byte(raw))
	if len(sum.ReplyTo) != 1 || !strings.HasPrefix(sum.ReplyTo[0].Address, "send+") {
		t.Fatalf("Reply-To is %v", sum.ReplyTo)
	}
	if local, _ := mail.Split(sum.ReplyTo[0].Address); len(local) > 64 {
		t.Errorf("a local part of %d octets", len(local))
	}
	return sum.ReplyTo[0].Address
}

func TestForged_FromOutsideDoesNothingAndHearsNothing(t *testing.T) {
	f, s, anna, jan := offer(t)
	for _, address := range []string{"undo", "send", "oops", "listen", "spam", "undo+aaaa", "send+" + strings.Repeat("a", 58)} {
		m := write(fromOutside, address+"@belay.corp.test", fromAnna+"In-Reply-To: <one@corp.test>\n\n")
		handle(t, s, m)
	}
	if f.state(anna)+f.state(jan) != "heldheld" || len(f.posted) != 0 {
		t.Errorf("incoming mail made the mails %s, %s, and belay wrote %d mails", f.state(anna), f.state(jan), len(f.posted))
	}
}

func TestForged_SignInThatMayNotUseTheAddress(t *testing.T) {
	f, s, anna, _ := offer(t)
	jan := signedIn
	jan.Principal = "jan@corp.test"
	handle(t, s, write(jan, "undo@belay.corp.test", fromAnna+"In-Reply-To: <one@corp.test>\n\n"))
	if f.state(anna) != "held" || len(f.posted) != 0 {
		t.Errorf("Jan's sign-in made Anna's mail %s", f.state(anna))
	}
}

func TestDMARC_OnlyTheTopmostResultOfAConfiguredServerCounts(t *testing.T) {
	const good = "Authentication-Results: mx.corp.test; dkim=pass header.d=corp.test; dmarc=pass (p=reject dis=none) header.from=corp.test\n"
	for name, test := range map[string]struct {
		header string
		want   string
	}{
		"vouched":               {good, "ready"},
		"folded, other case":    {"Authentication-Results: MX.corp.test;\n\tdmarc=pass (policy=none)\n\theader.from=CORP.test\n", "ready"},
		"another server":        {"Authentication-Results: mx.evil.test; dmarc=pass header.from=corp.test\n", "held"},
		"forged below the real": {"Authentication-Results: mx.other.test; dmarc=none\n" + good, "held"},
		"failed":                {"Authentication-Results: mx.corp.test; dmarc=fail header.from=corp.test\n", "held"},
		"failed and passed":     {"Authentication-Results: mx.corp.test; dmarc=pass header.from=corp.test; dmarc=fail header.from=corp.test\n", "held"},
		"another domain":        {"Authentication-Results: mx.corp.test; dmarc=pass header.from=evil.test\n", "held"},
		"no domain":             {"Authentication-Results: mx.corp.test; dmarc=pass\n", "held"},
		"only SPF":              {"Authentication-Results: mx.corp.test; spf=pass smtp.mailfrom=corp.test\n", "held"},
		"in a comment":          {"Authentication-Results: mx.evil.test (mx.corp.test; dmarc=pass header.from=corp.test); dmarc=pass header.from=corp.test\n", "held"},
		"two From fields":       {good + "From: mallory@evil.test\n", "held"},
		"an empty From field":   {good + "From: <>\n", "held"},
		"nothing at all":        {"", "held"},
		"garbage":               {"Authentication-Results: ;;=\n", "held"},
	} {
		f, s, anna, _ := offer(t)
		handle(t, s, write(fromNetwork, "send@belay.corp.test", test.header+fromAnna+"In-Reply-To: <one@corp.test>\n\n"))
		if got := f.state(anna); got != test.want {
			t.Errorf("%s: the mail is %s, want %s", name, got, test.want)
		}
	}
	// Nobody configured: nobody is believed.
	f, s, anna, _ := offer(t, func(o *Options) { o.AuthservIDs = nil })
	handle(t, s, write(fromNetwork, "send@belay.corp.test", good+fromAnna+"In-Reply-To: <one@corp.test>\n\n"))
	if f.state(anna) != "held" {
		t.Error("an authserv-id that nobody configured was believed")
	}
}

func TestToken_OfOthersModifiedExpiredOrForAnotherActDoesNothing(t *testing.T) {
	f, s, anna, jan := offer(t)
	soon := clockNow.Add(time.Hour)
	good := s.tokens.Make(ActSend, anna.ID, "anna@corp.test", soon)
	changed := []byte(good)
	changed[30] ^= 1
	if changed[30] < 'a' || changed[30] > 'z' {
		changed[30] = 'b'
	}
	for name, token := range map[string]string{
		"for another person":   s.tokens.Make(ActSend, anna.ID, "jan@corp.test", soon),
		"for another message":  s.tokens.Make(ActSend, jan.ID, "anna@corp.test", soon),
		"of another's message": s.tokens.Make(ActSend, jan.ID, "jan@corp.test", soon),
		"for another act":      s.tokens.Make(ActStop, anna.ID, "anna@corp.test", soon),
		"expired":              s.tokens.Make(ActSend, anna.ID, "anna@corp.test", clockNow),
		"changed":              string(changed),
		"cut":                  good[:57],
		"longer":               good + "a",
		"unknown message":      s.tokens.Make(ActSend, mail.NewID(clockNow, 3), "anna@corp.test", soon),
	} {
		for _, client := range []smtpd.Client{signedIn, fromNetwork, fromOutside} {
			handle(t, s, write(client, "send+"+token+"@belay.corp.test", fromAnna+"In-Reply-To: <one@corp.test>\n\n"))
			if f.state(anna)+f.state(jan) != "heldheld" || len(f.acts) > 0 {
				t.Fatalf("a token %s (%s) made the mails %s, %s", name, client.Listener, f.state(anna), f.state(jan))
			}
		}
		expect(t, f.plain(t), "Nothing was done.")
	}
}

func TestToken_ReplayedIsAnsweredAndChangesNothingMore(t *testing.T) {
	f, s, anna, _ := offer(t)
	address := "send+" + s.tokens.Make(ActSend, anna.ID, "anna@corp.test", clockNow.Add(time.Hour)) + "@belay.corp.test"
	// Someone upper-cases local parts on the way.
	handle(t, s, write(fromOutside, strings.ToUpper(address), fromAnna+"\n"))
	if f.state(anna) != "ready" {
		t.Fatalf("the token left the mail %s", f.state(anna))
	}
	handle(t, s, write(fromNetwork, "undo@belay.corp.test", fromAnna+"In-Reply-To: <one@corp.test>\n\n"))
	handle(t, s, write(fromOutside, address, fromAnna+"\n"))
	if f.state(anna) != "stopped" {
		t.Errorf("replayed after a stop, the token made the mail %s", f.state(anna))
	}
	expect(t, f.plain(t), "what is stopped is not sent")
}

func TestP5_AutomaticMailDoesNothingAndGetsNoAnswer(t *testing.T) {
	f, s, anna, _ := offer(t)
	token := s.tokens.Make(ActSend, anna.ID, "anna@corp.test", clockNow.Add(time.Hour))
	for _, header := range []string{"Auto-Submitted: auto-replied", "Auto-Submitted: auto-generated", "Precedence: bulk", "Precedence: auto_reply",
		"List-Id: <all.corp.test>", "X-Autoreply: yes", "X-Auto-Response-Suppress: All", "Content-Type: multipart/report; boundary=x"} {
		for _, to := range []string{"undo@belay.corp.test", "send+" + token + "@belay.corp.test"} {
			if text := handle(t, s, write(signedIn, to, fromAnna+header+"\nIn-Reply-To: <one@corp.test>\n\n")); !strings.Contains(text, "automatic") {
				t.Errorf("%s to %s: %s", header, to, text)
			}
		}
	}
	bounce := write(fromNetwork, "undo@belay.corp.test", fromAnna+"In-Reply-To: <one@corp.test>\n\n")
	bounce.Envelope.ReversePath = ""
	handle(t, s, bounce)
	// A vacation message that forgot to say so.
	handle(t, s, write(fromOutside, "send+"+token+"@belay.corp.test", fromAnna+"Subject: Automatic reply: Send it now?\n\nI am away.\n"))
	if f.state(anna) != "held" || len(f.posted) != 0 {
		t.Errorf("the mail is %s, %d mails were written", f.state(anna), len(f.posted))
	}
}

func TestP5_TwoBelaysDoNotTalkToEachOther(t *testing.T) {
	f, s, _, _ := offer(t)
	handle(t, s, write(signedIn, "undo@belay.corp.test", fromAnna+"In-Reply-To: <one@corp.test>\n\n"))
	answer, raw := f.last(t)
	other := newFakeStore()
	theirs := newService(t, other, func(o *Options) { o.Domain = "belay.falcon.test" })
	m := ServiceMail{Client: fromNetwork, Raw: []byte(raw), Envelope: mail.Envelope{ReversePath: answer.Envelope.ReversePath,
		Recipients: []mail.Recipient{{Address: "undo@belay.falcon.test"}}}}
	handle(t, theirs, m)
	m.Envelope.ReversePath = "rewritten@corp.test" // even if somebody on the way puts one in
	handle(t, theirs, m)
	if len(other.posted) != 0 {
		t.Error("a belay answered a belay")
	}
	// A mail that says it is from a service address gets no answer either.
	mail := write(fromNetwork, "undo@belay.corp.test", "From: undo@belay.corp.test\n\n")
	n := len(f.posted)
	handle(t, s, mail)
	if len(f.posted) != n {
		t.Error("belay answered itself")
	}
}

func TestUnprovedMailsThatDoNothingAreNotAnsweredForEver(t *testing.T) {
	f := newFakeStore()
	s := newService(t, f)
	for range 30 {
		handle(t, s, write(fromNetwork, "undo@belay.corp.test", fromAnna+"\n"))
	}
	if len(f.posted) != 10 {
		t.Errorf("%d answers, want 10", len(f.posted))
	}
	handle(t, s, write(signedIn, "undo@belay.corp.test", fromAnna+"\n"))
	if len(f.posted) != 11 {
		t.Error("who is signed in is not answered any more")
	}
	stranger := write(fromNetwork, "undo@belay.corp.test", "From: victim@elsewhere.test\n\n")
	handle(t, s, stranger)
	if len(f.posted) != 11 {
		t.Error("a stranger got mail that somebody in the network forged")
	}
}

// A vacation robot that ignores how our answers are marked and does not mark
// its own looks like a person who asks again and again.
func TestP5_ARobotThatHidesBeingOneIsNotAnsweredForEver(t *testing.T) {
	f := newFakeStore()
	s := newService(t, f)
	for range 150 {
		handle(t, s, write(signedIn, "undo@belay.corp.test", fromAnna+"Subject: I am away\n\nuntil May\n"))
	}
	if len(f.posted) != 100 {
		t.Errorf("%d answers within an hour, want 100", len(f.posted))
	}
	f.add("one@corp.test", "Offer", time.Minute, queue.Held, "bob@falcon.test")
	handle(t, s, write(signedIn, "undo@belay.corp.test", fromAnna+"In-Reply-To: <one@corp.test>\n\n"))
	if len(f.posted) != 101 {
		t.Error("what was done is not told any more")
	}
}

func TestAnAuthorWithoutAnAddressIsBorne(t *testing.T) {
	f, s, anna, _ := offer(t)
	for _, header := range []string{"", "From: \n", "From: nobody\n", "From: \"unfinished\n", "From: =?utf-8?q?=40?= <>\n", "From: a@corp.test, b@corp.test\n"} {
		handle(t, s, write(fromNetwork, "undo@belay.corp.test", header+"In-Reply-To: <one@corp.test>\n\n"))
	}
	if f.state(anna) != "held" {
		t.Error("nobody stopped Anna's mail")
	}
}

func TestAMessageIDThatNoHeaderMayHoldIsNotQuoted(t *testing.T) {
	for _, id := range []string{"ż@phone.test", strings.Repeat("x", 970) + "@phone.test", "a<b@phone.test"} {
		f, s, anna, _ := offer(t)
		m := write(fromNetwork, "undo@belay.corp.test", "Message-ID: <"+id+">\n"+fromAnna+"In-Reply-To: <one@corp.test>\n\n")
		m.Raw = []byte(strings.Replace(string(m.Raw), "Message-ID: <request@phone.test>\r\n", "", 1))
		handle(t, s, m)
		_, raw := f.last(t)
		head, _, _ := strings.Cut(raw, "\r\n\r\n")
		if f.state(anna) != "stopped" || strings.Contains(head, "phone.test") || !isASCII(head) {
			t.Errorf("%.20q: %s\n%s", id, f.state(anna), head)
		}
	}
}
