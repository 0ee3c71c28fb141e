package outbox

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"belay/internal/access"
	"belay/internal/mail"
	"belay/internal/queue"
)

// LongestComment is how long a comment may be, in characters: it travels to
// people, in a notice.
const LongestComment = 2000

// Approve says yes to the questions of a mail that this person may answer: an
// approver's yes, or the sender's own. The mail leaves when nobody is missing
// and its time has come. Who runs belay answers in everybody's place, and the
// record says so.
//
// queue.ErrNotAsked: none of its questions is for them to answer.
func (s *Service) Approve(ctx context.Context, id mail.ID, by Person, r Request) (*Answer, error) {
	return s.answer(ctx, id, by, r, s.Queue.Approve)
}

// Deny says no. An approver's no and the sender's own stop the mail; the
// answer says which advance copies had gone.
func (s *Service) Deny(ctx context.Context, id mail.ID, by Person, r Request) (*Answer, error) {
	a, err := s.answer(ctx, id, by, r, s.Queue.Deny)
	if err == nil {
		a.Told = s.told(ctx, a)
	}
	return a, err
}

type word func(ctx context.Context, id mail.ID, a queue.Answer) ([]queue.RecipientOutcome, error)

func (s *Service) answer(ctx context.Context, id mail.ID, by Person, r Request, do word) (*Answer, error) {
	if err := r.tidy(); err != nil {
		return nil, err
	}
	override := by.runs(access.Override)
	if !override {
		if err := s.mayAnswer(ctx, id, by); err != nil {
			return nil, err
		}
	}
	return s.say(ctx, id, by, r, override, do)
}

// say gives a person's word to the queue.
func (s *Service) say(ctx context.Context, id mail.ID, by Person, r Request, override bool, do word) (*Answer, error) {
	outcomes, err := do(ctx, id, queue.Answer{By: by.Name, Person: s.speaker(by), Reason: r.Reason, Comment: r.comment(),
		As: s.as(by), Override: override, Recipients: r.Recipients})
	if err != nil {
		return nil, err
	}
	return &Answer{ID: id, Recipients: outcomes}, nil
}

// mayAnswer keeps those away who have nothing to do with a mail. Which of its
// questions somebody may answer, the queue decides.
func (s *Service) mayAnswer(ctx context.Context, id mail.ID, by Person) error {
	m, err := s.Queue.Get(ctx, id)
	if err != nil {
		return err
	}
	is := s.relations(m, by)
	if is.May(access.Answer) == access.Yes || is.May(access.Approve) == access.Yes {
		return nil
	}
	return fmt.Errorf("answer for message %s: %w", id, queue.ErrNotAsked)
}

// tidy takes out of what people wrote what cannot be kept or shown, and refuses
// what is too long.
func (r *Request) tidy() error {
	r.Reason, r.Comment = plain(r.Reason), plain(r.Comment)
	for _, f := range []struct{ name, text string }{{"comment", r.Comment}, {"reason", r.Reason}} {
		if n := utf8.RuneCountInString(f.text); n > LongestComment {
			return &Problem{f.name, fmt.Sprintf("the %s has %d characters; write at most %d", f.name, n, LongestComment)}
		}
	}
	return nil
}

// comment is what goes to people: the comment, or the reason where there is
// none.
func (r *Request) comment() string {
	if r.Comment == "" {
		return r.Reason
	}
	return r.Comment
}

// plain is a text without what steers terminals, and without NUL, which no
// database keeps.
func plain(text string) string {
	return strings.TrimSpace(strings.Map(func(c rune) rune {
		if unicode.IsControl(c) && c != '\n' && c != '\t' {
			return -1
		}
		return c
	}, strings.ToValidUTF8(text, "\uFFFD")))
}

// told are the advance copies about the recipients that were just taken off:
// those who have one are told that the mail does not come.
func (s *Service) told(ctx context.Context, a *Answer) []queue.Copied {
	if !a.any(queue.OutStopped, queue.OutDenied) {
		return nil
	}
	m, err := s.Queue.Get(ctx, a.ID)
	if err != nil {
		return nil // the mail is stopped all the same
	}
	stopped := map[string]bool{}
	for _, o := range a.Recipients {
		if o.Outcome == queue.OutStopped || o.Outcome == queue.OutDenied {
			stopped[mail.Key(o.Address)] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(m.Copies), func(c queue.Copied) bool {
		return c.Told.IsZero() || !slices.ContainsFunc(c.Recipients, func(r string) bool { return stopped[mail.Key(r)] })
	})
}
