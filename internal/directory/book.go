package directory

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"belay/internal/config"
)

// Options say where the people are written. Without File and LDAP the book
// knows the own domains and nobody.
type Options struct {
	File    string       // people.yaml, or people.csv; beside LDAP it adds to it and overrides it
	LDAP    *LDAPOptions // nil is none
	Domains []string     // our own
	// Organisations are known beside those of the sources: the configuration's.
	Organisations []*Organisation
	Zone          *time.Location
	Cache         string // the file that keeps the last good state of LDAP or CSV; "" keeps none
	Now           func() time.Time
	Logger        *slog.Logger
	// Odd says what does not fit a directory that was just read: who is named
	// elsewhere and not in it. It stands first among the warnings. Nil is nothing.
	Odd func(*Directory) []string
}

// Book holds the directory that stands. It is safe for concurrent use; a nil
// Book holds none.
type Book struct {
	current atomic.Pointer[Directory]
	status  atomic.Pointer[Status]

	mu    sync.Mutex // one sync at a time; guards what follows
	opts  Options
	stamp string    // of the files as they were tried last
	next  time.Time // when LDAP is to be asked again
}

// Status says where the directory comes from and how fresh it is.
type Status struct {
	Source        string    `json:"source"` // the server's address or the file's name, "" for none
	File          string    `json:"file,omitempty"`
	People        int       `json:"people"`
	Mailboxes     int       `json:"mailboxes"`
	Organisations int       `json:"organisations"`
	Groups        int       `json:"groups"`
	Synced        time.Time `json:"synced,omitzero"`   // when what stands was read
	Tried         time.Time `json:"tried,omitzero"`    // when it was last tried
	Problem       string    `json:"problem,omitempty"` // why the last try changed nothing, and what to do
	Waiting       *Report   `json:"waiting,omitempty"` // a sync that would remove too much, and waits for a word
	Warnings      []string  `json:"warnings,omitempty"`
	Last          *Report   `json:"-"` // the last sync since the start that changed something; nil for none
}

