package history

import (
	"slices"

	"belay/internal/mail"
)

// records is where what was learned stands: all of it in memory, or what a
// transaction has read and will write. Each gives a record that may be changed,
// a new one where there is none yet.
type records interface {
	profile(author string) *profile
	address(key string) *known
	domain(domain string) *known
	pair(k pairKey) *pair
	// mail finds a mail by its id among those of an author.
	mail(author string, id uint64) *letter
	keepMail(l *letter)
	count(author string) // one more mail of ours
	// settle is told of an address or domain after one more mail went there.
	settle(item string, k *known)
}

// change is one thing that a mail changes, in one record.
type change struct {
	kind byte   // 'p' profile, 'a' address, 'd' domain, 'x' pair, 't' the count
	key  string // the record; of a pair its first half
	pair pairKey
	do   func(r records)
}

// home is the bucket of a record: one in sixteen. A mail touches the records of
// many people; the fewer buckets those live in, the fewer transactions it takes
// where each stays in one, and 64 spread over as many shards as anybody has.
func home(key string) int { return mail.BucketOf(key) &^ 15 }

// bucket is where the record lives.
func (c *change) bucket() int { return home(c.key) }

// fresh takes out of a mail what was learned of it before: the recipients that
// had it already. again tells that the mail itself was counted.
func (t *told) fresh(before *letter) (again bool) {
	if before == nil {
		return false
	}
	t.to = slices.DeleteFunc(slices.Clone(t.to), func(p party) bool { return slices.Contains(before.got, mark(p.key)) })
	return true
}

// changes are all that a mail changes beside its own thread.
func (w *who) changes(t *told, again bool, parent *letter) []change {
	if t.lesson != 0 {
		return []change{{kind: 'p', key: t.author, do: func(r records) { r.profile(t.author).taught(t.lesson, t.to[0].key, t.when) }}}
	}
	list := make([]change, 0, 4+3*len(t.to))
	everybody := t.everybody()
	add := func(kind byte, key string, do func(r records)) {
		list = append(list, change{kind: kind, key: key, do: do})
	}
	if t.sent {
		list = w.changesSent(t, again, everybody, list)
	} else {
		add('a', t.author, func(r records) { r.address(t.author).heard(t.authorName, t.when) })
		if d := mail.Domain(t.author); d != "" {
			add('d', d, func(r records) { r.domain(d).heard("", t.when) })
		}
		if !again {
			list = append(list, w.changesMet(t)...)
		}
	}
	for _, p := range t.to {
		if w.ours(p.key) {
			add('p', p.key, func(r records) {
				to := r.profile(p.key)
				to.received(t.author, t.authorName, t.when)
				to.remember(t.trace(false), everybody, p.key, t.terms)
			})
		}
	}
	if parent != nil && parent.broadcast && !again && parent.author != t.author {
		add('p', parent.author, func(r records) { r.profile(parent.author).answered++ })
	}
	return list
}

func (w *who) changesSent(t *told, again bool, everybody []human, list []change) []change {
	broadcast := !again && t.colleagues(w) >= broadcastFrom
	list = append(list, change{kind: 'p', key: t.author, do: func(r records) {
		p := r.profile(t.author)
		if !again {
			p.mails++
		}
		if broadcast {
			p.broadcasts++
		}
		for _, to := range t.to {
			p.sent(to, !again && len(t.to) == 1, t.when)
		}
		p.remember(t.trace(true), everybody, t.author, t.terms)
	}})
	if !again {
		list = append(list, change{kind: 't', key: t.author, do: func(r records) { r.count(t.author) }})
	}
	var domains []string
	for _, to := range t.to {
		list = append(list, change{kind: 'a', key: to.key, do: func(r records) {
			k := r.address(to.key)
			k.wrote(t.author, to.name, t.when)
			r.settle(to.key, k)
		}})
		if d := mail.Domain(to.key); d != "" && !slices.Contains(domains, d) {
			domains = append(domains, d)
			list = append(list, change{kind: 'd', key: d, do: func(r records) {
				k := r.domain(d)
				k.wrote(t.author, "", t.when)
				r.settle(d, k)
			}})
		}
	}
	return append(list, w.changesPairs(t, domains)...)
}

