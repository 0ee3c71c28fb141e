package mistake

import (
	"time"

	"belay/internal/mail"
)

// How far threads are followed.
const (
	week        = 7 * 24 * time.Hour
	longAgo     = 30 * 24 * time.Hour  // from then on a part of a thread is old
	sameSubject = 120 * 24 * time.Hour // mails with one subject, further apart, are two threads
	mostPosts   = 60                   // kept of a thread
	mostThreads = 4                    // kept of a subject
)

// threads are conversations: by what a mail answers, and by the subject where
// people are the same.
type threads struct {
	byID      map[string]*thread
	bySubject map[string][]*thread
}

type thread struct {
	posts []post
}

// post is a mail of a thread. people are all on it, its author first.
type post struct {
	at     time.Time
	people []*person
}

func (p *post) author() *person { return p.people[0] }

func (p *post) has(who *person) bool {
	for _, one := range p.people {
		if one == who {
			return true
		}
	}
	return false
}

func newThreads() threads {
	return threads{byID: map[string]*thread{}, bySubject: map[string][]*thread{}}
}

// found is where a mail belongs: to the thread that it goes on with, and near
// those with its subject.
type found struct {
	joined *thread
	near   []*thread
}

// of finds the threads of a mail. A subject alone makes one thread of mails where
// people are the same.
func (ts *threads) of(e *letter) (f found) {
	for _, id := range e.answers() {
		if t := ts.byID[id]; t != nil {
			f.joined = t
			f.near = append(f.near, t)
			break
		}
	}
	bare := mail.BareSubject(e.head.Subject)
	if bare == "" {
		return f
	}

	list := ts.bySubject[bare]
	for i := len(list) - 1; i >= 0; i-- {
		t := list[i]
		if t == f.joined || !t.shares(e) {
			continue
		}
		f.near = append(f.near, t)
		if f.joined == nil && e.at.Sub(t.last().at) < sameSubject {
			f.joined = t
		}
	}
	return f
}

// answers are the mails that it may answer, the nearest first.
func (e *letter) answers() []string {
	list := append([]string(nil), e.head.InReplyTo...)
	for i := len(e.head.References) - 1; i >= 0; i-- {
		list = append(list, e.head.References[i])
	}
	return list
}

func (t *thread) last() *post { return &t.posts[len(t.posts)-1] }

// shares tells whether two people and more of a mail were on the thread.
func (t *thread) shares(e *letter) bool {
	for i := len(t.posts) - 1; i >= max(0, len(t.posts)-10); i-- {
		n := 0
		for _, p := range t.posts[i].people {
			if p == e.author || p.on == e.author.on {
				n++
			}
		}
		if n >= 2 {
			return true
		}
	}
	return false
}

// markRecent marks who was on the thread within a week.
func (t *thread) markRecent(at time.Time, turn uint64) {
	for i := len(t.posts) - 1; i >= 0 && at.Sub(t.posts[i].at) <= week; i-- {
		for _, p := range t.posts[i].people {
			p.recent = turn
		}
	}
}

// learn adds a mail to its thread.
func (ts *threads) learn(e *letter) {
	f := ts.of(e)
	t := f.joined
	if t == nil {
		t = &thread{}
		if bare := mail.BareSubject(e.head.Subject); bare != "" {
			list := append(ts.bySubject[bare], t)
			ts.bySubject[bare] = list[max(0, len(list)-mostThreads):]
		}
	}
	if e.head.MessageID != "" {
		ts.byID[e.head.MessageID] = t
	}
	t.posts = append(t.posts, post{at: e.at, people: append([]*person{e.author}, e.people...)})
	if len(t.posts) > mostPosts {
		t.posts = append(t.posts[:0], t.posts[len(t.posts)-mostPosts:]...)
	}
}

// takenOff are the outsiders whom an author once took off the thread: they were
// on a mail that the author had, and not on the author's next one, which went to
// others of it. Nobody is among them who came back.
func (t *thread) takenOff(author *person) (list []*person) {
	seen := -1 // the last post that the author had
	for k := range t.posts {
		by := &t.posts[k]
		if seen >= 0 && by.author() == author {
			list = append(list, removed(author, &t.posts[seen], by.has, t.posts[k+1:])...)
		}
		if by.has(author) {
			seen = k
		}
	}
	return unique(list)
}

// removed are the outsiders on a mail that the author had who are not on the
// one that follows, where others stayed; those who are on later ones are left
// out.
func removed(author *person, had *post, stays func(*person) bool, later []post) (list []*person) {
	kept := 0
	for _, p := range had.people {
		if p != author && stays(p) {
			kept++
		}
	}
	if kept == 0 {
		return nil
	}
	for _, p := range had.people {
		if p.org == author.org || stays(p) || isOn(later, p) {
			continue
		}
		list = append(list, p)
	}
	return list
}

func isOn(posts []post, p *person) bool {
	for i := range posts {
		if posts[i].has(p) {
			return true
		}
	}
	return false
}

// old are those of an old part of the thread that the author had: on none of the
// last two mails, or not for a month.
func (t *thread) old(author *person, now time.Time) (list []*person) {
	for i := len(t.posts) - 1; i >= 0; i-- {
		one := &t.posts[i]
		if len(t.posts)-1-i < 2 && now.Sub(one.at) <= longAgo || !one.has(author) {
			continue
		}
		for _, p := range one.people {
			if !isOn(t.posts[i+1:], p) {
				list = append(list, p)
			}
		}
	}
	return unique(list)
}

func unique(list []*person) []*person {
	kept := list[:0]
	for i, p := range list {
		if !has(list[:i], p) {
			kept = append(kept, p)
		}
	}
	return kept
}

func has(list []*person, p *person) bool {
	for _, one := range list {
		if one == p {
			return true
		}
	}
	return false
}
