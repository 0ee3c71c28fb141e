// Package missing notices that somebody is not on a mail who usually is on such
// mail, or who is on it by what its text says: recipient.missing. It goes by the
// author's own trail and by the thread (who was with whom), and by the words with
// which people say that somebody gets a copy, in six languages. It is silent
// about forwards, about mail over a list, and where somebody was taken off before.
//
// One signal for each who is missing: Recipient and Instead are that person, who
// gets nothing of the mail; both are empty where only a name is known.
//
// Say is "" where nearly all mail of the author to these people went to them too,
// "subject" where nearly all of this subject did, "answer" where the mail answers
// one of theirs, "thread" where it answers one that they got, "greeted" where it
// speaks to them, "copied" where it says that they get it, and "stranger" where it
// says so of somebody whom nobody knows. Facts: Name (what people call them).
// Count is of how many mails that is known ("", "subject"). Found are the words
// of the mail.
package missing

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"belay/internal/directory"
	"belay/internal/guard"
	"belay/internal/guard/lexicon"
	"belay/internal/guard/names"
	"belay/internal/guard/parties"
	"belay/internal/history"
)

// Code is the only signal.
const Code = "recipient.missing"

// Limits: to how many a mail may go in which somebody can be missing, and of how
// many it is said at most.
const (
	most = 15
	told = 3
)

// Detector notices who is missing. It may be used by many goroutines.
type Detector struct{}

var _ guard.Detector = (*Detector)(nil)

// New makes one.
func New() *Detector { return &Detector{} }

// Name implements guard.Detector.
func (*Detector) Name() string { return "missing" }

// Codes implements guard.Detector.
func (*Detector) Codes() []string { return []string{Code} }

// CodesOfPast are those that cannot be told without the past.
func (*Detector) CodesOfPast() []string { return []string{Code} }

// Detect implements guard.Detector.
func (*Detector) Detect(_ context.Context, l *guard.Look) ([]guard.Signal, error) {
	k := &looking{Look: l, list: parties.Of(l), forward: lexicon.IsForward(l)}
	if len(k.list.Recipients) == 0 || len(k.list.Recipients) > most || l.Mail == nil {
		return nil, nil
	}
	k.gather()
	if k.overList() {
		return nil, nil
	}
	k.copied()
	if !k.forward {
		k.addressed()
		k.usual()
		k.answered()
	}
	return k.signals(), nil
}

// looking is one mail being looked at.
type looking struct {
	*guard.Look
	list *parties.List
	// forward tells that the mail passes another one on: its text may be that one's.
	forward bool
	there   map[string]bool // main addresses of all who are on the mail, and the author
	named   []person        // the same with their names; made when first asked for
	found   []absent
}

// absent is somebody who is not there.
type absent struct {
	main  string // "" where only a name is known
	name  string // as the text has it; "" is that of the contact
	say   string
	score float64
	count int
	words []guard.Found
	more  []string // others of that name
}

// gather notes who is there: recipients, and those whom the header shows.
func (k *looking) gather() {
	k.there = map[string]bool{k.list.Author.Main: true}
	for i := range k.list.Recipients {
		k.there[k.list.Recipients[i].Main] = true
	}
	for _, p := range parties.Visible(k.Look) {
		k.there[p.Main] = true
	}
}

// overList tells whether the mail goes over a list or to a mailbox of several:
// whoever seems to be missing may read it there.
func (k *looking) overList() bool {
	for main := range k.there {
		kind := k.Directory.Kind(main)
		if parties.IsList(main) || kind == directory.KindList || kind == directory.KindShared {
			return true
		}
	}
	return false
}

// note takes down somebody who is missing. What several things tell of is surer.
func (k *looking) note(a absent) {
	i := slices.IndexFunc(k.found, func(b absent) bool { return b.main == a.main && (a.main != "" || a.name == b.name) })
	if i < 0 {
		k.found = append(k.found, a)
		return
	}
	b := &k.found[i]
	score := min(max(a.score, b.score)+0.5*min(a.score, b.score, 0.4), 0.95)
	if a.score > b.score {
		*b = a
	}
	b.score = score
}

