package notice

import (
	"errors"
	"strings"
	"testing"
	"time"

	"belay/internal/guard"
	"belay/internal/mail"
	"belay/internal/queue"
)

// linkOf is the token in the stop link of a letter.
func linkOf(t *testing.T, l sent) string {
	t.Helper()
	_, after, found := strings.Cut(l.text, "https://belay.corp.test/stop/")
	if !found {
		t.Fatalf("no link in %s", l.text)
	}
	return after[:58]
}

func TestP7_OpeningALinkChangesNothing(t *testing.T) {
	each(t, monday, func(d *desk) {
		m := d.mail("The contract", []guard.Question{approval("jan@corp.test")})
		d.work()
		events := len(d.get(m).Events)
		for _, who := range []string{"jan@corp.test", "anna@corp.test"} {
			for range 20 {
				got, person, err := d.s.OpenLink(d.Context(), linkOf(d.T, d.last(who)))
				if err != nil || got.ID != m.ID || person != who {
					d.Fatalf("the link of %s opens %v for %s: %v", who, got, person, err)
				}
			}
		}
		d.is(m, unanswered)
		if got := len(d.get(m).Events); got != events {
			t.Error("opening left a line in the record")
		}
	}, office)
}

func TestP7_AnApproversLinkIsANo_TheAuthorsAStop(t *testing.T) {
	each(t, monday, func(d *desk) {
		m := d.mail("The contract", []guard.Question{approval("jan@corp.test")})
		d.work()
		d.clock.Advance(time.Second)
		outcomes, err := d.s.StopByLink(d.Context(), linkOf(d.T, d.last("jan@corp.test")), "the old price")
		if err != nil || len(outcomes) != 2 || outcomes[0].Outcome != queue.OutDenied {
			d.Fatalf("%v, %v", outcomes, err)
		}
		d.work()
		d.is(m, stopped)
		expect(t, d.last("anna@corp.test").text, "is not approved", "the old price")
		again, err := d.s.StopByLink(d.Context(), linkOf(d.T, d.letters("jan@corp.test")[0]), "")
		if err != nil || again[0].Outcome != queue.OutAlreadyStopped {
			t.Errorf("pressed again: %v, %v", again, err)
		}

		own := d.mail("The contract, again", []guard.Question{approval("jan@corp.test")})
		d.work()
		outcomes, err = d.s.StopByLink(d.Context(), linkOf(d.T, d.last("anna@corp.test")), "")
		if err != nil || outcomes[0].Outcome != queue.OutStopped {
			d.Fatalf("%v, %v", outcomes, err)
		}
		d.is(own, stopped)
		if q := d.get(own).Questions[0]; q.State != queue.QuestionVoid {
			t.Errorf("the question is %s", q.State)
		}
	}, office)
}

func TestP7_ALinkDoesNothingButStopAndOnlyForItsPerson(t *testing.T) {
	each(t, monday, func(d *desk) {
		m := d.mail("Her mail", nil, from("maria@corp.test"), held)
		soon := monday.Add(time.Hour)
		make := func(act Act, who string, until time.Time) string { return d.s.tokens.Make(act, m.ID, who, until) }
		for name, test := range map[string]struct {
			token string
			want  error
		}{
			"to send":           {make(ActSend, "maria@corp.test", soon), ErrTokenOther},
			"to answer":         {make(ActAnswer, "maria@corp.test", soon), ErrTokenOther},
			"a stranger's":      {make(ActStop, "olga@corp.test", soon), ErrTokenOther},
			"of another domain": {make(ActStop, "maria@evil.test", soon), ErrTokenOther},
			"too old":           {make(ActStop, "maria@corp.test", monday), ErrTokenExpired},
			"of no mail":        {d.s.tokens.Make(ActStop, mail.NewID(monday, 3), "maria@corp.test", soon), ErrTokenOther},
			"broken":            {"x", ErrTokenBroken},
			"empty":             {"", ErrTokenBroken},
		} {
			_, _, err := d.s.OpenLink(d.Context(), test.token)
			if !errors.Is(err, test.want) {
				t.Errorf("%s: opened with %v, want %v", name, err, test.want)
			}
			if _, err := d.s.StopByLink(d.Context(), test.token, ""); !errors.Is(err, test.want) {
				t.Errorf("%s: stopped with %v, want %v", name, err, test.want)
			}
		}
		d.is(m, "held held")
		// Her assistant's works, and Maria is told.
		if _, err := d.s.StopByLink(d.Context(), make(ActStop, "ewa@corp.test", soon), "the wrong date"); err != nil {
			d.Fatal(err)
		}
		d.is(m, stopped)
		expect(t, d.last("maria@corp.test").text, "Ewa Lis (ewa@corp.test) stopped your mail “Her mail”.", "the wrong date")
	}, office)
}

func TestP7_WhoLooksAfterAProgramStopsItsMail(t *testing.T) {
	each(t, monday, func(d *desk) {
		for _, way := range []string{"link", "mail"} {
			d.clock.Advance(time.Second) // so that letters sort
			m := d.mail("Invoice by "+way, []guard.Question{approval("olga@corp.test")}, from("billing@corp.test"))
			d.work()
			l := d.asked("jan@corp.test")
			if way == "link" {
				if _, err := d.s.StopByLink(d.Context(), linkOf(d.T, l), ""); err != nil {
					d.Fatal(err)
				}
			} else {
				token := d.s.tokens.Make(ActStop, m.ID, "jan@corp.test", monday.Add(time.Hour))
				d.hand(fromOutside, "jan@corp.test", "undo+"+token+"@belay.corp.test", "\n")
				expect(t, d.last("jan@corp.test").text, "“Invoice by mail” is stopped.")
			}
			d.is(m, stopped)
			if n := len(d.letters("billing@corp.test")); n != 0 {
				t.Errorf("the program has %d letters", n)
			}
		}
	}, func(o *Options) {
		o.Owner = func(address string) (string, bool) { return "jan@corp.test", address == "billing@corp.test" }
	})
}
