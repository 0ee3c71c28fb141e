package history

import (
	"cmp"
	"slices"
	"time"

	"belay/internal/mail"
)

// view is what the past is read from: memory, or one snapshot of the database.
// What is not there is nil, or empty. Nothing that it gives may be changed.
type view interface {
	// prepare is told which addresses and domains will be asked for.
	prepare(addresses, domains []string) error
	// foresee is told for whom peerOf, and for which keys candidates will be asked.
	foresee(peers []string, hashes []uint64) error
	profileOf(author string) (*profile, error)
	// peerOf is profileOf for somebody of whose contacts none is given away but
	// single ones.
	peerOf(key string) (*profile, error)
	addressOf(key string) (*known, error)
	domainOf(domain string) (*known, error)
	timesOf(k pairKey) (int, error)
	namedTo(domain string) (map[string]int, error)
	letters(ids []uint64) ([]*letter, error)
	thread(roots []uint64, before int64) ([]*letter, error)  // the newest of them, at most maxThread of a root
	subject(subject uint64, before int64) ([]*letter, error) // the newest, at most maxSubject
	candidates(hashes []uint64) ([]string, error)            // established addresses and domains by near key
	total() (int, error)
}

const (
	maxThread  = 50 // mails of a thread
	maxSubject = 50 // mails of one subject that are looked through
	maxQuotes  = 200
)

// hesitant is up to how many mails a recipient of an author is asked about as to
// who else may be meant: who was written to more often is meant.
const hesitant = 3

// maxNear is for how many recipients of a mail that is asked.
const maxNear = 20

// forever is a time behind all others, in microseconds.
const forever = 1<<63 - 1

// gather reads the past of a mail.
func (w *who) gather(v view, q *Query) (*Past, error) {
	author := w.key(q.Author)
	if w.leftOut(q.Author) || w.leftOut(author) {
		return nil, nil
	}
	own, err := v.profileOf(author)
	if err != nil {
		return nil, err
	}
	p := &Past{Contacts: map[string]*Contact{}, Colleagues: map[string]*Acquaintance{}, Domains: map[string]*Acquaintance{}, main: w.key, made: &made{}}
	if p.All, err = v.total(); err != nil {
		return nil, err
	}
	g := &gathering{who: w, v: v, p: p, author: author, before: forever}
	if !q.Time.IsZero() {
		g.before = q.Time.UnixMicro()
	}
	if err := g.findItself(q.ID); err != nil {
		return nil, err
	}
	if own != nil {
		g.take(own)
	}
	if err := g.recipients(q); err != nil {
		return nil, err
	}
	if err := g.profiles(own); err != nil {
		return nil, err
	}
	p.Thread, err = findThread(v, g.threadQuery(q))
	if err != nil {
		return nil, err
	}
	if p.All == 0 && len(p.Contacts) == 0 && len(p.strangers) == 0 && len(p.Colleagues) == 0 && len(p.Domains) == 0 && p.Thread == nil {
		return nil, nil
	}
	return p, nil
}

type gathering struct {
	*who
	v      view
	p      *Past
	author string
	keys   []string   // of the recipients
	before int64      // nothing later counts; microseconds
	itself *letter    // what was learned of this very mail; nil: nothing
	list   []*Contact // those of p
}

// recipients reads what is known of those the mail goes to.
func (g *gathering) recipients(q *Query) error {
	g.findKeys(q)
	var domains []string
	for _, key := range g.keys {
		if d := mail.Domain(key); d != "" && !slices.Contains(domains, d) {
			domains = append(domains, d)
		}
	}
	guesses := g.guesses(q)
	if err := g.v.prepare(slices.Concat(g.keys, guesses), domains); err != nil {
		return err
	}
	if err := g.office(guesses); err != nil {
		return err
	}
	if err := g.v.foresee(g.peers(), g.nearKeys()); err != nil {
		return err
	}
	var outside []string
	near := map[string][]Near{}
	for _, key := range g.keys {
		k, err := g.v.addressOf(key)
		if err != nil {
			return err
		}
		mine := g.p.Contacts[key]
		if k != nil {
			if a := k.acquaintance(mine != nil && mine.Sent > 0); g.without(a, g.had(key), mine == nil || mine.Sent == 0) {
				g.p.Colleagues[key] = a
			}
		}
		domain := mail.Domain(key)
		if err := g.domain(domain); err != nil {
			return err
		}
		if g.outside(domain, mail.Domain(g.author)) && !slices.Contains(outside, domain) {
			outside = append(outside, domain)
		}
		if g.doubtful(key) && len(near) < maxNear {
			if near[key], err = g.near(key); err != nil {
				return err
			}
		}
	}
	for _, d := range q.Beside {
		if g.outside(d, mail.Domain(g.author)) && !slices.Contains(outside, d) {
			outside = append(outside, d)
		}
	}
	g.p.near = func(address string) []Near { return near[g.key(address)] }
	return g.pairs(outside)
}