// signals says it.
func (k *looking) signals() (signals []guard.Signal) {
	slices.SortStableFunc(k.found, func(a, b absent) int { return cmp.Compare(b.score, a.score) })
	for i := range k.found {
		a := &k.found[i]
		if a.score < 0.2 || len(signals) == told {
			break
		}
		if a.main != "" && k.goneFor(a) {
			continue
		}
		s := guard.Signal{Code: Code, Score: a.score, Say: a.say, Count: a.count, Found: a.words, Facts: map[string]string{"Name": a.name}}
		if a.main != "" {
			s.Recipient, s.Instead = a.main, append([]string{a.main}, a.more...)
			s.Facts["Name"] = k.called(a.main)
		}
		signals = append(signals, s)
	}
	return signals
}

// goneFor tells whether there is a reason for somebody not to be there: they were
// wrong once, their mailbox is gone, or it is they under another address.
func (k *looking) goneFor(a *absent) bool {
	if c := k.Past.Taught(a.main); c != nil && (c.Bounced || c.Doubted > c.Vouched) {
		return true
	}
	who := k.personOf(a.main)
	return slices.ContainsFunc(k.people(), func(p person) bool { return p.sameAs(&who) })
}

// called is what people call somebody who is not there.
func (k *looking) called(main string) string {
	if name := k.nameOf(main); name != "" {
		return name
	}
	return parties.Readable(main)
}

// nameOf is somebody's name, as the directory or the author's contacts have it.
func (k *looking) nameOf(main string) string {
	if name := k.Directory.Name(main); name != "" {
		return name
	}
	if c := k.Past.Contact(main); c != nil {
		return parties.CleanName(c.Name, main)
	}
	return ""
}

// person is somebody with their name.
type person struct {
	main string
	name names.Name
}

func (k *looking) personOf(main string) person {
	return person{main, names.Parse(k.nameOf(main), main)}
}

// people are all who are on the mail, and the author, under the names that the
// mail shows and those that are known.
func (k *looking) people() []person {
	if k.named != nil {
		return k.named
	}
	add := func(p *parties.Party) {
		k.named = append(k.named, person{p.Main, names.Parse(p.Name, p.Key)})
		if known := k.nameOf(p.Main); known != "" && known != p.Name {
			k.named = append(k.named, person{p.Main, names.Parse(known, p.Main)})
		}
	}
	add(&k.list.Author)
	for i := range k.list.Recipients {
		add(&k.list.Recipients[i])
	}
	for _, p := range parties.Visible(k.Look) {
		add(&p)
	}
	return k.named
}

// sameAs tells whether two have one name, so that they may be one person.
func (p *person) sameAs(other *person) bool {
	both := func(a, b []string) bool {
		return slices.ContainsFunc(a, func(x string) bool {
			return slices.ContainsFunc(b, func(y string) bool { return x == y || names.Same(x, y) })
		})
	}
	if both(p.name.Given, other.name.Given) && both(p.name.Family, other.name.Family) {
		return true
	}
	return p.name.Local != "" && len(p.name.Local) > 3 && p.name.Local == other.name.Local
}

// isCalled tells whether a folded word is one of somebody's names.
func (p *person) isCalled(word string) bool {
	return slices.ContainsFunc(p.name.Words, func(n string) bool { return parties.Calls(word, n) || names.Same(word, n) })
}

// bears tells whether somebody may be called by a folded word: their address may
// hold it too.
func (p *person) bears(word string) bool {
	return p.isCalled(word) || len(word) > 2 && p.name.Local == word || len(word) > 3 && strings.Contains(p.name.Local, word)
}

// trail is what is remembered of the author's mails; it may be empty.
func (k *looking) trail() *history.Trail {
	if k.Past == nil || k.Past.Self == nil {
		return &history.Trail{}
	}
	return &k.Past.Self.Trail
}
