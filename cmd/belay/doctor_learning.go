package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"belay/internal/api"
	"belay/internal/config"
	"belay/internal/guard/fitted"
	"belay/internal/history"
	"belay/internal/locale"
)

// learned looks whether belay learns, and how much it knows.
func (d *diagnosis) learned() {
	state, err := d.learning()
	known := fmt.Sprintf("%s of ours learned, the correspondence of %s of our people known", locale.Count(state.Mails, "mail"), locale.Thousands(state.People))
	switch {
	case err != nil:
		d.add("learning", doubt, "", "cannot tell how much was learned: %v", err)
	case !state.On && state.Mails == 0:
		d.add("learning", fine, "name who decided it under learning: where first contacts, namesakes and returned people are to be noticed",
			"it is off, and nothing is known of who writes to whom")
	case !state.On:
		d.add("learning", fine, "", "it is off; %s from before", known)
	case state.Mails < enoughMails:
		d.add("learning", fine, "belay learn reads past mail, so that belay need not wait for it", "decided by %s; %s so far", state.DecidedBy, known)
	default:
		d.add("learning", fine, "", "decided by %s; %s", state.DecidedBy, known)
	}
	if at := state.Fitted; at != nil && state.Stale {
		d.add("recipients", doubt, "belay learn fits it anew", "what past mail showed of wrong ones on %s is of another version of belay, and does not count", at.Local().Format("2 January 2006"))
	} else if at != nil {
		d.add("recipients", fine, "", "how wrong ones are found was fitted to past mail on %s", at.Local().Format("2 January 2006"))
	}
	if state.Watching {
		d.add("questions", fine, "belay learn on past mail makes it shorter; question.observe: 0 asks at once",
			"those that rest on signals only watch, %s", watchedUntil(&state))
	}
}

// watchedUntil says when belay begins to ask.
func watchedUntil(s *api.Learning) string {
	if s.Until == nil {
		return "until it is known how often they would be asked"
	}
	text := "until " + s.Until.Local().Format("2 January 2006 15:04")
	switch {
	case s.Missing == 1:
		text += ", and until 1 more mail is judged"
	case s.Missing > 1:
		text += ", and until " + locale.Count(s.Missing, "more mail") + " are judged"
	}
	return text
}

// enoughMails is from how many learned mails on nothing is said about past mail.
const enoughMails = 1000

// learning is what a running belay says, else what the database has.
func (d *diagnosis) learning() (state api.Learning, err error) {
	ctx, cancel := context.WithTimeout(d.e.ctx, 15*time.Second)
	defer cancel()
	if d.running {
		_, err = d.conn.Into(ctx, http.MethodGet, "/api/v1/learn", nil, &state)
		return state, err
	}
	stateOf(&state, d.cfg)
	if _, err := os.Stat(filepath.Join(string(d.cfg.Data), databaseFile)); err != nil && d.cfg.Database == "" {
		return state, nil // belay serve makes it
	}
	database, err := openDatabase(ctx, d.cfg, discard)
	if err != nil {
		return state, nil // said by the look at the database
	}
	defer database.Close()
	if k, err := fitted.Open(ctx, database, nil); err == nil {
		modelOf(&state, k)
	}
	size, err := history.SizeOf(ctx, database)
	state.Mails, state.People = size.Mails, size.People
	return state, err
}

// modelOf is what is kept of fitting to past mail.
func modelOf(state *api.Learning, k *fitted.Keeper) {
	if at, stale := k.Made(); !at.IsZero() {
		state.Fitted, state.Stale = &at, stale
	}
}

// stateOf is what the configuration says about learning.
func stateOf(state *api.Learning, cfg *config.Config) {
	if l := cfg.Learning; l != nil {
		state.On, state.DecidedBy, state.Why, state.Retention = true, l.DecidedBy, l.Why, config.FormatDuration(l.Retention)
	}
}

// files looks whether the program is there that reads the odd PDFs.
func (d *diagnosis) files() {
	if path, err := exec.LookPath("pdftotext"); err == nil {
		d.add("files", fine, "", "PDFs are read with %s", path)
		return
	}
	d.add("files", fine, "install poppler-utils to read more of the odd ones", "pdftotext is not there; belay reads PDFs by itself")
}
