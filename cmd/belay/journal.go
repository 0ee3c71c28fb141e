package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"belay/internal/api"
	"belay/internal/api/client"
)

// journalCommand is about the record of who did what.
type journalCommand struct {
	List   journalList   `cmd:"" help:"List the newest entries."`
	Verify journalVerify `cmd:"" help:"Check that no entry was changed, taken out, moved or cut off."`
}

type journalList struct {
	remote
	printing
	Limit  int    `help:"How many." default:"50"`
	Cursor string `help:"Go on behind an earlier page (its next)." placeholder:"CURSOR"`
}

func (c *journalList) Run(e *env) error {
	conn, err := c.connect(e)
	if err != nil {
		return err
	}
	query := url.Values{"limit": {strconv.Itoa(c.Limit)}}
	if c.Cursor != "" {
		query.Set("cursor", c.Cursor)
	}
	var page api.Entries
	raw, err := conn.Into(e.ctx, http.MethodGet, "/api/v1/journal?"+query.Encode(), nil, &page)
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(e.out, raw)
	}
	t := &table{heads: []string{"WHEN", "WHAT", "ABOUT", "BY", "WHY"}}
	now := time.Now()
	for i := range page.Entries {
		entry := &page.Entries[i]
		t.add(stamp(entry.Time, now), entry.What, aboutWhom(entry), entry.Actor, entry.Reason)
	}
	t.print(e.out)
	if page.Next != nil {
		fmt.Fprintf(e.out, "There are more: --cursor %s\n", *page.Next)
	}
	return nil
}

// aboutWhom is the mail or the person that an entry is about. Whoever was erased is
// named no more.
func aboutWhom(e *api.Entry) string {
	switch reference, _ := e.Facts[referenceFact].(string); {
	case e.Message != nil:
		return *e.Message
	case e.What == erasedPerson && reference != "":
		return "not named, " + reference
	case e.What == erasedPerson:
		return "not named" // as an older belay wrote it
	case e.What != exportedPerson && e.What != judgedMail:
	case slices.Contains(e.Erased, subjectOf):
		return "erased since"
	default:
		return e.Personal[subjectOf]
	}
	return ""
}

type journalVerify struct {
	remote
	printing
}

// Run asks the running belay; where none runs, it looks into the data itself.
func (c *journalVerify) Run(e *env) error {
	raw, v, err := c.ask(e)
	if errors.Is(err, client.ErrNotRunning) && c.Server == "" {
		raw, v, err = verifyHere(e)
	}
	if err != nil {
		return err
	}
	if c.JSON {
		if err := printJSON(e.out, raw); err != nil {
			return err
		}
	} else {
		printVerification(e, v)
	}
	if !v.OK {
		return errSilent
	}
	return nil
}

func (c *journalVerify) ask(e *env) (json.RawMessage, *api.Verification, error) {
	conn, err := c.connect(e)
	if err != nil {
		return nil, nil, err
	}
	var v api.Verification
	raw, err := conn.Into(e.ctx, http.MethodGet, "/api/v1/journal/verify", nil, &v)
	return raw, &v, err
}

// verifyHere opens the database that no belay uses just now.
func verifyHere(e *env) (json.RawMessage, *api.Verification, error) {
	cfg, err := e.loadLoosely()
	if err != nil {
		return nil, nil, err
	}
	var v api.Verification
	err = withStore(e.ctx, cfg, func(ctx context.Context, s *store) error {
		report, err := s.journal.Verify(ctx)
		v = api.Verification{OK: report.OK(), Report: report}
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	raw, err := json.Marshal(v)
	return raw, &v, err
}

func printVerification(e *env, v *api.Verification) {
	if v.OK {
		fmt.Fprintf(e.out, "The journal is whole: %d entries in %d blocks", v.Entries, v.Blocks)
		if v.Unsealed > 0 {
			fmt.Fprintf(e.out, ", %d too new to be sealed", v.Unsealed)
		}
		fmt.Fprintln(e.out, ".")
		return
	}
	for _, p := range v.Problems {
		fmt.Fprintf(e.err, "belay: journal: %s\n", clean(p.Text))
	}
	if v.More > 0 {
		fmt.Fprintf(e.err, "belay: journal: and %d more\n", v.More)
	}
}
