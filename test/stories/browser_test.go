//go:build peers

package stories

import (
	"fmt"
	"strings"
	"testing"

	"belay/internal/relay/smtptest"
	"belay/test/peers"
)

// People look at the page and press a button, with a real browser.

func browser(t *testing.T, language string) *peers.Browser {
	t.Helper()
	w, err := peers.StartBrowser(language)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Stop)
	return w
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestStory_AnOpenPageShowsNewMailByItselfAndStopsItByKeyboard(t *testing.T) {
	s := sink(t, smtptest.Config{})
	b := start(t, peers.Config{Delay: "1h", Upstreams: upstream(s)})
	w := browser(t, "en")
	must(t, w.Open("http://"+b.WebAddr()+"/"))
	id := send(t, b, letter("anna@corp.test", "c@outside.test", "over the rope"), "anna@corp.test", "c@outside.test")
	// Nobody reloads: the page brings itself up to date.
	must(t, w.Wait("document.body.innerText.includes('over the rope')", patience))
	must(t, w.Wait("document.body.innerText.includes('It goes outside your organisation')", patience))
	var before string
	must(t, w.Eval("document.querySelector('time.left').textContent", &before))
	must(t, w.Wait(fmt.Sprintf("document.querySelector('time.left').textContent != %q", before), patience))

	for range 30 { // by keyboard, from the top of the page
		must(t, w.Press("Tab"))
		var there bool
		must(t, w.Eval("document.activeElement.matches('button.stop')", &there))
		if there {
			break
		}
	}
	must(t, w.Press("Enter"))
	state(t, b, id, "stopped")
	must(t, w.Wait("!document.querySelector('button.stop')", patience)) // and the page says so by itself
	if n := len(s.Transactions()); n != 0 {
		t.Errorf("%d transactions at the upstream", n)
	}
}

func TestStory_ThePageWorksWithoutScripts(t *testing.T) {
	s := sink(t, smtptest.Config{})
	b := start(t, peers.Config{Delay: "1h", Upstreams: upstream(s)})
	id := send(t, b, letter("anna@corp.test", "c@outside.test", "no scripts"), "anna@corp.test", "c@outside.test")
	w := browser(t, "en")
	must(t, w.Scripts(false))
	must(t, w.Open("http://"+b.WebAddr()+"/"))
	var ran bool
	must(t, w.Eval("document.documentElement.classList.contains('js')", &ran))
	if ran {
		t.Fatal("the script ran")
	}
	must(t, w.Wait(fmt.Sprintf("document.querySelector('form[action=\"/m/%s/release\"] button')", id), patience))
	must(t, w.Eval(fmt.Sprintf("document.querySelector('form[action=\"/m/%s/release\"] button').click()", id), nil))
	state(t, b, id, "sent")
}

func TestStory_ThePageFitsAPhoneAndSpeaksTheReadersLanguage(t *testing.T) {
	b := start(t, peers.Config{Delay: "1h"})
	id := send(t, b, letter("anna@corp.test", "c@outside.test", strings.Repeat("Donaudampfschifffahrtsgesellschaft", 4)),
		"anna@corp.test", "c@outside.test", strings.Repeat("long", 14)+"@outside.test")
	words := map[string]bool{}
	for _, language := range []string{"en", "pl", "es", "it", "tr", "nb"} {
		w := browser(t, language)
		must(t, w.Window(360, 740, true))
		for _, path := range []string{"/", "/m/" + id} {
			must(t, w.Open("http://"+b.WebAddr()+path))
			var page struct {
				Lang          string
				Wide, Visible int
			}
			must(t, w.Eval("({Lang: document.documentElement.lang, Wide: document.documentElement.scrollWidth, Visible: innerWidth})", &page))
			if page.Lang != language || page.Wide > page.Visible {
				t.Errorf("%s%s: language %q, %d wide in a window of %d", language, path, page.Lang, page.Wide, page.Visible)
			}
			buttons, err := w.Names("button")
			must(t, err)
			if len(buttons) == 0 {
				t.Errorf("%s%s: no buttons", language, path)
			}
			for _, name := range buttons {
				if strings.TrimSpace(name) == "" {
					t.Errorf("%s%s: a screen reader finds a button without a name", language, path)
				}
			}
			words[strings.Join(buttons, " ")] = true
		}
	}
	if len(words) < 6 {
		t.Errorf("six languages have the same words on their buttons: %v", words)
	}
}

func TestStory_AnApprovalOnThePageWithoutScriptsAndSeveralAtOnce(t *testing.T) {
	o := company(t, approveRule)
	first := o.mail("anna@corp.test", "first contract", "c@outside.test")
	w := browser(t, "en")
	must(t, w.Scripts(false))
	must(t, w.Open("http://"+o.WebAddr()+"/m/"+first))
	must(t, w.Wait("document.body.innerText.includes('Jan Kowalski')", patience)) // who is asked, by name
	must(t, w.Eval("document.querySelector('textarea[name=comment]').value = 'read on paper'", nil))
	must(t, w.Eval("document.querySelector('form[action=\"/m/"+first+"/answer\"] button[value=approve]').click()", nil))
	state(t, o.Belay, first, "sent")
	o.told("anna@corp.test", "Approved: first contract", "read on paper")

	var ids []string
	for n := range 3 {
		ids = append(ids, o.mail("anna@corp.test", fmt.Sprintf("contract %d", n), "c@outside.test"))
	}
	// With a comment, all at once, no: by the page's own way of choosing several.
	must(t, w.Open("http://"+o.WebAddr()+"/"))
	must(t, w.Wait("document.querySelector('#pick a')", patience))
	must(t, w.Eval("document.querySelector('#pick a').click()", nil))
	must(t, w.Wait("document.querySelectorAll('input[name=id][form=bulk]').length == 3", patience))
	must(t, w.Eval("document.querySelectorAll('input[name=id][form=bulk]').forEach(box => box.checked = true)", nil))
	must(t, w.Eval("document.querySelector('#bulk textarea[name=comment]').value = 'after the audit'", nil))
	must(t, w.Eval("document.querySelector('#bulk button[value=deny]').click()", nil))
	for _, id := range ids {
		state(t, o.Belay, id, "stopped")
	}
	o.told("anna@corp.test", "Not approved: contract 2", "after the audit")
}
