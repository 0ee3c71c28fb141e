//go:build peers

package stories

import (
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"belay/internal/extract/extracttest"
	"belay/test/peers"
)

// What belay notices, from the outside: mail comes in over SMTP, and people are
// told in their language.

// learn switches learning on, and lets it ask from the first day.
func learn(more string) func(*peers.Config) {
	return func(c *peers.Config) {
		c.DefaultRules, c.Rules = true, ""
		c.More += "question: {observe: 0s}\nlearning: {decided_by: boss@corp.test, why: the stories need it" + more + "}\n"
	}
}

// quiet keeps the pause for the outside world out of the way.
const askOnSignals = `- {name: is that the right person, when: 'signals.exists(s, s.code in ["recipient.lookalike", "recipient.twin", "greeting.mismatch", "thread.outsider", "thread.returned", "organisation.wrong"])', ask: sender, scope: recipient}
- {name: a file is missing, when: 'signals.exists(s, s.code == "attachment.missing")', ask: sender}
`

// noticing is a company that learns and asks, without a pause.
func noticing(t *testing.T, change ...func(*peers.Config)) *office {
	t.Helper()
	set := func(c *peers.Config) {
		c.DefaultRules, c.Rules = false, askOnSignals+fenceRule
	}
	o := companyAtRest(t, "", append(append([]func(*peers.Config){learn("")}, change...), set)...)
	must(t, o.Start())
	return o
}

// text is a mail with words of its own.
func text(from, to, subject, body string, more ...string) []byte {
	return []byte("From: " + from + "\r\nTo: " + to + "\r\nSubject: " + subject + "\r\n" +
		"Message-ID: <" + strings.ReplaceAll(subject, " ", ".") + fmt.Sprint(time.Now().UnixNano()) + "@corp.test>\r\n" +
		"Date: " + time.Now().Format(time.RFC1123Z) + "\r\n" + strings.Join(more, "") +
		"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" + body + "\r\n")
}

// codes are those of a mail's signals.
func (o *office) codes(id string) (codes []string) {
	for _, s := range o.message(id).Signals {
		codes = append(codes, s.Code)
	}
	return codes
}

// noticed wants a signal on a mail.
func (o *office) noticed(id, code string) *peers.Signal {
	o.t.Helper()
	for _, s := range o.message(id).Signals {
		if s.Code == code {
			return &s
		}
	}
	o.t.Fatalf("%s was not noticed, but %v", code, o.codes(id))
	return nil
}

func TestStory_S5_AnAddressOneSlipAwayFromAnEstablishedOneIsAskedAbout(t *testing.T) {
	o := noticing(t)
	for n := range 8 {
		o.mail("anna@corp.test", fmt.Sprintf("weekly figures %d", n), "jan.reed@harbour-works.test")
	}
	o.until("all are sent", func() bool { return len(o.arrived("weekly figures 7")) == 1 })
	wrong := "jan.reed@harbuor-works.test"
	o.until("they are learned", func() bool { return o.learned() == 1 })
	id := o.mail("anna@corp.test", "the contract", wrong)
	s := o.noticed(id, "recipient.lookalike")
	if s.Recipient != wrong || len(s.Instead) == 0 || s.Instead[0] != "jan.reed@harbour-works.test" {
		t.Errorf("the signal: %+v", s)
	}
	q := o.told("anna@corp.test", wrong, "jan.reed@harbour-works.test")
	o.reply(q, "anna@corp.test", "Yes, that is right")
	o.until("the yes is heard", func() bool { return o.message(id).State == "sent" })
	_, errOut, code, err := o.Run("right", id) // P10: it is not asked again
	if err != nil || code != 0 {
		t.Fatalf("belay right: %v, %d, %s", err, code, errOut)
	}
	again := o.mail("anna@corp.test", "the contract, once more", wrong)
	o.until("it leaves unasked", func() bool { return o.message(again).State == "sent" })
}