// maxGuesses is how many guesses of a query are looked at.
const maxGuesses = 64

// guesses are the main addresses of those that may have been meant, and are
// neither on the mail nor known to the author.
func (g *gathering) guesses(q *Query) (keys []string) {
	for _, a := range capped(q.Guesses, maxGuesses) {
		key := g.key(a)
		if key == g.author || g.p.Contacts[key] != nil || slices.Contains(g.keys, key) || slices.Contains(keys, key) || g.leftOut(a) || g.leftOut(key) {
			continue
		}
		keys = append(keys, key)
	}
	return keys
}

// office finds those of them that the author may be told of.
func (g *gathering) office(guesses []string) error {
	if !g.ours(g.author) {
		return nil
	}
	for _, key := range guesses {
		k, err := g.v.addressOf(key)
		if err != nil {
			return err
		}
		if k == nil || k.last.UnixMicro() > g.before {
			continue // some of it is later: how much was known then cannot be told
		}
		a := k.acquaintance(false)
		if !a.Open(mail.Domain(key) == mail.Domain(g.author)) {
			continue
		}
		if g.p.Office == nil {
			g.p.Office = map[string]*Acquaintance{}
		}
		g.p.Office[key] = a
	}
	return nil
}

// doubtful tells whether it is asked who else may be meant.
func (g *gathering) doubtful(key string) bool { return g.p.Contacts[key].Trusted() < hesitant }

// nearKeys are those by which near will look.
func (g *gathering) nearKeys() (keys []uint64) {
	n := 0
	for _, key := range g.keys {
		local, domain := mail.Split(key)
		if domain == "" || !g.doubtful(key) {
			continue
		}
		if n++; n > maxNear {
			break
		}
		keys = append(append(keys, probes(scopeDomains, labelOf(domain))...), probes(domain, local)...)
	}
	return keys
}

// peers are the recipients whose own profiles are read.
func (g *gathering) peers() (keys []string) {
	if len(g.keys) > maxProfiles {
		return nil
	}
	for _, key := range g.keys {
		if g.ours(key) && key != g.author {
			keys = append(keys, key)
		}
	}
	return keys
}

// maxProfiles is how many recipients a mail may have whose own profiles are read.
const maxProfiles = 12

// profiles reads what is remembered of the recipients themselves.
func (g *gathering) profiles(own *profile) error {
	at, itself := g.asOf().Unix(), g.traceOfItself()
	if own != nil {
		trail := own.trail.give(at, itself)
		if len(trail.Mails) < len(own.trail.mails) {
			g.p.made = &made{} // what was made of the whole trail is not for this one
		}
		g.p.Self = &Profile{Address: g.author, Mails: g.p.Mails, Contacts: g.p.Contacts, Trail: trail, made: g.p.made}
	}
	g.p.profiles = make(map[string]*Profile, len(g.keys))
	for _, key := range g.peers() {
		p, err := g.v.peerOf(key)
		if err != nil {
			return err
		}
		if p == nil {
			continue
		}
		of := &Profile{Address: key, Mails: p.mails, Trail: p.trail.give(at, itself), Contacts: make(map[string]*Contact, len(g.keys))}
		for _, other := range append([]string{g.author}, g.keys...) {
			c := p.contacts[other]
			if c == nil {
				continue
			}
			if c = g.asItWas(c); c != nil && other == g.author && g.had(key) > 0 {
				c = c.withoutReceived(g.itself)
			}
			if c != nil {
				of.Contacts[other] = c
			}
		}
		g.p.profiles[key] = of
	}
	return nil
}

