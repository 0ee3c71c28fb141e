//go:build peers

package stories

import (
	"encoding/json"
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"belay/internal/relay/smtptest"
	"belay/test/peers"
)

// People act: stop, release, postpone, take one recipient off, have it back.

func TestStory_P2_AStoppedMailNeverLeaves(t *testing.T) {
	s := sink(t, smtptest.Config{})
	b := start(t, peers.Config{Delay: "2s", Upstreams: upstream(s)})
	stopped := send(t, b, letter("anna@corp.test", "c@outside.test", "stop me"), "anna@corp.test", "c@outside.test", "d@outside.test")
	act(t, b, stopped, "stop", map[string]any{"reason": "wrong client"}, "stopped", "stopped")
	act(t, b, stopped, "stop", nil, "already-stopped", "already-stopped")
	act(t, b, stopped, "release", nil, "already-stopped", "already-stopped")
	// The mail that came after it leaves; so would have the one before.
	other := send(t, b, letter("anna@corp.test", "c@outside.test", "let me go"), "anna@corp.test", "c@outside.test")
	state(t, b, other, "sent")
	act(t, b, other, "stop", nil, "too-late")
	for _, m := range s.Transactions() {
		if strings.Contains(string(m.Data), "stop me") || m.Began && len(m.Recipients) != 1 {
			t.Errorf("the stopped mail left: %+v", m)
		}
	}
	m, err := b.Message(stopped)
	if err != nil || m.State != "stopped" {
		t.Fatalf("%+v, %v", m, err)
	}
	reason := false
	for _, e := range m.Events {
		reason = reason || e.Reason == "wrong client"
	}
	if !reason {
		t.Errorf("the record does not say why: %+v", m.Events)
	}
}

func TestStory_ARecipientIsTakenOffAndTheRestLeaves(t *testing.T) {
	s := sink(t, smtptest.Config{})
	b := start(t, peers.Config{Delay: "1h", Upstreams: upstream(s)})
	message := letter("anna@corp.test", "c@outside.test, wrong@outside.test", "three of us")
	id := send(t, b, message, "anna@corp.test", "c@outside.test", "wrong@outside.test", "hidden@outside.test")
	off := act(t, b, id, "stop", map[string]any{"recipients": []string{"wrong@outside.test"}}, "stopped")
	if !off[0].Visible {
		t.Error("nobody says that the others can still read wrong@outside.test in To")
	}
	if off = act(t, b, id, "stop", map[string]any{"recipients": []string{"hidden@outside.test"}}, "stopped"); off[0].Visible {
		t.Error("hidden@outside.test stands neither in To nor in Cc, but counts as visible")
	}
	act(t, b, id, "release", map[string]any{"recipients": []string{"c@outside.test"}}, "released")
	got := s.Wait(t, 1)[0]
	if to := strings.Join(got.To(), " "); to != "c@outside.test" {
		t.Errorf("it went to %s", to)
	}
	m := state(t, b, id, "stopped")
	if m.Of("c@outside.test") != "sent" || m.Of("wrong@outside.test") != "stopped" {
		t.Errorf("recipients: %+v", m.Recipients)
	}
}

func TestStory_PostponedMailWaitsLonger(t *testing.T) {
	s := sink(t, smtptest.Config{})
	b := start(t, peers.Config{Delay: "1s", Upstreams: upstream(s)})
	id := send(t, b, letter("anna@corp.test", "c@outside.test", "not yet"), "anna@corp.test", "c@outside.test")
	act(t, b, id, "postpone", map[string]any{"for": "1h"}, "postponed")
	after := send(t, b, letter("anna@corp.test", "c@outside.test", "now"), "anna@corp.test", "c@outside.test")
	state(t, b, after, "sent")
	m := state(t, b, id, "held")
	until, err := time.Parse(time.RFC3339, m.HeldUntil)
	if err != nil || time.Until(until) < 50*time.Minute {
		t.Errorf("held until %q (%v)", m.HeldUntil, err)
	}
	act(t, b, id, "postpone", map[string]any{"until": time.Now().Add(2 * time.Second).UTC().Format(time.RFC3339Nano)}, "postponed")
	state(t, b, id, "sent")
}

