package eval

import (
	"cmp"
	"context"
	"hash/fnv"
	"slices"
	"strings"
	"time"

	"belay/internal/guard"
	"belay/internal/guard/parties"
	"belay/internal/mail"
	"belay/internal/source"
)

// corpus is what is known of all the mail before it is judged: which is there
// twice, who wrote how much, and who is tested.
type corpus struct {
	again   []bool // by number: said twice
	senders map[string]*sender
	tested  map[string]*sender
	robots  int // that wrote enough, and are not tested
	twice   int
	tests   int // mails that will be tested
}

// sender is somebody who wrote mail.
type sender struct {
	address  string
	number   int // among those who are tested
	mails    int // to others than themselves
	begun    int // of those, how many came before
	subjects map[string]int
	most     int // mails under the most frequent subject
}

// What makes a program of a sender besides its address: half of its mails, of at
// least so many, have one subject but for numbers.
const (
	robotMails = 30
	mostKinds  = 300 // of subjects are counted for a sender
)

// look reads all mail once.
func look(ctx context.Context, set *source.Set, in *Input) (*corpus, error) {
	c := &corpus{again: make([]bool, set.Len()), senders: map[string]*sender{}, tested: map[string]*sender{}}
	seen := make(map[uint64]bool, set.Len())
	err := set.Each(ctx, 0, func(n int, m *source.Mail) error {
		in.Progress.say("Reading", n, set.Len())
		l := m.Line()
		sum := sumOf(l, m.Date)
		if seen[sum] {
			c.again[n] = true
			c.twice++
			return nil
		}
		seen[sum] = true
		l.Join(in.Aliases)
		c.count(l)
		return nil
	})
	c.choose(in)
	return c, err
}

// sumOf stands for the date, the subject and the text of a mail.
func sumOf(l *source.Line, at time.Time) uint64 {
	h := fnv.New64a()
	for _, s := range []string{at.UTC().Format(time.RFC3339), strings.TrimSpace(l.Subject), strings.TrimSpace(l.Body)} {
		_, _ = h.Write([]byte(s + "\x00")) // never fails
	}
	return h.Sum64()
}

// others are the recipients who are not the author, each once, as mail.Key.
func others(l *source.Line) (author string, list []string) {
	s := l.Summary()
	author = mail.Key(s.Author().Address)
	for _, boxes := range [][]mail.Mailbox{s.To, s.Cc, s.Bcc} {
		for _, b := range boxes {
			if key := mail.Key(b.Address); key != author && key != "" && !slices.Contains(list, key) {
				list = append(list, key)
			}
		}
	}
	return author, list
}

// count notes who wrote a mail.
func (c *corpus) count(l *source.Line) {
	author, to := others(l)
	if author == "" || len(to) == 0 {
		return
	}
	s := c.senders[author]
	if s == nil {
		s = &sender{address: author, subjects: map[string]int{}}
		c.senders[author] = s
	}
	s.mails++
	kind := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return -1
		}
		return r
	}, mail.BareSubject(l.Subject))
	if n, known := s.subjects[kind]; known || len(s.subjects) < mostKinds {
		s.subjects[kind] = n + 1
		s.most = max(s.most, n+1)
	}
}

// choose says who is tested: those who wrote enough, and are no programs.
func (c *corpus) choose(in *Input) {
	var list []*sender
	for _, s := range c.senders {
		s.subjects = nil
		if s.mails < in.AtLeast || s.mails <= in.WarmUp || in.Own != nil && !in.Own(mail.Domain(s.address)) {
			continue
		}
		if !in.Robots && (s.isRobot() || in.Except[s.address]) {
			c.robots++
			continue
		}
		list = append(list, s)
	}
	slices.SortFunc(list, func(a, b *sender) int {
		return cmp.Or(cmp.Compare(b.mails, a.mails), strings.Compare(a.address, b.address))
	})
	if in.People > 0 {
		list = list[:min(in.People, len(list))]
	}
	for i, s := range list {
		s.number = i
		c.tested[s.address] = s
		c.tests += min(s.mails-in.WarmUp, cmp.Or(in.PerPerson, s.mails))
	}
}

// isRobot tells programs by their addresses and by what they write.
func (s *sender) isRobot() bool {
	return LooksLikeRobot(s.address) || s.mails >= robotMails && 2*s.most >= s.mails
}

// robotWords are parts of local parts behind which no single person writes.
var robotWords = []string{"announce", "announcement", "announcements", "team", "newsletter", "news", "list", "lists", "bot", "robot", "daemon", "system",
	"alert", "alerts", "update", "updates", "notify", "notification", "notifications", "support", "helpdesk", "postmaster", "admin", "automated", "buildbot",
	"patchwork", "syzbot", "listserv", "majordomo", "subscriptions", "feedback", "webmaster", "root", "mailer"}

// LooksLikeRobot tells whether an address looks like one behind which no single
// person writes.
func LooksLikeRobot(address string) bool {
	if guard.LooksLikeProgram(address) || parties.IsList(address) {
		return true
	}
	local, _ := mail.Split(mail.Base(address))
	return slices.ContainsFunc(strings.FieldsFunc(local, func(r rune) bool { return r == '.' || r == '-' || r == '_' || r >= '0' && r <= '9' }),
		func(word string) bool { return slices.Contains(robotWords, word) })
}

// takes tells whether the next mail of a tested person is tested: all after the
// first ones, or so many of them, evenly.
func (s *sender) takes(in *Input) bool {
	at, all := s.begun-in.WarmUp, s.mails-in.WarmUp
	if at < 0 {
		return false
	}
	if in.PerPerson <= 0 || all <= in.PerPerson {
		return true
	}
	return (at+1)*in.PerPerson/all > at*in.PerPerson/all
}