// traceOfItself is by what a trail knows the mail itself; 0 is nothing.
func (g *gathering) traceOfItself() uint32 {
	if g.itself == nil {
		return 0
	}
	return uint32(g.itself.id)
}

// findKeys finds who the recipients are, each once.
func (g *gathering) findKeys(q *Query) {
	seen := map[string]bool{}
	for _, a := range capped(q.Recipients, maxParties) {
		if key := g.key(a); !seen[key] && !g.leftOut(a) && !g.leftOut(key) {
			seen[key] = true
			g.keys = append(g.keys, key)
		}
	}
}

func (g *gathering) domain(domain string) error {
	if domain == "" || g.p.Domains[domain] != nil {
		return nil
	}
	k, err := g.v.domainOf(domain)
	if err != nil || k == nil {
		return err
	}
	mine := g.wrote(domain)
	if a := k.acquaintance(mine); g.without(a, g.hadDomain(domain), !mine) {
		g.p.Domains[domain] = a
	}
	return nil
}

// pairs reads how often the outside domains of the mail stood together, and who
// was named to them.
func (g *gathering) pairs(domains []string) error {
	together, named := map[pairKey]int{}, map[string]map[string]int{}
	slices.Sort(domains)
	domains = capped(domains, 2*maxDomains)
	for i, a := range domains {
		for _, b := range domains[i+1:] {
			k := pairKey{pairDomains, a, b}
			n, err := g.v.timesOf(k)
			if err != nil {
				return err
			}
			if g.hadDomain(a) > 0 && g.hadDomain(b) > 0 {
				n--
			}
			if n > 0 {
				together[k] = n
			}
		}
		names, err := g.v.namedTo(a)
		if err != nil {
			return err
		}
		if g.hadDomain(a) > 0 {
			for name := range names {
				names[name]-- // whom it named itself is not known any more
			}
		}
		if len(names) > 0 {
			named[a] = names
		}
	}
	g.p.together = func(a, b string) int {
		a, b = mail.DomainKey(a), mail.DomainKey(b)
		return together[pairKey{pairDomains, min(a, b), max(a, b)}]
	}
	g.p.named = func(domain, organisation string) int { return max(0, named[mail.DomainKey(domain)][organisation]) }
	return nil
}

// threadQuery is what a thread is looked for by.
type threadQuery struct {
	parents []uint64
	root    uint64
	subject uint64
	answer  bool // the subject says that it is one
	quotes  []uint32
	author  string
	people  []string // author and recipients
	before  int64    // not later than this
	at      int64    // when it was written
	not     mailKey  // this one does not count
}

func (g *gathering) threadQuery(q *Query) threadQuery {
	t := threadQuery{quotes: short(q.Quotes, maxQuotes), author: g.author, people: append(slices.Clone(g.keys), g.author), before: g.before, at: q.Time.UnixMicro()}
	t.subject, t.answer = subjectHash(q.Subject)
	if g.itself != nil {
		t.not = mailKey{g.author, g.itself.id}
	}
	t.parents, t.root = parentsOf(q.InReplyTo, q.References)
	return t
}

func (q *threadQuery) isNot(l *letter) bool {
	return q.not.id != 0 && l.id == q.not.id && l.author == q.not.author
}

// parentOf finds the mail that one answers: by its references, or, where a mail
// program dropped them, by subject, quoted lines and people.
func parentOf(v view, q threadQuery) (parent *letter, by string, err error) {
	if len(q.parents) > 0 {
		found, err := v.letters(q.parents)
		if err != nil {
			return nil, "", err
		}
		slices.SortFunc(found, newestFirst)
		for _, id := range q.parents {
			for _, l := range slices.Backward(found) { // of several with one id the oldest
				if l.id == id && l.at <= q.before && !q.isNot(l) {
					return l, "references", nil
				}
			}
		}
	}
	if !q.bySubject() {
		return nil, "", nil
	}
	found, err := v.subject(q.subject, q.before)
	if err != nil {
		return nil, "", err
	}
	slices.SortFunc(found, newestFirst)
	for _, l := range found {
		if q.goesOn(l) && !q.isNot(l) {
			return l, "subject", nil
		}
	}
	return nil, "", nil
}

