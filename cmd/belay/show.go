package main

import (
	"cmp"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"belay/internal/api"
	"belay/internal/guard"
	"belay/internal/guard/explain"
	"belay/internal/mail"
)

// showCommand shows one message.
type showCommand struct {
	remote
	printing
	ID     string `arg:"" help:"The id of a mail, as belay held lists it."`
	Source bool   `help:"Print the mail itself. That you read it stands in its record."`
}

func (c *showCommand) Run(e *env) error {
	ids, err := messageIDs([]string{c.ID})
	if err != nil {
		return err
	}
	c.ID = ids[0]
	conn, err := c.connect(e)
	if err != nil {
		return err
	}
	if c.Source {
		source, err := conn.Stream(e.ctx, http.MethodGet, messagePath(c.ID, "/source"), nil)
		if err != nil {
			return err
		}
		defer source.Close()
		if _, err := io.Copy(e.out, source); err != nil {
			return fmt.Errorf("read the mail: %w", err)
		}
		return nil
	}
	var m api.Message
	raw, err := conn.Into(e.ctx, http.MethodGet, messagePath(c.ID), nil, &m)
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(e.out, raw)
	}
	showMessage(e.out, &m, whoIsWho(e, conn, &m), time.Now())
	return nil
}

func showMessage(w io.Writer, m *api.Message, who names, now time.Time) {
	line := func(name, value string) {
		if value != "" {
			fmt.Fprintf(w, "%-12s%s\n", name, clean(value))
		}
	}
	line("Id", m.ID)
	line("Subject", m.Subject)
	line("From", m.Sender)
	line("Message-ID", m.MessageID)
	line("Received", stamp(m.Received, now))
	line("Size", fmt.Sprintf("%d octets", m.Size))
	state := m.State
	if m.State == "held" {
		state += ", " + waiting(m, now)
	}
	line("State", state)
	for _, q := range m.Questions {
		line("Question", question(&q, len(m.Recipients), who, now))
		for _, a := range q.Answers {
			line("", answered(&a, who, now))
		}
	}
	for _, r := range m.Verdict.Rules {
		label := "Because"
		if r.Observed {
			label = "Watching" // it made nothing wait
		}
		line(label, because(&r))
		if r.Name == guard.HitRestored {
			break // what held it before the restore holds it no more
		}
	}
	rated := ratedIn(m)
	for _, s := range inOrder(m.Signals) {
		name := "Noticed"
		for _, text := range spoken(&s, rated) {
			line(name, text)
			name = ""
		}
	}
	for _, c := range m.Copies {
		line("Told", copied(&c, who, now))
	}
	fmt.Fprintln(w, "\nRecipients")
	t := &table{heads: []string{"ADDRESS", "STATE", "LAST ANSWER"}}
	for _, r := range m.Recipients {
		state := r.State
		if r.WaitsFor != nil {
			state += ", waits for " + waitedFor[*r.WaitsFor]
		}
		t.add(r.Address, state, lastAnswer(&r))
	}
	t.print(indent{w})
	fmt.Fprintln(w, "\nWhat happened")
	t = &table{heads: []string{"WHEN", "WHAT", "FOR", "BY", "WHY"}}
	for _, ev := range m.Events {
		t.add(stamp(ev.Time, now), ev.What, several(concerned(m, &ev)), ev.Actor, ev.Reason)
	}
	t.print(indent{w})
}

// ratedIn is as much of a message's verdict as says who was perhaps meant.
func ratedIn(m *api.Message) *guard.Verdict {
	v := &guard.Verdict{}
	for _, r := range m.Recipients {
		if r.Score != nil {
			v.Ratings = append(v.Ratings, guard.Rating{Recipient: mail.Key(r.Address), Probability: *r.Score, Instead: r.Instead})
		}
	}
	return v
}

// inOrder are signals as people read them, in English.
func inOrder(signals []guard.Signal) []guard.Signal {
	words, err := explain.Load()
	if err != nil {
		return signals
	}
	english := words.For("en")
	list := explain.InOrder(english, signals)
	for i := range list {
		if list[i].Evidence == "" { // several in one
			said := explain.Signal(english, list[i], nil)
			list[i].Evidence, list[i].Advice = said.Evidence, said.Advice
		}
	}
	return list
}

// spoken is a signal in words, a line each: the evidence, what helps, and who was
// meant perhaps.
func spoken(s *guard.Signal, v *guard.Verdict) []string {
	text := cmp.Or(s.Evidence, s.Code)
	if s.Observed {
		text += " (only watched)"
	}
	lines := []string{text}
	if s.Recipient != "" && !strings.Contains(text, s.Recipient) {
		lines[0] = s.Recipient + ": " + text
	}
	if s.Advice != "" {
		lines = append(lines, s.Advice)
	}
	if meant := v.Meant(s); len(meant) > 0 {
		lines = append(lines, "Perhaps meant: "+strings.Join(meant[:min(3, len(meant))], ", "))
	}
	return lines
}

// concerned are the recipients that an event is about where those are not all.
// The record names them by their position in the envelope.
func concerned(m *api.Message, ev *api.Event) []string {
	positions, ok := ev.Facts["recipients"].([]any)
	if !ok {
		positions, _ = ev.Facts[ev.What].([]any) // an act lists them under its outcome
	}
	var names []string
	for _, n := range positions {
		if i, ok := n.(float64); ok && i >= 0 && int(i) < len(m.Recipients) {
			names = append(names, m.Recipients[int(i)].Address)
		}
	}
	if len(names) == len(m.Recipients) {
		return nil
	}
	return names
}

func lastAnswer(r *api.Recipient) string {
	if len(r.Attempts) == 0 {
		return ""
	}
	a := r.Attempts[len(r.Attempts)-1]
	if a.Code == 0 && a.Text == "" {
		return "not known"
	}
	return strings.TrimSpace(fmt.Sprintf("%d %s %s", a.Code, a.Enhanced, a.Text))
}

func stamp(t, now time.Time) string {
	return t.Local().Format(time.DateTime) + " (" + relative(t, now) + ")"
}

// indent sets lines in by two spaces.
type indent struct{ w io.Writer }

func (i indent) Write(p []byte) (int, error) {
	if _, err := i.w.Write([]byte("  ")); err != nil {
		return 0, err
	}
	return i.w.Write(p)
}
