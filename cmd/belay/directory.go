package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"belay/internal/api"
	"belay/internal/api/client"
	"belay/internal/directory"
)

// directoryCommand is about who is who.
type directoryCommand struct {
	Show  directoryShow  `cmd:"" help:"Show who is who, or whom an address belongs to; where belay does not run, as the configuration says."`
	Check directoryCheck `cmd:"" help:"Read the people as the configuration says, and say what is wrong with them; changes nothing."`
	Sync  directorySync  `cmd:"" help:"Have a running belay read the people again, and say what changed."`
}

// openDirectory reads the people as the configuration says, beside a running
// belay: it keeps nothing.
func (e *env) openDirectory() (*directory.Book, error) {
	cfg, err := e.load()
	if err != nil {
		return nil, err
	}
	o := directoryOf(cfg, time.Now, slog.New(slog.DiscardHandler))
	o.Cache = ""
	return directory.Open(e.ctx, o)
}

type directoryShow struct {
	remote
	printing
	Address string `arg:"" optional:"" help:"An address of theirs."`
}

func (c *directoryShow) Run(e *env) error {
	conn, err := c.connect(e)
	if err != nil {
		return err
	}
	query := url.Values{"limit": {"500"}}
	if c.Address != "" {
		query.Set("address", c.Address)
	}
	var all api.Directory
	for {
		var page api.Directory
		raw, err := conn.Into(e.ctx, http.MethodGet, "/api/v1/directory?"+query.Encode(), nil, &page)
		if errors.Is(err, client.ErrNotRunning) {
			return c.offline(e)
		}
		if err != nil {
			return err
		}
		if c.JSON {
			if err := printJSON(e.out, raw); err != nil {
				return err
			}
		}
		all.People, all.Mailboxes = append(all.People, page.People...), append(all.Mailboxes, page.Mailboxes...)
		all.Organisations, all.Status, all.Roles = append(all.Organisations, page.Organisations...), page.Status, page.Roles
		if page.Next == nil {
			break
		}
		query.Set("cursor", *page.Next)
	}
	if !c.JSON {
		c.print(e, &all)
	}
	return nil
}

// offline shows what the configuration says.
func (c *directoryShow) offline(e *env) error {
	book, err := e.openDirectory()
	if err != nil {
		return err
	}
	d, status := book.Current(), book.Status()
	page, _ := api.DirectoryPage(d, status, "", len(d.People())+len(d.AllMailboxes())+len(d.Organisations())+1)
	if c.Address != "" {
		page = api.DirectoryOf(d, status, c.Address)
	}
	if c.JSON {
		raw, err := json.Marshal(page)
		if err != nil {
			return err
		}
		return printJSON(e.out, raw)
	}
	c.print(e, page)
	return nil
}

func (c *directoryShow) print(e *env, d *api.Directory) {
	if len(d.People)+len(d.Mailboxes)+len(d.Organisations) == 0 {
		if c.Address != "" {
			fmt.Fprintf(e.out, "Nobody is known under %s.\n", clean(c.Address))
		} else {
			fmt.Fprintln(e.out, "Nobody is known: name a directory in the configuration (directory: people.yaml).")
			e.hint()
		}
		return
	}
	if c.Address != "" {
		printWho(e, d)
		return
	}
	t := &table{heads: []string{"NAME", "ADDRESS", "GROUPS", "MANAGER", "ASSISTANTS", "DEPUTY"}}
	for _, p := range d.People {
		t.add(p.Name, p.Main(), strings.Join(p.Groups, ", "), p.Manager, strings.Join(p.Assistants, ", "), p.Deputy)
	}
	printPart(e, t, "")
	t = &table{heads: []string{"MAILBOX", "KIND", "MEMBERS"}}
	for _, m := range d.Mailboxes {
		kind := string(m.Kind)
		if m.Outside {
			kind += ", reaches outsiders"
		}
		t.add(m.Address, kind, several(m.Members))
	}
	printPart(e, t, "\n")
	t = &table{heads: []string{"ORGANISATION", "KIND", "DOMAINS", "KEYWORDS"}}
	for _, o := range d.Organisations {
		t.add(o.Name, o.Kind, strings.Join(o.Domains, ", "), strings.Join(o.Keywords, ", "))
	}
	printPart(e, t, "\n")
	fmt.Fprintln(e.out)
	for _, role := range []struct {
		name string
		who  []string
	}{{"admin", d.Roles.Admin}, {"ombudsman", d.Roles.Ombudsman}, {"privacy", d.Roles.Privacy}} {
		if len(role.who) > 0 {
			fmt.Fprintf(e.out, "Role %s: %s\n", role.name, clean(strings.Join(role.who, ", ")))
		}
	}
	printStatus(e, &d.Status)
}

