package notice

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"time"

	"belay/internal/directory"
	"belay/internal/guard"
	"belay/internal/locale"
	"belay/internal/mail"
	"belay/internal/queue"
)

// affair is a message that people are written to about, and what has to be
// known of it to do so.
type affair struct {
	s     *Service
	m     *queue.Message
	now   time.Time
	dir   *directory.Directory
	clues mail.Clues
	head  mail.Summary
	bare  bool // letters carry no mail

	listed bool
	files  []string                // see attachments
	about  map[int]map[string]bool // see isAbout
}

// affairOf reads the beginning of a message. Where that is not kept any more,
// what the queue knows has to do.
func (s *Service) affairOf(ctx context.Context, m *queue.Message, bare bool) (*affair, error) {
	a := &affair{s: s, now: s.options.Now(), dir: s.options.Directory(), bare: bare}
	a.m = asTheyAreNow(m, a.dir)
	const most = 64 << 10
	body, err := s.options.Store.OpenBody(ctx, m.ID)
	var begin []byte
	if err == nil {
		defer body.Close()
		begin, err = io.ReadAll(io.LimitReader(body, most))
	}
	switch {
	case err == nil, bare, errors.Is(err, queue.ErrBodyGone), errors.Is(err, queue.ErrNotFound):
	default:
		return nil, err
	}
	a.clues = mail.ReadClues(bytes.NewReader(begin), m.Subject)
	a.head = mail.Summarize(begin)
	return a, nil
}

// asTheyAreNow is a message with those who are asked, and who answered, under
// the main addresses that they have now: the directory may have changed since
// the question was put, and nobody is to be forgotten for that.
func asTheyAreNow(m *queue.Message, dir *directory.Directory) *queue.Message {
	now := *m
	now.Questions = slices.Clone(m.Questions)
	for i := range now.Questions {
		q := &now.Questions[i]
		var of []string
		for _, who := range q.Of {
			if who = dir.Main(who); !slices.Contains(of, who) {
				of = append(of, who)
			}
		}
		q.Of, q.Answers = of, slices.Clone(q.Answers)
		for k := range q.Answers {
			if who := &q.Answers[k].Person; *who != "" {
				*who = dir.Main(*who)
			}
		}
	}
	return &now
}

// attachments are the names of the files in the message, as far as they can be
// read; the message is read once, piece by piece.
func (a *affair) attachments(ctx context.Context) []string {
	if a.listed || a.bare {
		return a.files
	}
	a.listed = true
	body, err := a.s.options.Store.OpenBody(ctx, a.m.ID)
	if err != nil {
		return nil
	}
	defer body.Close()
	list := mail.NewPartLister()
	if _, err := io.Copy(list, body); err != nil {
		a.s.log.Warn("the attachments cannot be listed", "message", a.m.ID, "error", err)
		return nil
	}
	list.Close() // never fails
	for _, f := range list.Attachments() {
		if f.Name != "" {
			a.files = append(a.files, strings.Join(strings.Fields(f.Name), " "))
		}
	}
	return a.files
}

// isAbout tells whether a question is about a recipient.
func (a *affair) isAbout(q *queue.Question, address string) bool {
	if len(q.Recipients) == 0 {
		return true
	}
	if a.about == nil {
		a.about = map[int]map[string]bool{}
	}
	keys := a.about[q.N]
	if keys == nil {
		keys = make(map[string]bool, len(q.Recipients))
		for _, r := range q.Recipients {
			keys[mail.Key(r)] = true
		}
		a.about[q.N] = keys
	}
	return keys[mail.Key(address)]
}

// senders are those who are told what becomes of the message, as main
// addresses: its author; of a shared mailbox the member who wrote, if that is
// known; of a program who looks after it, and never the program (P5).
func (a *affair) senders() []string {
	author := a.dir.Main(a.m.Author)
	kind := a.dir.Kind(author)
	owner, program := a.s.options.Owner(a.m.Author)
	switch {
	case a.m.Listener == "belay":
		return nil
	case program || kind == directory.KindProgram:
		return a.keepers(owner)
	case kind == directory.KindPerson || a.askedFirst() == author:
		return a.mains([]string{author})
	case a.head.IsAutomatic():
		return a.keepers(owner)
	case kind == directory.KindShared:
		if who := a.dir.Main(a.m.Principal); slices.Contains(a.dir.Members(author), who) {
			return []string{who}
		}
	}
	return a.mains([]string{author})
}

// keepers look after a program: its owner, else whom the verdict asked about
// its mail, else the administrators.
func (a *affair) keepers(owner string) []string {
	switch asked := a.askedFirst(); {
	case owner != "":
		return a.mains([]string{owner})
	case asked != "":
		return a.mains([]string{asked})
	}
	return a.mains(a.s.admins())
}

// askedFirst is whom the verdict asked first, in the sender's place.
func (a *affair) askedFirst() string {
	for _, q := range a.m.Questions {
		if q.Kind == guard.Ask && len(q.Of) > 0 {
			return q.Of[0]
		}
	}
	return ""
}

// silent tells whether the sender is not told that the mail waits: belay does
// not write in answer to automatic mail (P5). What people decide about it they
// are told.
func (a *affair) silent() bool {
	return a.head.IsAutomatic() && a.dir.Kind(a.m.Author) == directory.KindPerson
}

// mains are the main addresses of those who can be written to, each once.
func (a *affair) mains(list []string) []string {
	var all []string
	for _, who := range list {
		if main := a.dir.Main(who); a.writable(main) && !slices.Contains(all, main) {
			all = append(all, main)
		}
	}
	return all
}

// writable tells whether an address can be written to; the log has those that
// cannot.
func (a *affair) writable(who string) bool {
	if mail.ValidAddress(who) && !a.s.IsService(who) {
		return true
	}
	a.s.log.Warn("there is no writing to somebody who should be told", "message", a.m.ID, "recipient", who)
	return false
}

// say is the language to write to somebody in: their own, of the sender that of
// their mail where they have none, else the service's. Times are the calendar's.
func (a *affair) say(reader string) *locale.Locale {
	language := a.dir.Language(reader)
	var say *locale.Locale
	if language == "" && a.dir.Main(a.m.Author) == a.dir.Main(reader) {
		say = a.s.words.OfWriter(locale.Clues(a.clues), a.s.options.Language)
	} else {
		say = a.s.words.For(language, a.s.options.Language)
	}
	return say.In(a.s.options.Calendar.Zone())
}

// name is what a person is called, their address where they have no name.
func (a *affair) name(who string) string {
	if name := strings.TrimSpace(a.dir.Name(who)); name != "" {
		return name
	}
	return who
}

func (a *affair) names(list []string) []string {
	names := make([]string, len(list))
	for i, who := range list {
		names[i] = a.name(who)
	}
	return names
}

// full is a person with their address: "Anna Nowak (anna@corp.test)".
func (a *affair) full(who string) string {
	if name := a.name(who); name != who {
		return name + " (" + who + ")"
	}
	return who
}
