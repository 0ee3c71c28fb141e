package directory

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

// Options say where the people are written. Without File and LDAP the book
// knows the own domains and nobody.
type Options struct {
	File    string       // people.yaml, or people.csv; beside LDAP it adds to it and overrides it
	LDAP    *LDAPOptions // nil is none
	Domains []string     // our own
	Zone    *time.Location
	Cache   string // the file that keeps the last good state of LDAP or CSV; "" keeps none
	Now     func() time.Time
	Logger  *slog.Logger
}

// Book holds the directory that stands. It is safe for concurrent use; a nil
// Book holds none.
type Book struct {
	current atomic.Pointer[Directory]

	mu     sync.Mutex // one sync at a time; guards what follows
	opts   Options
	synced *Facts // what LDAP or CSV said last
	stamp  string // of the files that were read last
	status Status
}

// Status says where the directory comes from and how fresh it is.
type Status struct {
	Source        string    `json:"source"` // the server's address or the file's name, "" for none
	File          string    `json:"file,omitempty"`
	People        int       `json:"people"`
	Mailboxes     int       `json:"mailboxes"`
	Organisations int       `json:"organisations"`
	Groups        int       `json:"groups"`
	Synced        time.Time `json:"synced"`            // when what stands was read
	Tried         time.Time `json:"tried"`             // when it was last tried
	Problem       string    `json:"problem,omitempty"` // why the last try changed nothing, and what to do
	Waiting       *Report   `json:"waiting,omitempty"` // a sync that would remove too much, and waits for a word
	Warnings      []string  `json:"warnings,omitempty"`
	Last          *Report   `json:"-"` // the last sync since the start that changed something
}

// Open reads the people. Where LDAP does not answer or a CSV file cannot be
// used, what was read last stands, and Status says since when; without such a
// state, and for a people.yaml with mistakes, it is an error.
func Open(ctx context.Context, o Options) (*Book, error) {
	b := &Book{opts: o.defaults()}
	b.mu.Lock()
	defer b.mu.Unlock()
	last, err := loadCache(b.opts.Cache, b.opts.source())
	if err != nil {
		b.opts.Logger.Warn(err.Error())
	}
	if b.opts.syncs() && last != nil {
		if err := b.stand(last); err != nil {
			return nil, err
		}
	}
	if _, err := b.sync(ctx, false); err != nil && b.current.Load() == nil {
		return nil, err
	}
	return b, nil
}

func (o Options) defaults() Options {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return o
}

// syncs tells whether the people come from a source that can lose many of them
// by accident: LDAP or CSV, and not the admin's own hand.
func (o Options) syncs() bool { return o.LDAP != nil || isCSV(o.File) }

// source names where the people come from.
func (o Options) source() string {
	if o.LDAP != nil {
		return o.LDAP.name()
	}
	return o.File
}

// stand puts a state that was read earlier in place.
func (b *Book) stand(last *cached) error {
	hand, _, warnings, err := b.opts.read(context.Background(), true)
	if err != nil {
		return err
	}
	b.synced = last.Facts
	facts := last.Facts
	if hand != nil {
		facts = merge(last.Facts, hand)
	}
	d, more := New(facts, b.opts.Domains, b.opts.Zone)
	b.put(d, last.Time, append(warnings, more...))
	return nil
}

// put makes a directory the one that stands.
func (b *Book) put(d *Directory, read time.Time, warnings []string) {
	b.current.Store(d)
	b.status = Status{
		Source: b.opts.source(), File: b.opts.File, Synced: read, Tried: read, Warnings: warnings,
		People: len(d.people), Mailboxes: len(d.mailboxes), Organisations: len(d.organisations), Groups: len(d.groups),
	}
}

// Current is the directory that stands; it may be nil, which knows nobody.
func (b *Book) Current() *Directory {
	if b == nil {
		return nil
	}
	return b.current.Load()
}

// Status says how the directory stands.
func (b *Book) Status() Status {
	if b == nil {
		return Status{}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.status
}

// Sync reads the people again and says what changed. A sync that would remove
// more than a fifth of the people, or of the mailboxes, that came from LDAP or
// CSV changes nothing but with accept: its report is not Applied and says why.
// After an error what stood before stands on.
func (b *Book) Sync(ctx context.Context, accept bool) (*Report, error) {
	if b == nil {
		return nil, errors.New("there is no directory to read: set directory in belay.yaml")
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.sync(ctx, accept)
}

// Reload goes on with other options. Where the people cannot be read with them
// it is an error, and what stood before, options too, stands on.
func (b *Book) Reload(ctx context.Context, o Options) error {
	fresh, err := Open(ctx, o)
	if err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.opts, b.synced, b.stamp, b.status = fresh.opts, fresh.synced, fresh.stamp, fresh.status
	b.current.Store(fresh.current.Load())
	return nil
}

// sync does Sync. The caller holds mu.
func (b *Book) sync(ctx context.Context, accept bool) (*Report, error) {
	b.status.Tried = b.opts.Now()
	b.stamp = b.opts.stamp()
	hand, synced, warnings, err := b.opts.read(ctx, false)
	if err != nil {
		b.status.Problem = err.Error()
		return nil, err
	}
	facts := cmp.Or(synced, hand, &Facts{})
	if hand != nil && synced != nil {
		facts = merge(synced, hand)
	}
	d, more := New(facts, b.opts.Domains, b.opts.Zone)
	r := &Report{Time: b.status.Tried, Source: b.opts.source(), Warnings: append(warnings, more...)}
	old := b.current.Load()
	r.compare(old, d)
	if r.Refused = r.tooMany(old); r.Refused != "" && !accept {
		b.status.Problem, b.status.Waiting = r.Refused, r
		b.opts.Logger.Warn("the directory was not changed: " + r.Refused)
		return r, nil
	}
	r.Refused, r.Applied = "", true
	b.synced = synced
	last := b.status.Last
	b.put(d, r.Time, r.Warnings)
	if b.status.Last = last; old != nil && r.Summary() != nothing {
		b.status.Last = r
	}
	b.log(old, r)
	if synced != nil {
		state := cached{cacheVersion, b.opts.source(), r.Time, synced}
		if err := state.save(b.opts.Cache); err != nil {
			b.status.Problem = err.Error()
			b.opts.Logger.Warn(err.Error())
		}
	}
	return r, nil
}

// log says shortly what a sync did; who it was about is in the report.
func (b *Book) log(old *Directory, r *Report) {
	if old == nil {
		b.opts.Logger.Info("the directory was read", "source", r.Source, "people", r.People, "mailboxes", r.Mailboxes)
	} else if len(r.Added)+len(r.Removed)+len(r.Changed) > 0 {
		b.opts.Logger.Info("the directory changed: "+r.Summary(), "source", r.Source, "people", r.People, "mailboxes", r.Mailboxes)
	}
	if n := len(r.Warnings); n > 0 {
		b.opts.Logger.Warn(fmt.Sprintf("the directory has oddities: %s", r.Warnings[0]), "source", r.Source, "oddities", n)
	}
}