// printPart prints a table that has rows, behind what stands before it.
func printPart(e *env, t *table, before string) {
	if len(t.rows) > 0 {
		fmt.Fprint(e.out, before)
		t.print(e.out)
	}
}

// printWho prints everything about one address.
func printWho(e *env, d *api.Directory) {
	line := func(name, value string) {
		if value != "" {
			fmt.Fprintf(e.out, "%-15s%s\n", name, clean(value))
		}
	}
	list := func(l []string) string { return strings.Join(l, ", ") }
	for _, p := range d.People {
		var absent []string
		for _, a := range p.Absent {
			absent = append(absent, a.String())
		}
		line("Name", p.Name)
		line("Addresses", list(p.Addresses))
		line("Language", p.Language)
		line("Groups", list(p.Groups))
		line("Manager", p.Manager)
		line("Assistants", list(p.Assistants))
		line("They see", map[directory.See]string{directory.SeeMail: "the whole mail"}[p.AssistantsSee])
		line("Deputy", p.Deputy)
		line("Delegates", list(p.Delegates))
		line("Absent", list(absent))
	}
	for _, m := range d.Mailboxes {
		line("Mailbox", m.Address)
		line("Name", m.Name)
		line("Kind", string(m.Kind))
		line("Also", list(m.Aliases))
		line("Members", list(m.Members))
		if m.Outside {
			line("", "It reaches people outside.")
		}
	}
	for _, o := range d.Organisations {
		line("Organisation", o.Name)
		line("Kind", o.Kind)
		line("Domains", list(o.Domains))
		line("Keywords", list(o.Keywords))
	}
}

// printStatus says where the directory comes from and what is odd about it.
func printStatus(e *env, s *directory.Status) {
	source := s.Source
	if source == "" {
		return
	}
	fmt.Fprintf(e.out, "%s, %s, %s; read from %s %s.\n", counted(s.People, "person", "people"), counted(s.Mailboxes, "mailbox", "mailboxes"),
		counted(s.Organisations, "organisation", "organisations"), clean(source), relative(s.Synced, time.Now()))
	if s.Problem != "" {
		fmt.Fprintf(e.out, "The last try changed nothing: %s\n", clean(s.Problem))
	}
	for _, w := range s.Warnings {
		fmt.Fprintf(e.out, "Look at this: %s\n", clean(w))
	}
}

type directoryCheck struct{ printing }

func (c *directoryCheck) Run(e *env) error {
	book, err := e.openDirectory()
	if err != nil {
		return err
	}
	status := book.Status()
	if c.JSON {
		raw, err := json.Marshal(status)
		if err != nil {
			return err
		}
		return printJSON(e.out, raw)
	}
	switch {
	case status.Source == "":
		fmt.Fprintln(e.out, "The configuration names no directory: nobody is known but by their domain.")
		e.hint()
	case len(status.Warnings) == 0:
		fmt.Fprintln(e.out, "The directory is in order.")
		fallthrough
	default:
		printStatus(e, &status)
	}
	return nil
}

type directorySync struct {
	remote
	printing
	Accept bool `help:"Also where more than a fifth of the people or mailboxes would be gone."`
}

func (c *directorySync) Run(e *env) error {
	conn, err := c.connect(e)
	if err != nil {
		return err
	}
	var report directory.Report
	raw, err := conn.Into(e.ctx, http.MethodPost, "/api/v1/directory/sync", api.SyncRequest{Accept: c.Accept}, &report)
	if err != nil {
		return err
	}
	if c.JSON {
		if err := printJSON(e.out, raw); err != nil {
			return err
		}
	} else {
		printReport(e, &report)
	}
	if !report.Applied {
		return errors.New(report.Refused)
	}
	return nil
}

// printReport says what a sync changed, or would change.
func printReport(e *env, r *directory.Report) {
	for _, part := range []struct {
		sign string
		list []directory.Change
	}{{"+", r.Added}, {"-", r.Removed}, {"~", r.Changed}} {
		for _, change := range part.list {
			fmt.Fprintf(e.out, "%s %s\n", part.sign, clean(change.String()))
		}
	}
	if r.Applied {
		fmt.Fprintf(e.out, "%s; %d people and %d mailboxes are known now.\n", capital(r.Summary()), r.People, r.Mailboxes)
	}
	for _, w := range r.Warnings {
		fmt.Fprintf(e.out, "Look at this: %s\n", clean(w))
	}
}

func counted(n int, one, more string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, more)
}

// capital begins a sentence.
func capital(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
