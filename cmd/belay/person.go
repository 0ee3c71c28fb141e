package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"belay/internal/api"
	"belay/internal/api/client"
	"belay/internal/history"
	"belay/internal/journal"
	"belay/internal/locale"
	"belay/internal/mail"
	"belay/internal/queue"
)

// personCommand is about what was learned of somebody.
type personCommand struct {
	Export personExport `cmd:"" help:"Print all that was learned of a person, as JSON, for them to read. Journaled."`
	Erase  personErase  `cmd:"" help:"Forget all that was learned of a person, everywhere. It cannot be taken back. Journaled, without their name."`
}

type personExport struct {
	remote
	Address string `arg:"" help:"An address of theirs."`
}

func (c *personExport) Run(e *env) error {
	if !mail.ValidAddress(c.Address) {
		return usagef("%q is no mail address", c.Address)
	}
	conn, err := c.connect(e)
	if err != nil {
		return err
	}
	raw, err := conn.Into(e.ctx, http.MethodGet, "/api/v1/person?"+url.Values{"address": {c.Address}}.Encode(), nil, &history.Dossier{})
	if errors.Is(err, client.ErrNotRunning) {
		err = besideNone(e, func(ctx context.Context, l *learner) (err error) {
			p, err := l.Person(ctx, socketOwner(), c.Address)
			if err == nil {
				raw, err = json.Marshal(p)
			}
			return err
		})
	}
	if err != nil {
		return err
	}
	return printDossier(e.out, raw)
}

type personErase struct {
	remote
	printing
	Address string `arg:"" help:"An address of theirs."`
	Journal bool   `help:"Erase their addresses from the journal as well; belay journal verify still finds it whole."`
	Yes     bool   `help:"Do it: without, nothing is erased."`
}

func (c *personErase) Run(e *env) error {
	switch {
	case !mail.ValidAddress(c.Address):
		return usagef("%q is no mail address", c.Address)
	case !c.Yes:
		return usagef("this cannot be taken back; say --yes if %s is to be forgotten (belay person export shows what goes)", c.Address)
	}
	conn, err := c.connect(e)
	if err != nil {
		return err
	}
	query := url.Values{"address": {c.Address}, "journal": {strconv.FormatBool(c.Journal)}}
	var done api.Erased
	raw, err := conn.Into(e.ctx, http.MethodDelete, "/api/v1/person?"+query.Encode(), nil, &done)
	if errors.Is(err, client.ErrNotRunning) {
		err = besideNone(e, func(ctx context.Context, l *learner) (err error) {
			if done, err = l.Erase(ctx, socketOwner(), c.Address, c.Journal); err == nil {
				raw, err = json.Marshal(done)
			}
			return err
		})
	}
	switch {
	case err != nil:
		return err
	case c.JSON:
		return printJSON(e.out, raw)
	}
	fmt.Fprintf(e.out, "Forgotten: %s of what was learned, %s for who is right, %s that came by the observe listener; %s of others' mail named them.\n",
		locale.Count(done.Records, "record"), locale.Count(done.Right, "word"), locale.Count(done.Observed, "mail"), locale.Count(done.Verdicts, "verdict"))
	fmt.Fprintf(e.out, "The journal has it as erasure %s, and does not say of whom: note that beside the request.\n", done.Reference)
	if c.Journal {
		fmt.Fprintf(e.out, "%s of the journal named them, and no longer do.\n", locale.Count(done.Journal, "line"))
	}
	fmt.Fprintln(e.out, "Mail of theirs and to them that belay holds or keeps, and its facts, go with keep.sent, keep.stopped and keep.facts. Backups that were made before still have everything.")
	return nil
}

// besideNone does something with what was learned where no belay runs.
func besideNone(e *env, do func(ctx context.Context, l *learner) error) error {
	cfg, err := e.load()
	if err != nil {
		return err
	}
	j, err := newJudge(e, cfg)
	if err != nil {
		return err
	}
	return withStore(e.ctx, cfg, func(ctx context.Context, s *store) error {
		return do(ctx, newDirectSink(cfg, s, j.people).l)
	})
}

// What the journal says.
const (
	exportedPerson = "what was learned of a person handed out"
	erasedPerson   = "person erased"

	subjectOf     = "address"   // of whom: personal, and erased with them
	referenceFact = "reference" // of an erasure, in the place of that
)

