// Package organisation looks at clients: organisation.mixed, two of the directory
// read one mail who never did before, and organisation.wrong, a mail speaks of one
// and goes to another. The second goes by the directory, and by what was learned
// of the mail to each domain outside: which words stand in that of one alone.
//
// organisation.mixed: Say is "" for two clients, "many" for more. Facts: First,
// Second (names); Count is how many clients.
//
// organisation.wrong: one signal for each recipient it is about. Say is "" where
// the subject or the text names the client, "file" where only a file does,
// "learned" where its words go with the mail to another domain, "label" where it
// names that domain, "thread" where it goes on with a talk with that one. Facts:
// Named (the client that is named, or the domain), Other (the recipient's), File.
// Found are the words, with their places. Instead are the author's contacts at
// that client.
package organisation

import (
	"context"
	"slices"

	"belay/internal/directory"
	"belay/internal/guard"
	"belay/internal/history"
	"belay/internal/mail"
	"belay/internal/reading"
)

// Codes of the signals.
const (
	Mixed = "organisation.mixed"
	Wrong = "organisation.wrong"
)

// Detector looks for both.
type Detector struct{}

var _ guard.Detector = (*Detector)(nil)

// New makes one.
func New() *Detector { return &Detector{} }

// Name implements guard.Detector.
func (*Detector) Name() string { return "organisation" }

// Codes implements guard.Detector.
func (*Detector) Codes() []string { return []string{Mixed, Wrong} }

// CodesOfPast are those that cannot be told without the past, where no directory
// tells.
func (*Detector) CodesOfPast() []string { return []string{Wrong} }

// CodesOfFiles are the codes that cannot be told where a file was not read.
func (*Detector) CodesOfFiles() []string { return []string{Wrong} }

// Detect implements guard.Detector.
func (*Detector) Detect(_ context.Context, l *guard.Look) ([]guard.Signal, error) {
	var signals []guard.Signal
	if len(l.Directory.Organisations()) > 0 {
		if r := readersOf(l); len(r.list) > 0 {
			if s, ok := r.mixed(); ok {
				signals = append(signals, s)
			}
			signals = append(signals, r.wrong()...)
		}
	}
	for _, s := range learnedWrong(l) {
		if !slices.ContainsFunc(signals, func(d guard.Signal) bool {
			return d.Code == Wrong && d.Recipient == s.Recipient && d.Score >= guard.DefaultThreshold
		}) {
			signals = append(signals, s)
		}
	}
	return signals, nil
}

// clientKinds are what the admins of six countries call a client.
var clientKinds = map[string]bool{"": true, "client": true, "customer": true, "klient": true, "klientka": true, "cliente": true, "musteri": true, "kunde": true}

// isClient tells whether an organisation is a client: told so, or not told
// otherwise.
func isClient(o *directory.Organisation) bool { return clientKinds[reading.Fold(o.Kind)] }

// readers are the organisations that a mail goes to.
type readers struct {
	l    *guard.Look
	list []*reader
}

// reader is an organisation with the recipients who belong to it.
type reader struct {
	of      *directory.Organisation
	keys    []string
	domains []string // as they stand in the addresses
	seen    bool     // one of them stands in To or Cc
}

func readersOf(l *guard.Look) *readers {
	r := &readers{l: l}
	visible := l.Summary.VisibleKeys()
	for _, key := range l.Keys {
		domain := mail.Domain(key)
		if domain == "" || l.Own != nil && l.Own(domain) {
			continue
		}
		of := l.Directory.Organisation(key)
		if of == nil {
			continue
		}
		i := slices.IndexFunc(r.list, func(o *reader) bool { return o.of == of })
		if i < 0 {
			i = len(r.list)
			r.list = append(r.list, &reader{of: of})
		}
		one := r.list[i]
		one.keys = append(one.keys, key)
		one.seen = one.seen || visible[key]
		if !slices.Contains(one.domains, domain) {
			one.domains = append(one.domains, domain)
		}
	}
	return r
}

// mixed finds clients who read this mail together for the first time.
func (r *readers) mixed() (guard.Signal, bool) {
	var clients []*reader
	anySeen := false
	for _, one := range r.list {
		if isClient(one.of) && one.of.Kind != "" {
			clients = append(clients, one)
			anySeen = anySeen || one.seen
		}
	}
	if len(clients) < 2 || !anySeen { // all in Bcc: none sees another
		return guard.Signal{}, false
	}
	for i, a := range clients {
		for _, b := range clients[i+1:] {
			if !a.seen && !b.seen || r.together(a, b) > 0 {
				continue
			}
			s := guard.Signal{Code: Mixed, Score: 0.75, Count: len(clients),
				Facts: map[string]string{"First": a.of.Name, "Second": b.of.Name}}
			if r.l.Past == nil {
				s.Score = 0.6
			}
			if len(clients) > 2 {
				s.Say = "many"
			}
			return s, true
		}
	}
	return guard.Signal{}, false
}

// together tells in how many past mails both were, mails to us among them.
func (r *readers) together(a, b *reader) (n int) {
	past := r.l.Past
	if past == nil {
		return 0
	}
	for _, da := range a.all() {
		for _, db := range b.all() {
			n += past.Together(da, db)
		}
	}
	if past.Thread != nil {
		for i := range past.Thread.Mails {
			if m := &past.Thread.Mails[i]; a.on(r.l.Directory, m) && b.on(r.l.Directory, m) {
				n++
			}
		}
	}
	return n
}

// all are the domains of an organisation, those that stand in the addresses
// first.
func (o *reader) all() []string {
	all := slices.Clone(o.domains)
	for _, d := range o.of.Domains {
		if !slices.Contains(all, d) {
			all = append(all, d)
		}
	}
	return all
}

// on tells whether somebody of an organisation wrote or got a mail of the
// thread.
func (o *reader) on(d *directory.Directory, m *history.ThreadMail) bool {
	return d.Organisation(m.Author) == o.of || slices.ContainsFunc(m.To, func(a string) bool { return d.Organisation(a) == o.of })
}
