package backup_test

import (
	"testing"
	"time"

	"belay/internal/db"
	"belay/internal/db/dbtest"
	"belay/internal/guard"
	"belay/internal/mail"
	"belay/internal/queue"
)

// asking takes a message of anna's that two people have to approve and about
// which an assistant is told.
func (h *house) asking() mail.ID {
	h.t.Helper()
	now := h.clock.Clock.Now()
	m := &queue.Message{
		ID: mail.NewID(now, mail.BucketOf("anna@corp.test")), Received: now, Listener: "submission", Author: "anna@corp.test",
		Envelope: mail.Envelope{ReversePath: "anna@corp.test", Recipients: []mail.Recipient{{Address: "lena@falcon.test"}}},
		Verdict: guard.Verdict{Action: guard.Approve, Scope: guard.ScopeMessage, Rules: []guard.Hit{},
			Questions: []guard.Question{{Kind: guard.Approve, Of: []string{"jan@corp.test", "ewa@corp.test"}, Need: 2,
				Silence: guard.SilenceReturn, Expires: now.Add(48 * time.Hour)}},
			Copies: []guard.Copy{{To: "kim@corp.test", Recipients: []string{"lena@falcon.test"}}}},
	}
	queue.Plan(m)
	b := h.queue.NewBody(m.ID)
	if _, err := b.Write([]byte("Subject: salaries\r\n\r\n")); err != nil {
		h.t.Fatal(err)
	}
	if err := h.queue.Accept(ctx, m, b); err != nil {
		h.t.Fatal(err)
	}
	h.approve(m.ID, "jan@corp.test", queue.OutApproved)
	due := h.errands()
	for _, e := range due {
		if e.Kind == queue.ErrandCopy {
			if err := h.queue.Discharge(ctx, e, queue.Discharge{Told: true}); err != nil {
				h.t.Fatal(err)
			}
		}
	}
	return m.ID
}

func (h *house) errands() []*queue.Errand {
	h.t.Helper()
	due, err := h.queue.Errands(ctx, 100)
	if err != nil {
		h.t.Fatal(err)
	}
	return due
}

func (h *house) approve(id mail.ID, who string, want queue.Outcome) {
	h.t.Helper()
	out, err := h.queue.Approve(ctx, id, queue.Answer{By: who, As: []string{who}})
	if err != nil || out[0].Outcome != want {
		h.t.Fatalf("%s's yes: %+v, %v", who, out, err)
	}
}

// A restore approves nothing, asks nobody once more and gives nothing back.
func TestRestore_WhatWaitedForAnAnswerStillDoes(t *testing.T) {
	dbtest.EachOptions(t, func(t *testing.T, from db.Options) {
		old := newHouse(t, from, newKeys(t))
		id := old.asking()
		archive := old.backup(nil)
		dbtest.EachOptions(t, func(t *testing.T, to db.Options) {
			h := newHouse(t, to, old.keys)
			h.restore(archive, false)
			m := h.get(id)
			k := m.Questions[0]
			if k.State != queue.QuestionOpen || len(k.Answers) != 1 || k.Answers[0].Person != "jan@corp.test" || len(k.Of) != 2 {
				t.Errorf("the question is %+v", k)
			}
			if m.Deliveries[0].Gate != guard.Approve || m.Copies[0].Told.IsZero() {
				t.Errorf("it is %+v, told %+v", m.Deliveries[0], m.Copies)
			}
			h.clock.Advance(1000 * time.Hour)
			if due := h.errands(); len(due) != 0 {
				t.Errorf("people are to be told: %+v", due[0])
			}
			if out, err := h.queue.Release(ctx, id, queue.Act{By: "anna", As: []string{"anna@corp.test"}}); err != nil || out[0].Outcome != queue.OutNeedsApproval {
				t.Errorf("released without approval: %+v, %v", out, err)
			}
			h.approve(id, "ewa@corp.test", queue.OutApproved)
			if jobs, err := h.queue.Claim(ctx, 10); err != nil || len(jobs) != 0 {
				t.Errorf("%d mails would be sent by themselves (%v)", len(jobs), err)
			}
			if out, err := h.queue.Release(ctx, id, queue.Act{By: "anna"}); err != nil || out[0].Outcome != queue.OutReleased {
				t.Errorf("released after the approval: %+v, %v", out, err)
			}
		})
	})
}

func TestRestore_AsItWasOwesWhatItOwed(t *testing.T) {
	old := newHouse(t, dbtest.SQLiteOptions(t), newKeys(t))
	id := old.asking()
	h := newHouse(t, dbtest.SQLiteOptions(t), old.keys)
	if result := h.restore(old.backup(nil), true); result.Rows["errand"] == 0 {
		t.Errorf("%+v", result)
	}
	h.clock.Advance(48 * time.Hour)
	due := h.errands()
	last := due[len(due)-1]
	if last.Kind != queue.ErrandExpire || last.Message != id {
		t.Fatalf("the last of them is %+v", last)
	}
	if out, err := h.queue.Expire(ctx, last); err != nil || out[0].Outcome != queue.OutReturned {
		t.Errorf("the silence: %+v, %v", out, err)
	}
}
