package web

import (
	"net/url"
	"strings"
	"testing"

	"belay/internal/guard"
)

// doubtful is a mail about which something was noticed.
func doubtful(w *world) string {
	m := w.held("Offer", "jan@falc0n.test", "ola@heron.test")
	m.Verdict.Signals = []guard.Signal{
		{Code: "recipient.lookalike", Recipient: "jan@falc0n.test", Score: 0.9, Evidence: "jan@falc0n.test looks like jan@falcon.test <b>",
			Instead: []string{"jan@falcon.test", "jan.two@falcon.test", "c@falcon.test", "d@falcon.test"}},
		{Code: guard.CodeOpaque, Score: 1, Facts: map[string]string{"By": "<script>"},
			Found: []guard.Found{{Text: "<i>PL61 •••• 2874", Place: guard.InFile, File: "a<b>.xlsx", Where: "Pay"}}},
		{Code: guard.CodeFailed, Score: 1, Facts: map[string]string{"Detector": "greeting"}, Observed: true},
	}
	return "/m/" + m.ID.String()
}

func TestP9_TheMailsPageSaysWhatWasNoticed(t *testing.T) {
	w := newWorld(t)
	page := w.get(doubtful(w))
	w.want(page, "What was noticed", "jan@falc0n.test looks like jan@falcon.test &lt;b&gt;", "This mail is encrypted (&lt;script&gt;)",
		"“&lt;i&gt;PL61 •••• 2874”, in the file “a&lt;b&gt;.xlsx” – Pay", "only watched", "Did you mean", "jan@falcon.test", "c@falcon.test", "Get it back and correct it")
	if strings.Contains(page, "d@falcon.test") {
		t.Error("a fourth address is offered")
	}
	w.lang = "pl"
	w.want(w.get("/m/"+w.queue.Messages[0].ID.String()), "Co zwróciło uwagę", "Ta wiadomość jest zaszyfrowana")
}

// TestTheMailsPageSaysWhichRulesOnlyWatch: whoever tries a rule, or has belay
// watch first, finds on the page where it would have matched.
func TestTheMailsPageSaysWhichRulesOnlyWatch(t *testing.T) {
	w := newWorld(t)
	m := w.held("Offer", "ola@heron.test")
	if strings.Contains(w.get("/m/"+m.ID.String()), `id="watching"`) {
		t.Error("no rule watches, and the page speaks of some")
	}
	for _, to := range []string{"ola@heron.test", "max@heron.test"} {
		m.Verdict.Rules = append(m.Verdict.Rules, guard.Hit{Name: "is <that> right?", Action: guard.Ask, Observed: true, Recipients: []string{to}})
	}
	page := w.get("/m/" + m.ID.String())
	w.want(page, "Rules that only watch, and would have matched", "is &lt;that&gt; right?")
	if strings.Count(page, "is &lt;that&gt; right?") != 1 {
		t.Error("it is not said once")
	}
}

// TestP9_WhoWasMeantIsWhatTheRatingSays: it has weighed more than the signal.
func TestP9_WhoWasMeantIsWhatTheRatingSays(t *testing.T) {
	w := newWorld(t)
	path := doubtful(w)
	m := w.queue.Messages[0]
	m.Verdict.Ratings = []guard.Rating{{Recipient: "jan@falc0n.test", Probability: 0.4, Instead: []string{"jan.best@falcon.test"}}}
	page := w.get(path)
	w.want(page, "jan.best@falcon.test", "jan@falcon.test")
	if strings.Contains(page, "c@falcon.test") {
		t.Error("a fourth address is offered")
	}
}

func TestACardSaysInShortWhatWasNoticed(t *testing.T) {
	w := newWorld(t)
	doubtful(w)
	page := w.get("/")
	w.want(page, "jan@falc0n.test looks like", "This mail is encrypted")
	if strings.Contains(page, "belay could not look") {
		t.Error("a signal that is only watched stands on the card as if it held the mail")
	}
}

// TestWhoWasMeantIsOneTapAway: whoever reads who was perhaps meant gets the whole
// mail back as a draft with one press, and nobody gets it meanwhile.
func TestWhoWasMeantIsOneTapAway(t *testing.T) {
	w := newWorld(t)
	at := doubtful(w)
	form := w.get(at)
	i := strings.Index(form, `class="meant"`)
	if i < 0 || !strings.Contains(form[i:i+900], `action="`+at+`/stop"`) || !strings.Contains(form[i:i+900], `name="draft" value="1"`) {
		t.Fatalf("there is no form for it:\n%s", form)
	}
	answer := w.press(at+"/stop", url.Values{"draft": {"1"}})
	w.want(answer, "Stopped. It will not leave:", "It is on its way back to its sender as a draft.")
}

// TestOneDoubtAboutARecipientIsOneSentence: the verdict keeps what every detector
// noticed, the page says it once.
func TestOneDoubtAboutARecipientIsOneSentence(t *testing.T) {
	w := newWorld(t)
	path := doubtful(w)
	m := w.queue.Messages[0]
	m.Verdict.Signals = append(m.Verdict.Signals,
		guard.Signal{Code: "recipient.unlikely", Recipient: "jan@falc0n.test", Score: 0.8, Evidence: "jan@falc0n.test is unusual.", Instead: []string{"jan@falcon.test"}},
		guard.Signal{Code: "recipient.first-contact", Recipient: "jan@falc0n.test", Score: 0.95, Evidence: "jan@falc0n.test is new."})
	page := w.get(path)
	w.want(page, "jan@falc0n.test looks like jan@falcon.test")
	for _, never := range []string{"is unusual.", "is new."} {
		if strings.Contains(page, never) {
			t.Errorf("%q is said as well", never)
		}
	}
	if len(m.Verdict.Signals) != 5 {
		t.Error("the verdict lost a signal")
	}
}