// Open reads the people. Where LDAP does not answer or a CSV file cannot be
// used, what was read last stands, and Status says since when; without such a
// state, and for a people.yaml with mistakes, it is an error.
func Open(ctx context.Context, o Options) (*Book, error) {
	b := &Book{opts: o.defaults()}
	b.status.Store(&Status{Source: b.opts.source(), File: b.opts.File})
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.opts.syncs() {
		if err := b.standOn(); err != nil {
			return nil, err
		}
	}
	if _, err := b.sync(ctx, false); err != nil {
		if b.current.Load() == nil {
			return nil, err
		}
		b.stands(err)
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

// stands logs that what was read earlier goes on to count.
func (b *Book) stands(err error) {
	b.opts.Logger.Warn("the directory stands as it was read earlier: "+Brief(err), "since", b.status.Load().Synced)
}

// standOn puts in place what LDAP or CSV said when they could last be read,
// under what the admin wrote by hand. Without such a state nothing happens.
func (b *Book) standOn() error {
	last, err := loadCache(b.opts.Cache, b.opts.source())
	if err != nil {
		b.opts.Logger.Warn(err.Error())
	}
	if last == nil {
		return nil
	}
	found, err := b.opts.readHand()
	if err != nil {
		return err
	}
	found.synced = last.Facts
	d := b.build(found)
	b.put(d, last.Time, found.warnings)
	return nil
}

// build makes a directory of what was found.
func (b *Book) build(f *found) *Directory {
	facts := cmp.Or(f.synced, f.hand, &Facts{})
	if f.hand != nil && f.synced != nil {
		facts = merge(f.synced, f.hand)
	}
	facts = b.opts.withOrganisations(facts)
	d, warnings := New(facts, b.opts.Domains, b.opts.Zone)
	f.warnings = append(f.warnings, warnings...)
	if f.hand != nil && f.synced != nil {
		f.warnings = append(f.warnings, strangers(b.opts.File, f.hand, d)...)
	}
	if b.opts.Odd != nil {
		f.warnings = append(b.opts.Odd(d), f.warnings...)
	}
	return d
}

// put makes a directory the one that stands.
func (b *Book) put(d *Directory, read time.Time, warnings []string) {
	b.current.Store(d)
	b.status.Store(&Status{
		Last: b.status.Load().Last, Source: b.opts.source(), File: b.opts.File, Synced: read, Tried: b.opts.Now(), Warnings: warnings,
		People: len(d.people), Mailboxes: len(d.mailboxes), Organisations: len(d.organisations), Groups: len(d.groups),
	})
}

// trouble notes why nothing changed.
func (b *Book) trouble(problem string, waiting *Report) {
	s := *b.status.Load()
	s.Tried, s.Problem, s.Waiting = b.opts.Now(), problem, waiting
	b.status.Store(&s)
}

// Current is the directory that stands; it may be nil, which knows nobody.
func (b *Book) Current() *Directory {
	if b == nil {
		return nil
	}
	return b.current.Load()
}

// Status says how the directory stands. It never waits for a sync.
func (b *Book) Status() Status {
	if b == nil {
		return Status{}
	}
	return *b.status.Load()
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
	b.opts, b.stamp, b.next = fresh.opts, fresh.stamp, fresh.next
	b.current.Store(fresh.current.Load())
	b.status.Store(fresh.status.Load())
	return nil
}

// sync does Sync. The caller holds mu.
func (b *Book) sync(ctx context.Context, accept bool) (*Report, error) {
	edited := b.stamp != b.opts.stamp()
	b.stamp = b.opts.stamp()
	found, err := b.opts.read(ctx)
	b.next = b.opts.nextTry(err)
	if err != nil {
		if edited && b.opts.LDAP != nil && b.current.Load() != nil { // what the admin wrote counts without the server too
			err = errors.Join(err, b.standOn())
		}
		b.trouble(Brief(err), b.status.Load().Waiting)
		return nil, err
	}
	d := b.build(found)
	r := &Report{Time: b.opts.Now(), Source: b.opts.source(), Warnings: found.warnings}
	old := b.current.Load()
	r.compare(old, d)
	if r.Refused = r.tooMany(old); r.Refused != "" && !accept {
		b.trouble(r.Refused, r)
		b.opts.Logger.Warn("the directory was not changed: " + r.Refused)
		return r, nil
	}
	r.Refused, r.Applied = "", true
	b.put(d, r.Time, r.Warnings)
	if old != nil && r.Summary() != nothing {
		s := *b.status.Load()
		s.Last = r
		b.status.Store(&s)
	}
	b.log(old, r)
	b.keep(found.synced, r.Time)
	return r, nil
}

// keep writes down what a source said, for a day on which it says nothing.
func (b *Book) keep(synced *Facts, read time.Time) {
	if synced == nil {
		return
	}
	state := cached{cacheVersion, b.opts.source(), read, synced}
	if err := state.save(b.opts.Cache); err != nil {
		b.trouble(err.Error(), nil)
		b.opts.Logger.Warn(err.Error())
	}
}

// Brief is an error of Open or Sync in one line: of several mistakes in a file
// the first, with its place, and how many there are.
func Brief(err error) string {
	var all config.Errors
	if !errors.As(err, &all) || len(all) == 0 {
		return strings.ReplaceAll(err.Error(), "\n", "; ")
	}
	if len(all) == 1 {
		return all[0].Short()
	}
	return fmt.Sprintf("%s (the first of %d mistakes)", all[0].Short(), len(all))
}

// log says shortly what a sync did; who it was about is in the report.
func (b *Book) log(old *Directory, r *Report) {
	if r.Source == "" {
		return
	}
	if old == nil {
		b.opts.Logger.Info("the directory was read", "source", r.Source, "people", r.People, "mailboxes", r.Mailboxes)
	} else if len(r.Added)+len(r.Removed)+len(r.Changed) > 0 {
		b.opts.Logger.Info("the directory changed: "+r.Summary(), "source", r.Source, "people", r.People, "mailboxes", r.Mailboxes)
	} else {
		return
	}
	if n := len(r.Warnings); n > 0 {
		b.opts.Logger.Warn(fmt.Sprintf("the directory has oddities: %s", r.Warnings[0]), "source", r.Source, "oddities", n)
	}
}