// isAnswer tells whether it says of itself that it answers another mail.
func (t *told) isAnswer() bool { return t.answer || len(t.parents) > 0 }

// trace is the mail as a trail remembers it, without its people and words.
func (t *told) trace(sent bool) Trace {
	return Trace{At: t.when.Unix(), ID: uint32(t.id), Sent: sent, Answer: t.isAnswer(), Subject: uint32(t.subject)}
}

// everybody are the people of a mail, the writer first.
func (t *told) everybody() []human {
	who := make([]human, 0, 1+min(len(t.to)+len(t.beside), maxTraceWho+1))
	who = append(who, humanOf(t.author))
	for i := range capped(t.to, maxTraceWho+1) {
		who = append(who, humanOf(t.to[i].key))
	}
	for _, key := range capped(t.beside, max(0, maxTraceWho+2-len(who))) {
		who = append(who, humanOf(key))
	}
	return who
}

// changesPairs are which domains stood together, and who was named to them.
func (w *who) changesPairs(t *told, domains []string) (list []change) {
	own := mail.Domain(t.author)
	domains = slices.DeleteFunc(domains, func(d string) bool { return !w.outside(d, own) })
	if len(domains) > maxDomains {
		return nil
	}
	slices.Sort(domains)
	for i, a := range domains {
		for _, b := range domains[i+1:] {
			list = append(list, t.pair(pairKey{pairDomains, a, b}))
		}
		for _, name := range t.named {
			list = append(list, t.pair(pairKey{pairNamed, a, name}))
		}
	}
	return list
}

// changesMet are which outside domains a mail to us showed together: they know
// of each other.
func (w *who) changesMet(t *told) (list []change) {
	author := mail.Domain(t.author)
	domains := []string{author}
	for _, key := range t.beside {
		if d := mail.Domain(key); w.outside(d, "") && !slices.Contains(domains, d) {
			domains = append(domains, d)
		}
	}
	if author == "" || len(domains) > maxDomains {
		return nil
	}
	slices.Sort(domains)
	for i, a := range domains {
		for _, b := range domains[i+1:] {
			list = append(list, t.pair(pairKey{pairDomains, a, b}))
		}
	}
	return list
}

// pair is one more mail in which two things stood together.
func (t *told) pair(k pairKey) change {
	return change{kind: 'x', key: k.a, pair: k, do: func(r records) {
		p := r.pair(k)
		p.times++
		p.last = later(p.last, t.when)
	}}
}

// letterOf is the mail as its thread remembers it, joined with what was
// remembered of it before. parent is the mail that it answers, where that is
// known.
func (w *who) letterOf(t *told, before, parent *letter) *letter {
	l := &letter{id: t.id, at: t.at, author: t.author, subject: t.subject, lines: t.lines, introduced: t.introduced}
	if before != nil {
		*l = *before
		l.to, l.got = slices.Clone(before.to), slices.Clone(before.got)
	} else {
		l.broadcast = t.sent && t.colleagues(w) >= broadcastFrom
		switch {
		case parent != nil:
			l.root = parent.root
		case t.root != 0:
			l.root = t.root
		case len(t.parents) > 0:
			l.root = t.parents[0]
		default:
			l.root = t.id
		}
	}
	for _, p := range t.to {
		l.got = append(l.got, mark(p.key))
		if !p.hidden && len(l.to) < maxVisible {
			l.to = append(l.to, p.key)
		}
	}
	for _, key := range t.beside {
		if len(l.to) < maxVisible && !slices.Contains(l.to, key) {
			l.to = append(l.to, key)
		}
	}
	return l
}
