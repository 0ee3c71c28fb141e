package lookback

import (
	"context"
	"slices"
	"time"

	"belay/internal/directory"
	"belay/internal/guard"
	"belay/internal/guard/budget"
	"belay/internal/history"
	"belay/internal/mail"
)

// Replay judges mails one after another, each with what came before it, and
// never looks ahead. It is for one goroutine.
type Replay struct {
	o      Options
	memory *history.Memory
	own    map[string]bool
	guards map[string]*guard.Guard // by the domain that is ours; "" where those are known
	asking *asking                 // nil where there is no budget
}

// asking is the budget of a replay. What counts is the mail of the stream itself:
// what was judged and then learned. A mail that is only judged is tried out, and
// may be anything.
type asking struct {
	budget *budget.Stream
	judged [lately]judged // the last ones, of which some may be learned
	next   int
}

// lately is between how many others a mail may be judged before it is learned:
// whoever tries things out does so with a few changes of one mail.
const lately = 64

type judged struct {
	f        *guard.Facts
	author   string // main address
	strength float64
}

// same tells whether two mails are one: judged on one line of a stream, and learned
// on another.
func same(a, b *guard.Facts) bool {
	if a == b || a == nil || b == nil {
		return a == b
	}
	id := a.Summary.MessageID
	return id != "" && id == b.Summary.MessageID && a.Author == b.Author &&
		slices.EqualFunc(a.Envelope.Recipients, b.Envelope.Recipients, func(x, y mail.Recipient) bool { return x.Address == y.Address })
}

// begin is told that a mail is judged.
func (a *asking) begin(f *guard.Facts) {
	for i := range a.judged {
		if same(a.judged[i].f, f) {
			a.judged[i] = judged{} // judged again: the last time counts
		}
	}
	a.next = (a.next + 1) % lately
	a.judged[a.next] = judged{f: f, strength: unheard}
}

// Threshold implements guard.Asking.
func (a *asking) Threshold(author string) (score float64, observe bool) {
	return a.budget.Threshold(author)
}

// Judged implements guard.Asking.
func (a *asking) Judged(author string, strength float64) {
	a.judged[a.next].author, a.judged[a.next].strength = author, strength
}

// unheard is the strength of a mail of which the guard says nothing: no rule and
// no detector looks at it.
const unheard = -1

// Options make a Replay.
type Options struct {
	// Guard says how is judged. Its Domains and History are filled in; its
	// budgets of time are widened, since nobody waits.
	Guard guard.Options
	// Domains are ours. Without any, each author's own domain counts as ours.
	Domains []string
	People  *directory.Directory // nil knows nobody
	// Excluded are those of whom nothing is learned; nil is nobody.
	Excluded func(address string) bool
	// Memory is where it learns; nil is a new one that knows nothing.
	Memory *history.Memory
	// Share of the mails that may be questioned because of signals: a budget in
	// memory keeps to it (budget.Stream), in place of Guard.Asking. 0 keeps to none.
	Share float64
	// Asked is what an earlier budget counted (Replay.Asked); nil begins anew.
	Asked []byte
}

// patience is how long a detector may take here: where time runs out, the same
// mail would be judged otherwise the next time.
const patience = 20 * time.Second

// maxGuards is how many domains have a guard of their own at a time.
const maxGuards = 500

// NewReplay makes one.
func NewReplay(o Options) *Replay {
	r := &Replay{o: o, memory: o.Memory, own: map[string]bool{}, guards: map[string]*guard.Guard{}}
	for _, d := range o.Domains {
		r.own[mail.DomainKey(d)] = true
	}
	if r.memory == nil {
		r.memory = history.NewMemory(MemoryOptions(o))
	}
	if o.Share > 0 {
		r.asking = &asking{budget: budget.NewStream(o.Share, budget.Faint)}
		if err := r.asking.budget.Decode(o.Asked); o.Asked != nil && err != nil {
			r.asking.budget = budget.NewStream(o.Share, budget.Faint) // of another version: it begins anew
		}
		r.o.Guard.Asking = r.asking
	}
	r.o.Guard.Budget, r.o.Guard.ReadWithin = patience, patience
	r.o.Guard.Directory = func() *directory.Directory { return o.People }
	return r
}

// MemoryOptions are those of a memory that fits.
func MemoryOptions(o Options) history.MemoryOptions {
	m := history.MemoryOptions{Excluded: o.Excluded}
	if o.People != nil {
		m.Main = o.People.Main
	}
	if len(o.Domains) > 0 {
		own := make(map[string]bool, len(o.Domains))
		for _, d := range o.Domains {
			own[mail.DomainKey(d)] = true
		}
		m.Own = func(domain string) bool { return own[domain] }
	}
	return m
}

// Memory is what it learned.
func (r *Replay) Memory() *history.Memory { return r.memory }

// Own tells whether one of ours wrote a mail.
func (r *Replay) Own(f *guard.Facts) bool { return len(r.own) == 0 || r.own[mail.Domain(f.Author)] }

// Judge gives the verdict on a mail, from what was learned before.
func (r *Replay) Judge(ctx context.Context, f *guard.Facts) guard.Verdict {
	if r.asking != nil {
		r.asking.begin(f)
	}
	return r.guard(f).Judge(ctx, *f)
}

// Asked is what the budget counted, for Options.Asked; nil where there is none.
func (r *Replay) Asked() []byte {
	if r.asking == nil {
		return nil
	}
	return r.asking.budget.Encode()
}

// guard is the one for the author's domain.
func (r *Replay) guard(f *guard.Facts) *guard.Guard {
	domain := ""
	if len(r.own) == 0 {
		domain = mail.Domain(f.Author)
	}
	g := r.guards[domain]
	if g == nil {
		if len(r.guards) >= maxGuards {
			clear(r.guards)
		}
		o := r.o.Guard
		if o.Domains = r.o.Domains; domain != "" {
			o.Domains = []string{domain}
		}
		o.History = r.memory
		g = guard.New(o)
		r.guards[domain] = g
	}
	return g
}

// Learn adds a mail to what is known.
func (r *Replay) Learn(ctx context.Context, f *guard.Facts) error {
	e, err := EventOf(ctx, f, r.o.People, r.Own(f))
	if err != nil {
		return err
	}
	r.count(f)
	return r.memory.Learn(ctx, []history.Event{e})
}

// count tells the budget of a mail that was judged, and is one of the stream.
func (r *Replay) count(f *guard.Facts) {
	if r.asking == nil {
		return
	}
	for i := range r.asking.judged {
		j := &r.asking.judged[i]
		if !same(j.f, f) {
			continue
		}
		if j.strength != unheard {
			r.asking.budget.Judged(j.author, j.strength)
		}
		*j = judged{}
	}
}

// EventOf is what is learned of a past mail. What is not of ours came to us.
func EventOf(ctx context.Context, f *guard.Facts, people *directory.Directory, ours bool) (history.Event, error) {
	says, err := f.Read(ctx)
	if says == nil && ctx.Err() != nil {
		return history.Event{}, err // a mail that cannot be read is known by its header
	}
	if ours {
		return history.EventOf(f.Summary, f.Envelope, says, people, f.Time), nil
	}
	return history.IncomingOf(f.Summary, f.Envelope, says, people, f.Time), nil
}