func TestStory_TheWrongGreetingIsAskedAboutInTheSendersLanguage(t *testing.T) {
	o := noticing(t)
	for _, c := range []struct{ from, body, word string }{
		{"zofia@corp.test", "Cześć Aniu,\r\n\r\nw piątek nie dam rady, może być poniedziałek?\r\n\r\nZosia", "Ani"},
		{"lucia@corp.test", "Hola Carmen:\r\n\r\nte confirmo la reunión del jueves.\r\n\r\nLucía", "Carmen"},
		{"marco@corp.test", "Gentile dott.ssa Rossi,\r\n\r\nle confermo l'appuntamento di giovedì.\r\n\r\nMarco", "Rossi"},
		{"ayse@corp.test", "Merhaba Ahmet Bey,\r\n\r\ntoplantı perşembe günü saat onda.\r\n\r\nAyşe", "Ahmet"},
		{"kari@corp.test", "Hei Ingrid,\r\n\r\nmøtet blir på torsdag klokka ti.\r\n\r\nKari", "Ingrid"},
		{"anna@corp.test", "Dear Robert,\r\n\r\nThursday at ten is fine with me.\r\n\r\nAnna", "Robert"},
	} {
		id := send(t, o.Belay, text(c.from, "Peter Holm <peter.holm@harbour-works.test>", "Thursday", c.body), c.from, "peter.holm@harbour-works.test")
		o.noticed(id, "greeting.mismatch")
		q := o.letter(c.from, 1)
		says(t, "the question to "+c.from, q.Text, c.word)
		o.reply(q, c.from, map[bool]string{true: "no", false: "stop"}[c.from == "anna@corp.test"])
	}
	right := send(t, o.Belay, text("anna@corp.test", "Robert Holm <r.holm@harbour-works.test>", "Friday", "Dear Bob,\r\n\r\nFriday then.\r\n\r\nAnna"),
		"anna@corp.test", "r.holm@harbour-works.test")
	o.until("a nickname is nobody else", func() bool { return o.message(right).State == "sent" })
}

func TestStory_S6_AnOutsiderWhoJoinsAnInternalThreadIsNoticed(t *testing.T) {
	o := noticing(t, func(c *peers.Config) { c.Watch = true })
	for n, m := range []struct{ from, to string }{{"jan@corp.test", "anna@corp.test"}, {"anna@corp.test", "jan@corp.test"}, {"jan@corp.test", "anna@corp.test"}} {
		more := ""
		if n > 0 {
			more = fmt.Sprintf("In-Reply-To: <inside.%d@corp.test>\r\nReferences: <inside.%d@corp.test>\r\n", n-1, n-1)
		}
		mail := strings.Replace(string(text(m.from, m.to, "Re: savings in the north branch", "We close two of the four desks in May; nobody knows yet.", more)),
			"Message-ID: <", fmt.Sprintf("Message-ID: <inside.%d@corp.test>\r\nX-Was: <", n), 1)
		if out, code, err := peers.SwaksMessage(o.ObserveAddr(), []byte(mail), m.from, m.to); err != nil || code != 0 {
			t.Fatalf("observe: %v, %d\n%s", err, code, out)
		}
	}
	o.until("both are learned", func() bool { return o.learned() == 2 })
	id := send(t, o.Belay, text("anna@corp.test", "jan@corp.test, fred@falcon.test", "Re: savings in the north branch",
		"Agreed.\r\n\r\nOn Monday Jan Kowalski <jan@corp.test> wrote:\r\n> We close two of the four desks in May; nobody knows yet.",
		"In-Reply-To: <inside.2@corp.test>\r\nReferences: <inside.0@corp.test> <inside.1@corp.test> <inside.2@corp.test>\r\n"),
		"anna@corp.test", "jan@corp.test", "fred@falcon.test")
	if s := o.noticed(id, "thread.outsider"); s.Recipient != "fred@falcon.test" {
		t.Errorf("the signal: %+v", s)
	}
	o.until("the colleague has it, the outsider waits", func() bool {
		m := o.message(id)
		return m.Recipients[0].State == "sent" && m.Recipients[1].State == "held"
	})
	says(t, "the question", o.letter("anna@corp.test", 1).Text, "fred@falcon.test")
}

func TestStory_AForgottenFileIsAskedAboutAndAFileIsLookedInto(t *testing.T) {
	o := noticing(t)
	id := send(t, o.Belay, text("zofia@corp.test", "x@harbour-works.test", "Umowa", "Dzień dobry,\r\n\r\nw załączniku przesyłam podpisaną umowę.\r\n\r\nZofia Mazur"),
		"zofia@corp.test", "x@harbour-works.test")
	o.noticed(id, "attachment.missing")
	o.letter("zofia@corp.test", 1)

	book := extracttest.Build(extracttest.Descriptor{Kind: "xlsx", Sheets: []extracttest.Sheet{
		{Name: "Offer", Rows: [][]any{{"Crane", 1200}}},
		{Name: "Margins", State: "hidden", Rows: [][]any{{"Crane", "we pay 400"}}}}})
	with := strings.Replace(string(text("anna@corp.test", "x@harbour-works.test", "Offer", "")), "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n",
		"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nHello,\r\n\r\nthe offer is attached.\r\n\r\nAnna\r\n--b\r\nContent-Type: application/octet-stream\r\n"+
			"Content-Disposition: attachment; filename=offer.xlsx\r\nContent-Transfer-Encoding: base64\r\n\r\n"+lines(base64.StdEncoding.EncodeToString(book))+"--b--\r\n", 1)
	id = send(t, o.Belay, []byte(with), "anna@corp.test", "x@harbour-works.test")
	s := o.noticed(id, "content.hidden")
	if !strings.Contains(s.Evidence, "Margins") && !strings.Contains(s.Evidence, "offer.xlsx") {
		t.Errorf("the evidence says neither file nor sheet: %q", s.Evidence)
	}
	if strings.Contains(strings.Join(o.codes(id), " "), "attachment.missing") {
		t.Error("a file is there, and missed")
	}
}

