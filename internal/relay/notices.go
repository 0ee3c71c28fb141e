package relay

import (
	"context"
	"io"
	"slices"
	"strings"
	"time"

	"belay/internal/guard"
	"belay/internal/locale"
	"belay/internal/mail"
	"belay/internal/queue"
	"belay/internal/relay/dsn"
)

// notices are the mails that follow from an attempt: who is to be told what
// (RFC 3461 §5.2, §6). Nobody is ever told at a null reverse-path (P5). With
// original they return the message, or its header.
func (a *attempt) notices(now time.Time, original bool) []*notice {
	var failed, orphaned, delayed, relayed []int
	m := a.job.Message
	told := m.Envelope.ReversePath != ""
	for i := range a.verdict {
		v, d := &a.verdict[i], &a.job.Deliveries[i]
		asked := d.Recipient.Notify
		switch {
		case v.state == queue.Failed && told && wants(asked, "FAILURE", true):
			failed = append(failed, i)
		case v.state == queue.Failed:
			orphaned = append(orphaned, i)
		case v.state == queue.Deferred && told && wants(asked, "DELAY", true) && a.r.o.Retry.late(a.job, d, v.reply, now):
			delayed = append(delayed, i)
		case v.state == queue.Sent && !v.dsn && told && wants(asked, "SUCCESS", false):
			relayed = append(relayed, i)
		}
	}
	var all []*notice
	add := func(kind dsn.Kind, to string, about []int) {
		if len(about) > 0 {
			all = append(all, a.notice(kind, to, about, now, original))
		}
	}
	add(dsn.Failed, m.Envelope.ReversePath, failed)
	add(dsn.Delayed, m.Envelope.ReversePath, delayed)
	add(dsn.Relayed, m.Envelope.ReversePath, relayed)
	if to := a.r.o.Postmaster; to != "" {
		add(dsn.Postmaster, to, a.forPostmaster(orphaned))
	}
	return all
}

// wants reads NOTIFY (RFC 3461 §4.1); usual is what holds where it was not
// given.
func wants(notify, what string, usual bool) bool {
	if notify == "" {
		return usual
	}
	return slices.Contains(strings.Split(notify, ","), what)
}

// forPostmaster leaves out what the postmaster could not be told about either:
// mail to the postmaster that did not arrive. The journal has it.
func (a *attempt) forPostmaster(orphaned []int) (tell []int) {
	postmaster := mail.Key(a.r.o.Postmaster)
	for _, i := range orphaned {
		to := a.job.Deliveries[i].Recipient.Address
		if mail.Key(to) == postmaster {
			a.r.log.Error("mail to the postmaster cannot be delivered, and nobody can be told",
				"message", a.job.Message.ID, "recipient", to, "reply", replyLine(a.verdict[i].reply))
			continue
		}
		tell = append(tell, i)
	}
	return tell
}

// notice makes one mail about some of the job's deliveries.
func (a *attempt) notice(kind dsn.Kind, to string, about []int, now time.Time, original bool) *notice {
	o, m := &a.r.o, a.job.Message
	id := mail.NewID(now, m.ID.Bucket())
	report := &dsn.Report{
		Kind: kind, Host: o.Hostname, From: o.From, To: to, Date: now,
		MessageID: id.String() + "@" + o.Hostname,
		EightBit:  a.r.Capabilities().EightBitMIME,
		Languages: dsn.Languages(a.r.words, a.reader(kind, original)),
		Original: dsn.Original{
			ID: m.ID.String(), MessageID: m.MessageID, Subject: m.Subject, ReversePath: m.Envelope.ReversePath,
			EnvID: m.Envelope.EnvID, Ret: m.Envelope.Ret, Arrived: m.Received, Size: m.Size,
			EightBit: m.EightBit, UTF8Head: m.UTF8Head, SMTPUTF8: m.Envelope.SMTPUTF8,
		},
	}
	if original {
		report.Original.Open = func() (io.ReadCloser, error) { return a.r.line.OpenJob(context.WithoutCancel(a.ctx), a.job) }
	}
	for _, i := range about {
		report.Recipients = append(report.Recipients, a.about(i, now))
		report.GiveUp = firstTry(a.job, &a.job.Deliveries[i]).Add(o.Retry.Expire)
	}
	return &notice{message: a.envelope(id, report, now), write: report.Write}
}

// reader is who reads a notice: their language and clock. The postmaster's is
// the configured one; the sender's shows in the message, unless that is not to
// be touched, and then only in its subject.
func (a *attempt) reader(kind dsn.Kind, original bool) *locale.Locale {
	if kind == dsn.Postmaster {
		return a.r.words.For(a.r.o.Language).In(a.r.o.Zone)
	}
	m := a.job.Message
	var beginning io.Reader = strings.NewReader("")
	if original {
		if body, err := a.r.line.OpenJob(context.WithoutCancel(a.ctx), a.job); err == nil {
			defer body.Close()
			beginning = body
		}
	}
	return a.r.words.OfWriter(locale.Clues(mail.ReadClues(beginning, m.Subject)), a.r.o.Language)
}

// about is one delivery as a notice tells it.
func (a *attempt) about(i int, now time.Time) dsn.Recipient {
	v, d := &a.verdict[i], &a.job.Deliveries[i]
	r := dsn.Recipient{Address: d.Recipient.Address, ORcpt: d.Recipient.ORcpt, Status: v.reply.Enhanced, LastTry: now}
	if v.answered && v.upstream != nil {
		r.Remote, r.Diagnostic = v.upstream.Host, replyLine(v.reply)
		if r.Status == "" {
			r.Status = string('0'+byte(v.reply.Code/100)) + ".0.0"
		}
	} else {
		r.Reason = v.reply.Text
	}
	return r
}

// envelope is the message that carries a report. It leaves at once, with the
// null reverse-path, so that nothing ever answers it.
func (a *attempt) envelope(id mail.ID, report *dsn.Report, now time.Time) *queue.Message {
	m := &queue.Message{
		ID: id, Received: now, Listener: "belay", Author: mail.Key(report.From),
		MessageID: report.MessageID, Subject: report.Subject(),
		Envelope: mail.Envelope{Recipients: []mail.Recipient{{Address: report.To}}},
		Verdict:  guard.Verdict{Action: guard.Pass, Scope: guard.ScopeMessage},
	}
	m.EightBit, m.UTF8Head = report.Traits()
	m.Envelope.SMTPUTF8 = m.UTF8Head
	if m.EightBit {
		m.Envelope.Body = "8BITMIME"
	}
	queue.Plan(m)
	return m
}