// drawReference draws a number for an erasure: "7f3a-91c2".
func drawReference() string {
	var b [4]byte
	_, _ = rand.Read(b[:]) // never fails
	return fmt.Sprintf("%x-%x", b[:2], b[2:])
}

var _ api.Persons = (*learner)(nil)

func (l *learner) saidRight() *history.Rights {
	return history.NewRights(l.db, history.RightsOptions{Now: l.now, Main: func(address string) string { return l.people().Main(address) }})
}

// Person implements api.Persons. That somebody was looked up stands in the journal
// before it is handed out.
func (l *learner) Person(ctx context.Context, by, address string) (*history.Dossier, error) {
	p, err := l.history.Person(ctx, address)
	if err != nil {
		return nil, err
	}
	looked := []string{p.Address}
	for _, a := range l.addresses(address) {
		if base := mail.Base(a); !slices.Contains(looked, base) {
			looked = append(looked, base)
			old, err := l.asBefore(base).Person(ctx, base)
			if err != nil {
				return nil, err
			}
			joinDossiers(p, old)
		}
		for _, said := range []*history.Rights{l.saidRight(), l.saidRightBefore()} {
			right, err := said.Person(ctx, a)
			if err != nil {
				return nil, err
			}
			for _, r := range right {
				if !slices.Contains(p.Right, r) {
					p.Right = append(p.Right, r)
				}
			}
		}
	}
	p.KnownBy = slices.DeleteFunc(p.KnownBy, func(c history.PersonContact) bool { return slices.Contains(looked, c.Address) })
	return p, l.record(ctx, journal.Entry{What: exportedPerson, Actor: by, Personal: map[string]string{subjectOf: p.Address}})
}

// addresses are all of whoever has an address, as it stands there too.
func (l *learner) addresses(address string) (all []string) {
	for _, a := range append([]string{address}, l.people().Aliases(address)...) {
		if key := mail.Key(a); key != "" && !slices.Contains(all, key) {
			all = append(all, key)
		}
	}
	return all
}

// Erase implements api.Persons. What it did stands in the journal, but not of whom:
// nor a hash of their address, which who has a list of addresses could try. What
// ties the line to a request is a number drawn for it, that whoever asked gets to
// know.
func (l *learner) Erase(ctx context.Context, by, address string, fromJournal bool) (done api.Erased, err error) {
	done.Reference = drawReference()
	all := l.addresses(address)
	for _, a := range all {
		if err = l.eraseUnder(ctx, a, fromJournal, &done); err != nil {
			break
		}
	}
	if err == nil { // last: what is judged from now on knows them no more
		done.Verdicts, err = l.eraseFromVerdicts(ctx, all)
	}
	return done, errors.Join(err, l.record(ctx, journal.Entry{What: erasedPerson, Actor: by, Facts: map[string]any{referenceFact: done.Reference, "records": done.Records,
		"right": done.Right, "observed": done.Observed, "verdicts": done.Verdicts, "journal": done.Journal, "whole": err == nil}}))
}

// eraseUnder erases what is known of somebody under one address.
func (l *learner) eraseUnder(ctx context.Context, address string, fromJournal bool, done *api.Erased) error {
	n, err := l.history.Forget(ctx, address)
	if done.Records += n; err != nil {
		return err
	}
	for _, said := range []*history.Rights{l.saidRight(), l.saidRightBefore()} {
		n, err := said.ForgetPerson(ctx, address)
		if done.Right += n; err != nil {
			return err
		}
	}
	n, err = history.NewObserved(l.db, l.bodies).ForgetAuthor(ctx, address)
	if done.Observed += n; err != nil || !fromJournal {
		return err
	}
	n, err = l.journal.Erase(ctx, address)
	done.Journal += n
	return err
}

// eraseFromVerdicts takes somebody out of the verdicts on mail that is neither theirs
// nor goes to them.
func (l *learner) eraseFromVerdicts(ctx context.Context, addresses []string) (int, error) {
	say, err := describe(l.people)
	if err != nil {
		return 0, err
	}
	return queue.Forget(ctx, l.db, addresses, say)
}