func lines(s string) string {
	var b strings.Builder
	for len(s) > 76 {
		b.WriteString(s[:76] + "\r\n")
		s = s[76:]
	}
	return b.String() + s + "\r\n"
}

func TestStory_L7_AMailToTheWholeHouseIsAskedWhetherAMeetingWouldDo(t *testing.T) {
	o := noticing(t)
	var to []string
	for n := range 55 {
		to = append(to, fmt.Sprintf("person%d@corp.test", n))
	}
	id := send(t, o.Belay, text("anna@corp.test", strings.Join(to, ",\r\n "), "The spam again", "Dear colleagues,\r\n\r\nplease do not click on anything.\r\n\r\nAnna"),
		"anna@corp.test", to...)
	if s := o.noticed(id, "crowd.broadcast"); !strings.Contains(strings.ToLower(s.Advice), "meeting") && !strings.Contains(strings.ToLower(s.Advice), "visit") {
		t.Errorf("the advice: %q", s.Advice)
	}
	o.until("it only says so", func() bool { return o.message(id).State == "sent" })
}

func TestStory_P11_NothingIsLearnedUnlessSomebodyDecidedIt(t *testing.T) {
	o := company(t, fenceRule, func(c *peers.Config) { c.Watch = true })
	for n := range 3 {
		o.mail("anna@corp.test", fmt.Sprintf("quiet %d", n), "jan.reed@harbour-works.test")
	}
	o.until("all are sent", func() bool { return len(o.arrived("quiet 2")) == 1 })
	o.fence()
	must(t, o.Stop())
	if n := o.learned(); n != 0 {
		t.Errorf("%d authors were learned without anybody's word", n)
	}
	o.Config.More += "learning: {decided_by: boss@corp.test, why: to notice wrong recipients, exclude: [council@corp.test]}\n"
	must(t, o.WriteConfig())
	must(t, o.Start())
	o.mail("anna@corp.test", "loud", "jan.reed@harbour-works.test")
	o.mail("council@corp.test", "sealed", "jan.reed@harbour-works.test")
	o.until("both are sent", func() bool { return len(o.arrived("loud")) == 1 && len(o.arrived("sealed")) == 1 })
	o.until("the one is learned", func() bool { return o.learned() == 1 })
	o.fence()
	if n := o.learned(); n != 1 {
		t.Errorf("%d authors were learned, and the works council's mail is nobody's business", n)
	}
	out, _, code, err := o.Run("journal", "verify")
	if err != nil || code != 0 {
		t.Errorf("the journal: %v, %d, %s", err, code, out)
	}
}

// learned counts the authors of whom something was learned; it is -1 as long as
// mail waits to be.
func (o *office) learned() (n int) {
	o.t.Helper()
	d, err := sql.Open("sqlite", "file:"+filepath.Join(o.Config.Data, "belay.db")+"?mode=ro")
	must(o.t, err)
	defer d.Close()
	var waiting int
	must(o.t, d.QueryRow("SELECT (SELECT count(*) FROM learned_profile), (SELECT count(*) FROM learn_waiting)").Scan(&n, &waiting))
	if waiting > 0 {
		return -1
	}
	return n
}

func TestStory_ASecretIsNeverShownWhole(t *testing.T) {
	o := noticing(t)
	secret := "hV7-correct-Horse-9482"
	id := send(t, o.Belay, text("anna@corp.test", "x@harbour-works.test", "VPN", "Hello,\r\n\r\nuser: guest7\r\npassword: "+secret+"\r\n\r\nAnna"),
		"anna@corp.test", "x@harbour-works.test")
	o.noticed(id, "content.secret")
	raw, err := json.Marshal(o.message(id))
	must(t, err)
	shown, _, _, err := o.Run("show", id)
	must(t, err)
	if strings.Contains(string(raw)+shown+o.Log(), secret) {
		t.Errorf("the password stands in what belay shows:\n%s\n%s", raw, shown)
	}
}
