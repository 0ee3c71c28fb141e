package api

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"belay/internal/access"
	"belay/internal/directory"
	"belay/internal/outbox"
)

// People is what the API asks of the directory; *directory.Book answers.
type People interface {
	Current() *directory.Directory
	Status() directory.Status
	Sync(ctx context.Context, accept bool) (*directory.Report, error)
}

// Directory is a page of who is who: people first, then mailboxes, then
// organisations.
type Directory struct {
	Status        directory.Status          `json:"status" doc:"where it comes from and how fresh it is"`
	People        []*directory.Person       `json:"people" nullable:"false"`
	Mailboxes     []*directory.Mailbox      `json:"mailboxes" nullable:"false"`
	Organisations []*directory.Organisation `json:"organisations" nullable:"false"`
	Roles         Roles                     `json:"roles"`
	Next          *string                   `json:"next" nullable:"true"`
}

// Roles are the people with an office.
type Roles struct {
	Admin     []string `json:"admin" nullable:"false"`
	Ombudsman []string `json:"ombudsman" nullable:"false"`
	Privacy   []string `json:"privacy" nullable:"false"`
}

// SyncRequest is the body of a sync. It may be left out.
type SyncRequest struct {
	Accept bool `json:"accept,omitempty" doc:"also where more than a fifth of the people or mailboxes would be gone"`
}

type directoryInput struct {
	Address string `query:"address" maxLength:"320" doc:"only who this address belongs to, under any of their addresses, and the organisation of its domain"`
	Cursor  string `query:"cursor" maxLength:"400" doc:"the next of the page before"`
	Limit   int    `query:"limit" minimum:"1" maximum:"500" default:"50" doc:"entries a page"`
}

type directoryOutput struct{ Body *Directory }

type syncInput struct{ Body *SyncRequest }

type syncOutput struct{ Body *directory.Report }

func (s *server) directory() {
	huma.Register(s.huma, huma.Operation{OperationID: "get-directory", Method: http.MethodGet, Path: "/api/v1/directory",
		Summary: "Who is who", Tags: []string{"directory"}, Metadata: does(access.SeeDirectory)},
		func(ctx context.Context, in *directoryInput) (*directoryOutput, error) {
			if s.People == nil {
				return nil, unprocessable(noDirectory, "query.address")
			}
			d, status := s.People.Current(), s.People.Status()
			if in.Address != "" {
				return &directoryOutput{DirectoryOf(d, status, in.Address)}, nil
			}
			page, ok := DirectoryPage(d, status, in.Cursor, in.Limit)
			if !ok {
				return nil, unprocessable("this cursor is not one that a page gave", "query.cursor")
			}
			return &directoryOutput{page}, nil
		})
	huma.Register(s.huma, huma.Operation{OperationID: "sync-directory", Method: http.MethodPost, Path: "/api/v1/directory/sync",
		Summary:     "Read the people again, and say what changed",
		Description: "What would remove more than a fifth of the people or mailboxes changes nothing, unless accept is true: applied is false then, and refused says why.",
		Tags:        []string{"directory"}, Metadata: does(access.Sync), DefaultStatus: http.StatusOK}, s.sync)
}

const noDirectory = "there is no directory: name one in the configuration (directory: people.yaml)"

func (s *server) sync(ctx context.Context, in *syncInput) (*syncOutput, error) {
	if s.People == nil {
		return nil, unprocessable(noDirectory, "body.accept")
	}
	accept := value(in.Body).Accept
	read := s.SyncPeople
	if read == nil {
		read = func(ctx context.Context, _ outbox.Person, accept bool) (*directory.Report, error) {
			return s.People.Sync(ctx, accept)
		}
	}
	report, err := read(ctx, who(ctx), accept)
	if err != nil {
		// What is wrong with a file, or why a server does not answer, is for
		// whoever looks after the directory; what stood before stands on.
		return nil, huma.Error422UnprocessableEntity("the directory was not read again, and stays as it was: " + directory.Brief(err))
	}
	if !report.Applied {
		s.Logger.WarnContext(ctx, "a sync of the directory waits for a word", "actor", who(ctx).Name)
	}
	return &syncOutput{report}, nil
}

func newDirectory(d *directory.Directory, status directory.Status) *Directory {
	return &Directory{Status: status, People: []*directory.Person{}, Mailboxes: []*directory.Mailbox{}, Organisations: []*directory.Organisation{},
		Roles: Roles{notNil(d.Role("admin")), notNil(d.Role("ombudsman")), notNil(d.Role("privacy"))}}
}

// DirectoryOf is whom one address belongs to. Nobody is an answer too.
func DirectoryOf(d *directory.Directory, status directory.Status, address string) *Directory {
	w := newDirectory(d, status)
	if p := d.Person(address); p != nil {
		w.People = append(w.People, p)
	}
	if m := d.Mailbox(address); m != nil {
		w.Mailboxes = append(w.Mailboxes, m)
	}
	if o := d.Organisation(address); o != nil {
		w.Organisations = append(w.Organisations, o)
	}
	return w
}

// DirectoryPage is a page of everybody behind a cursor ("" is the beginning).
// The cursor is the kind and the name of the last entry, so that a sync between
// two pages moves nothing.
func DirectoryPage(d *directory.Directory, status directory.Status, cursor string, limit int) (w *Directory, ok bool) {
	kind, after, there := strings.Cut(cursor, ":")
	if cursor != "" && (!there || !slices.Contains([]string{"people", "mailboxes", "organisations"}, kind)) {
		return nil, false
	}
	w = newDirectory(d, status)
	p := &pager{left: limit, kind: kind, after: after}
	w.People = some(p, "people", d.People(), func(p *directory.Person) string { return p.Main() })
	w.Mailboxes = some(p, "mailboxes", d.AllMailboxes(), func(m *directory.Mailbox) string { return m.Address })
	organisations := slices.SortedFunc(slices.Values(d.Organisations()), func(a, b *directory.Organisation) int { return strings.Compare(a.Name, b.Name) })
	w.Organisations = some(p, "organisations", organisations, func(o *directory.Organisation) string { return o.Name })
	if p.more {
		w.Next = &p.last
	}
	return w, true
}

// pager goes through lists one after another.
type pager struct {
	left        int
	kind, after string // the last entry of the page before; "" is none
	last        string // the cursor of the last entry that was taken
	more        bool
}

// some takes what a page still has room for out of a list in order of name.
func some[T any](p *pager, kind string, list []*T, name func(*T) string) []*T {
	taken := []*T{}
	order := []string{"", "people", "mailboxes", "organisations"}
	if slices.Index(order, kind) < slices.Index(order, p.kind) {
		return taken
	}
	for _, e := range list {
		switch n := name(e); {
		case kind == p.kind && n <= p.after:
		case p.left == 0:
			p.more = true
			return taken
		default:
			taken = append(taken, e)
			p.left--
			p.last = kind + ":" + n
		}
	}
	return taken
}
