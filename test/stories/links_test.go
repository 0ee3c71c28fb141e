//go:build peers

package stories

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"belay/test/peers"
)

// P7: a link can do one thing without a sign-in, and only when somebody
// presses its button.

// stopLink is the link in a letter that stops.
func (o *office) stopLink(l *peers.Letter) string {
	o.t.Helper()
	for _, link := range l.Links() {
		if strings.HasPrefix(link, "http://"+o.WebAddr()+"/stop/") {
			return link
		}
	}
	o.t.Fatalf("no link to stop it in the letter: %v\n%s", l.Links(), l.Text)
	return ""
}

// page fetches a page as a stranger's program does.
func page(t *testing.T, method, link string, header ...string) (status int, text string) {
	t.Helper()
	req, err := http.NewRequest(method, link, nil)
	must(t, err)
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	must(t, err)
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	must(t, err)
	return resp.StatusCode, string(data)
}

func TestStory_P7_AScannerFollowsTheLinkAHundredTimesAndNothingChanges(t *testing.T) {
	o := company(t, askRule+approveRule)
	offer := o.mail("anna@corp.test", "the offer", "c@outside.test")
	contract := o.mail("anna@corp.test", "the contract", "c@outside.test")
	own, other := o.stopLink(o.told("anna@corp.test", "Is this right? the offer")), o.stopLink(o.letter("jan@corp.test", 1))
	for _, link := range []string{own, other} {
		for range 100 {
			status, text := page(t, "GET", link, "User-Agent", "Mail-Scanner/1.0", "X-Forwarded-For", "203.0.113.9")
			if status != http.StatusOK || strings.Contains(text, "Good morning") {
				t.Fatalf("the page of the link: %d\n%s", status, text)
			}
		}
		page(t, "HEAD", link)
		page(t, "OPTIONS", link)
	}
	before := len(o.message(offer).Events)
	o.held(offer)
	o.held(contract)
	if got := len(o.message(offer).Events); got != before {
		t.Errorf("a GET left %d lines in the record", got-before)
	}
	for _, link := range []string{own, other} { // the button on the page
		resp, err := http.PostForm(link, url.Values{})
		must(t, err)
		resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			t.Errorf("pressed, the page answers %s", resp.Status)
		}
	}
	// Pressed: the author's stops, the approver's is a no.
	if m := state(t, o.Belay, offer, "stopped"); m.Questions[0].State == "open" {
		t.Errorf("the question: %+v", m.Questions[0])
	}
	if m := state(t, o.Belay, contract, "stopped"); m.Questions[0].State != "no" {
		t.Errorf("the question: %+v", m.Questions[0])
	}
	if got := append(o.arrived("the offer"), o.arrived("the contract")...); len(got) > 0 {
		t.Errorf("a link let it leave, to %v", got)
	}
}

func TestStory_P7_ALinkThatWasChangedOpensNothing(t *testing.T) {
	o := company(t, askRule)
	id := o.mail("anna@corp.test", "the offer", "c@outside.test")
	l := o.letter("anna@corp.test", 1)
	link := o.stopLink(l)
	token := link[strings.LastIndexByte(link, '/')+1:]
	answer := strings.TrimSuffix(strings.TrimPrefix(l.ReplyTo, "re+"), "@belay.corp.test")
	for _, bad := range []string{flip(token), token[:len(token)-1], "", "x", answer, strings.Repeat("a", 58)} {
		at := "http://" + o.WebAddr() + "/stop/" + bad
		status, text := page(t, "GET", at)
		if status < 400 || strings.Contains(text, "the offer") {
			t.Errorf("the page of %s: %d\n%s", bad, status, text)
		}
		page(t, "POST", at)
	}
	o.held(id)
	// By button, in a browser, without scripts.
	w := browser(t, "en")
	must(t, w.Scripts(false))
	must(t, w.Open(link))
	must(t, w.Wait("document.querySelector('form[method=post] button')", patience))
	must(t, w.Eval("document.querySelector('form[method=post] button').click()", nil))
	state(t, o.Belay, id, "stopped")
	// The second press says that it is stopped already, and the page never fails.
	if status, _ := page(t, "GET", link); status != http.StatusOK {
		t.Errorf("the page of a stopped mail: %d", status)
	}
}