func TestStory_TheCommandLineDoesWhatTheAPIDoes(t *testing.T) {
	s := sink(t, smtptest.Config{})
	b := start(t, peers.Config{Delay: "1h", Upstreams: upstream(s)})
	first := send(t, b, letter("anna@corp.test", "c@outside.test", "first"), "anna@corp.test", "c@outside.test", "d@outside.test")
	second := send(t, b, letter("jan@corp.test", "c@outside.test", "second"), "jan@corp.test", "c@outside.test")
	if out := cli(t, b, "held"); !strings.Contains(out, first) || !strings.Contains(out, "second") {
		t.Errorf("belay held:\n%s", out)
	}
	var list struct {
		Messages []*peers.Message `json:"messages"`
	}
	if err := json.Unmarshal([]byte(cli(t, b, "held", "--json")), &list); err != nil || len(list.Messages) != 2 {
		t.Errorf("belay held --json: %v, %d messages", err, len(list.Messages))
	}
	if out := cli(t, b, "show", first); !strings.Contains(out, "d@outside.test") {
		t.Errorf("belay show:\n%s", out)
	}
	cli(t, b, "postpone", second, "2h")
	if out := cli(t, b, "stop", first, "--recipient", "d@outside.test"); !strings.Contains(out, "stopped") {
		t.Errorf("belay stop:\n%s", out)
	}
	cli(t, b, "release", "--all")
	state(t, b, second, "sent")
	if m := state(t, b, first, "stopped"); m.Of("c@outside.test") != "sent" {
		t.Errorf("recipients: %+v", m.Recipients)
	}
	if out := cli(t, b, "stop", second); !strings.Contains(out, "too late") {
		t.Errorf("belay stop of what is gone (exit code 0):\n%s", out)
	}
	if out := cli(t, b, "journal", "verify"); out == "" {
		t.Error("belay journal verify says nothing")
	}
	for _, wrong := range []struct {
		code int
		args []string
	}{
		{1, []string{"stop", "01890000-0000-7000-8000-000000000000"}},
		{2, []string{"stop"}},
		{2, []string{"nonsense"}},
		{2, []string{"show", "no-id"}},
	} {
		out, errs, code, err := b.Run(wrong.args...)
		if err != nil || code != wrong.code || out != "" || strings.Count(strings.TrimSpace(errs), "\n") != 0 {
			t.Errorf("belay %v: exit code %d, want %d, and one line of error, have %q %q (%v)", wrong.args, code, wrong.code, out, errs, err)
		}
	}
}

func TestStory_TheSenderGetsItBackAsADraft(t *testing.T) {
	s := sink(t, smtptest.Config{})
	cert, key, client := certificate(t)
	b := prepare(t, peers.Config{Delay: "1h", Upstreams: upstream(s), Submit: true, Cert: cert, Key: key})
	addUser(t, b, "anna@corp.test", "rope")
	if err := b.Start(); err != nil {
		t.Fatal(err)
	}
	c := dial(t, b.SubmissionsAddr(), client)
	if err := c.Plain("anna@corp.test", "rope"); err != nil {
		t.Fatal(err)
	}
	reply, err := c.Send(letter("anna@corp.test", "c@outside.test", "hasty", "Bcc: secret@outside.test\r\n"),
		"anna@corp.test", "c@outside.test", "secret@outside.test")
	if err != nil {
		t.Fatal(err)
	}
	act(t, b, peers.IDOf(reply), "stop", map[string]any{"draft": true}, "stopped", "stopped")
	draft := s.Wait(t, 1)[0]
	text := string(draft.Data)
	if draft.From != "" || strings.Join(draft.To(), "") != "anna@corp.test" {
		t.Errorf("the draft went from <%s> to %v", draft.From, draft.To())
	}
	for _, want := range []string{"X-Unsent: 1", "Bcc: secret@outside.test", "message/rfc822", "Auto-Submitted: auto-generated", "hasty"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in the draft:\n%s", want, text)
		}
	}
}

func TestStory_BypassLetsEverythingPassAndSaysSo(t *testing.T) {
	s := sink(t, smtptest.Config{})
	b := start(t, peers.Config{Delay: "1h", Upstreams: upstream(s)})
	cli(t, b, "bypass", "--for", "1h", "--why", "the tender ends at noon")
	id := send(t, b, letter("anna@corp.test", "c@outside.test", "tender"), "anna@corp.test", "c@outside.test")
	state(t, b, id, "sent")
	if resp, err := b.HTTP("GET", "/api/v1/journal", nil); err != nil || resp.StatusCode != 200 {
		t.Errorf("journal: %v, %v", resp, err)
	} else {
		defer resp.Body.Close()
		if text := read(t, resp.Body); !strings.Contains(text, "the tender ends at noon") {
			t.Errorf("the journal does not say why:\n%s", text)
		}
	}
}

func TestStory_SearchFindsSubjectsAndAddresses(t *testing.T) {
	b := start(t, peers.Config{Delay: "1h"})
	for _, subject := range []string{"falcon offer", "falcon answer", "lunch"} {
		send(t, b, letter("anna@corp.test", "c@outside.test", subject), "anna@corp.test", "c@outside.test")
	}
	send(t, b, letter("jan@corp.test", "falcon@outside.test", "tea"), "jan@corp.test", "falcon@outside.test")
	for query, want := range map[string]int{"q=falcon": 3, "q=nothing": 0, "sender=jan@corp.test": 1, "state=held": 4, "state=sent": 0} {
		values, _ := url.ParseQuery(query)
		if got, err := b.Messages(values); err != nil || len(got) != want {
			t.Errorf("%s finds %d (%v), want %d", query, len(got), err, want)
		}
	}
	var problem *peers.Problem
	if _, err := b.Messages(url.Values{"state": {"asleep"}}); !errors.As(err, &problem) || problem.Status/100 != 4 {
		t.Errorf("a state that is none: %v", err)
	}
}
