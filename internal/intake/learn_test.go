package intake

import (
	"bytes"
	"testing"
	"time"

	"belay/internal/mail"
	"belay/internal/reading"
)

// learner notes what it is asked to learn from.
type learner struct {
	subjects []string
	own      []string
	observed []bool
}

func (l *learner) learn(s *mail.Summary, _ *mail.Envelope, says *reading.Mail, _ time.Time, observed bool) []byte {
	l.subjects, l.observed = append(l.subjects, s.Subject), append(l.observed, observed)
	if says != nil && len(says.Texts) > 0 {
		l.own = append(l.own, says.Texts[0].Own)
	}
	return []byte("learned")
}

func TestP11_WhatIsToBeLearnedTravelsWithTheMail(t *testing.T) {
	w := newWorld(t)
	var l learner
	w.handler.Learn = l.learn
	text, err := w.send(server, envelope("anna@corp.test", "bob@client.test"), letter)
	must(t, err)
	if m := w.accepted(text); len(l.subjects) != 1 || l.observed[0] || !bytes.Equal(m.Learn, []byte("learned")) {
		t.Errorf("asked about %q, and the mail carries %q", l.subjects, m.Learn)
	}
}

func TestP11_ObservedMailIsReadToBeLearned(t *testing.T) {
	w := newWorld(t)
	observer := server
	observer.Listener = Observe
	var l learner
	w.handler.Learn = l.learn
	observe := func() {
		_, err := w.send(observer, envelope("bob@client.test", "anna@corp.test"), letter)
		must(t, err)
	}
	observe()
	if len(l.own) != 1 || l.own[0] == "" || !l.observed[0] {
		t.Errorf("its text was not read: %+v", l)
	}
	w.handler.Learn = nil
	observe()
	if len(l.subjects) != 1 {
		t.Error("it was learned from although nobody learns")
	}
	seen, err := w.seen.List(t.Context(), mail.ID{}, 10)
	must(t, err)
	if len(seen) != 2 {
		t.Errorf("%d mails were kept", len(seen))
	}
}