// bySubject tells whether a mail's subject, quoted lines and people can tell what
// it answers.
func (q *threadQuery) bySubject() bool {
	return q.subject != 0 && (len(q.quotes) > 0 || q.answer && len(q.parents) == 0)
}

// freshFor is for how long an answer may come that shows only by its subject.
const freshFor = 30 * 24 * time.Hour

// goesOn tells whether a mail of the same subject is one that this one goes on
// from: it quotes it, and they have somebody in common. Or it says that it is an
// answer and quotes nothing, and its author lately had that mail from, or wrote it
// to, one of those it goes to.
func (q *threadQuery) goesOn(l *letter) bool {
	if len(q.quotes) > 0 {
		return l.quotedBy(q.quotes) && l.shares(q.people)
	}
	if l.at < q.at-freshFor.Microseconds() {
		return false
	}
	others := slices.DeleteFunc(slices.Clone(q.people), func(p string) bool { return p == q.author })
	if l.author == q.author {
		return l.shares(others)
	}
	return slices.Contains(others, l.author) && slices.Contains(l.got, mark(q.author))
}

// quotedBy tells whether a line of the mail stands among these.
func (l *letter) quotedBy(quotes []uint32) bool {
	return slices.ContainsFunc(l.lines, func(mark uint32) bool { return slices.Contains(quotes, mark) })
}

// shares tells whether one of these people wrote the mail or got it.
func (l *letter) shares(people []string) bool {
	return slices.ContainsFunc(people, func(p string) bool {
		return p == l.author || slices.Contains(l.got, mark(p))
	})
}

// findThread gives the thread that a mail belongs to, nil where none is known.
func findThread(v view, q threadQuery) (*Thread, error) {
	parent, by, err := parentOf(v, q)
	if err != nil {
		return nil, err
	}
	roots := make([]uint64, 0, 2)
	if parent != nil {
		roots = append(roots, parent.root)
	} else {
		by = "references"
	}
	if q.root != 0 && !slices.Contains(roots, q.root) && by == "references" {
		roots = append(roots, q.root) // where the mail it answers was not seen, others of the thread may have been
	}
	if parent == nil && q.root == 0 && len(q.parents) > 0 {
		roots = append(roots, q.parents[0])
	}
	if len(roots) == 0 {
		return nil, nil
	}
	mails, err := v.thread(roots, q.before)
	mails = slices.DeleteFunc(mails, q.isNot)
	if err != nil || len(mails) == 0 {
		return nil, err
	}
	return threadOf(mails, by), nil
}

// threadOf makes a thread of its mails in any order.
func threadOf(mails []*letter, by string) *Thread {
	slices.SortFunc(mails, func(a, b *letter) int {
		return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.id, b.id), cmp.Compare(a.author, b.author))
	})
	mails = mails[max(0, len(mails)-maxThread):]
	t := &Thread{By: by}
	var before *letter
	for _, l := range mails {
		t.Mails = append(t.Mails, ThreadMail{Time: time.UnixMicro(l.at).UTC(), Author: l.author, To: l.to,
			All: before != nil && l.answersAll(before), Introduced: l.introduced})
		before = l
	}
	return t
}

// answersAll tells whether everybody who could be seen in the mail before got
// this one too.
func (l *letter) answersAll(before *letter) bool {
	for _, p := range append([]string{before.author}, before.to...) {
		if p != l.author && !slices.Contains(l.to, p) {
			return false
		}
	}
	return true
}

// newestFirst orders mails; of the same time by id, so that all who keep them
// agree.
func newestFirst(a, b *letter) int {
	return cmp.Or(cmp.Compare(b.at, a.at), cmp.Compare(b.id, a.id), cmp.Compare(b.author, a.author))
}
