package guard_test

import (
	"strings"
	"testing"

	"belay/internal/guard"
)

func TestPrograms_ShowThemselvesByTheirAddressInSixLanguages(t *testing.T) {
	set := ruleSet(t, `name: programs, when: 'author.kind == "program"', ask: sender`)
	for author, program := range map[string]bool{
		"no-reply": true, "noreply": true, "No.Reply+42": true, "do-not-reply": true, "donotreply": true, "rechnung-noreply": true, "noreply.orders": true,
		"nie-odpowiadaj": true, "nie_odpowiadać": true, "powiadomienia": true,
		"no-responder": true, "nocontestar": true, "notificaciones": true,
		"non-rispondere": true, "notifiche": true,
		"yanıtlama": true, "cevaplamayin": true, "bildirim": true,
		"ikke-svar": true, "svar-ikke": true, "varsel": true,
		"mailer-daemon": true, "bounces": true, "robot": true, // in the directory
		"norman.reply": false, "reply": false, "anna": false, "info": false, "nora": false, "replynow": false, "sales": false, "automatica": false,
	} {
		v := parseScene(t, author+" > x@x.test").judge(t, set, company(t), nil)
		if got := v.Action == guard.Ask; got != program {
			t.Errorf("%s: a program is %v, want %v", author, got, program)
		}
		for _, q := range v.Questions {
			if strings.Contains(strings.Join(q.Of, " "), strings.ToLower(author)) {
				t.Errorf("%s: the robot is asked: %v", author, q.Of)
			}
		}
	}
}

func TestPrograms_AHeaderIsNoPass(t *testing.T) {
	free := func(o *guard.Options) { o.Unlisted.Hold = false }
	set := ruleSet(t, pause)
	for _, c := range []struct {
		mail, want string
	}{
		{"no-reply > x@x.test", "pass"}, // as configured
		{"nobody > x@x.test | Auto-Submitted: auto-generated", "delay 5m"},
		{"anna > x@x.test | Auto-Submitted: auto-generated", "delay 5m"},
		{"no-reply@elsewhere.test > x@x.test", "delay 5m"}, // not ours
		{"billing > x@x.test", "delay 5m"},                 // listed, and to be held
	} {
		if got := inShort(parseScene(t, c.mail).judge(t, set, company(t), free)); got != c.want {
			t.Errorf("%s: %s, want %s", c.mail, got, c.want)
		}
	}
	blind := func(o *guard.Options) { o.Unlisted = guard.Unlisted{} }
	v := parseScene(t, "no-reply > x@x.test").judge(t, ruleSet(t, `when: "true", ask: sender`), company(t), blind)
	if got := inShort(v); got != "ask no-reply" {
		t.Errorf("where nobody looks for programs: %s", got)
	}
}
