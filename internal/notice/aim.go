package notice

import (
	"context"
	"slices"
	"strings"

	"belay/internal/mail"
	"belay/internal/queue"
)

// recent is how many of an author's messages are looked through for a subject,
// and listed at most.
const recent = 50

// aim is what a mail to undo@ or send@ is about.
type aim struct {
	messages []*queue.Message // all copies of one mail; none: nothing fits
	clear    bool             // the mail said which one, and did not leave it to us
	missing  bool             // it said which one, and that one is not here
	waiting  []*queue.Message // the writer's other mails that still wait
	others   bool             // the messages are not the writer's own, but of a ward
}

// aim finds the mail that is meant: the one that is answered or forwarded
// (In-Reply-To, an attached message, References), else the one of that
// subject, else the newest that waits. What left long ago is never taken for a
// mail that was named and is not here.
func (s *Service) aim(ctx context.Context, r *request) (aim, error) {
	waiting, err := s.waiting(ctx, r)
	if err != nil {
		return aim{}, err
	}
	a := aim{clear: true}
	if a.messages, err = s.byID(ctx, r); err != nil {
		return aim{}, err
	}
	if len(a.messages) == 0 && !s.answersNotice(r) {
		if a, err = s.bySubject(ctx, r, waiting); err != nil {
			return aim{}, err
		}
	}
	a.others = len(a.messages) > 0 && !s.samePerson(r, a.messages[0].Author)
	for _, m := range waiting {
		if !slices.ContainsFunc(a.messages, func(other *queue.Message) bool { return other.ID == m.ID }) {
			a.waiting = append(a.waiting, m)
		}
	}
	return a, nil
}

// waiting is what the writer wrote that still waits: under their own addresses,
// and, signed in, as a shared mailbox.
func (s *Service) waiting(ctx context.Context, r *request) ([]*queue.Message, error) {
	all, err := s.waitingOf(ctx, r.authors())
	if err != nil {
		return nil, err
	}
	shared, err := s.waitingOf(ctx, s.wards(r))
	if err != nil {
		return nil, err
	}
	for _, m := range shared {
		if s.wrote(r, m) {
			all = append(all, m)
		}
	}
	slices.SortStableFunc(all, newestFirst)
	return all, nil
}

// wrote tells whether the writer handed a message in, signed in as themselves.
func (s *Service) wrote(r *request, m *queue.Message) bool {
	return m.Principal != "" && s.people().Main(m.Principal) == r.person
}

func (s *Service) waitingOf(ctx context.Context, authors []string) ([]*queue.Message, error) {
	var all []*queue.Message
	for _, author := range authors {
		some, err := s.options.Store.Waiting(ctx, author, recent)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	return slices.DeleteFunc(all, func(m *queue.Message) bool { return !stoppable(m) }), nil
}

func newestFirst(a, b *queue.Message) int { return b.Received.Compare(a.Received) }

func stoppable(m *queue.Message) bool {
	return slices.ContainsFunc(m.Deliveries, func(d queue.Delivery) bool { return d.State.Waiting() })
}

// named are the Message-IDs by which a mail says which one it means. The
// References count where nothing else names one, or where an answer of ours
// stands between: an older mail of the thread is not the one that is meant.
func (s *Service) named(r *request) []string {
	ids := slices.Concat(r.summary.InReplyTo, r.body.attached)
	if len(ids) == 0 || s.answersNotice(r) {
		references := slices.Clone(r.summary.References)
		slices.Reverse(references)
		ids = append(ids, references...)
	}
	return ids
}

// quotes tells whether the subject of a mail is that of another one: "Re: …".
func quotes(r *request) bool {
	bare := mail.BareSubject(r.summary.Subject)
	return bare != "" && bare != strings.ToLower(strings.Join(strings.Fields(r.summary.Subject), " "))
}

// byID finds all copies of the mail that is answered or forwarded.
func (s *Service) byID(ctx context.Context, r *request) ([]*queue.Message, error) {
	ids := s.named(r)
	const most = 20 // ids for one mail
	authors := append(r.authors(), s.wards(r)...)
	for _, id := range ids[:min(most, len(ids))] {
		for _, author := range authors {
			found, err := s.options.Store.ByMessageID(ctx, author, id)
			if err != nil || len(found) > 0 {
				return found, err
			}
		}
	}
	return nil, nil
}

// answersNotice tells whether a mail answers one of ours: such a one never
// means "my newest", a word of thanks would stop it.
func (s *Service) answersNotice(r *request) bool {
	for _, id := range slices.Concat(r.summary.InReplyTo, r.summary.References) {
		if mail.Domain(id) == s.domain {
			return true
		}
	}
	return false
}

// bySubject finds the mail by its quoted subject and recipients, and falls
// back to the newest.
func (s *Service) bySubject(ctx context.Context, r *request, waiting []*queue.Message) (aim, error) {
	subject := mail.BareSubject(r.summary.Subject)
	naming := len(s.named(r)) > 0 || quotes(r)
	if subject != "" {
		if found := alike(waiting, subject, r.body.addresses); len(found) > 0 {
			return s.all(ctx, found[0], oneMail(found))
		}
		if quotes(r) {
			wards, err := s.waitingOf(ctx, s.wards(r))
			if err != nil {
				return aim{}, err
			}
			if found := alike(wards, subject, r.body.addresses); len(found) > 0 {
				return s.all(ctx, found[0], oneMail(found))
			}
		}
		if r.body.text != "" || naming {
			past, err := s.past(ctx, r, subject)
			if err != nil || len(past.messages) > 0 {
				return past, err
			}
		}
	}
	if len(waiting) > 0 {
		a, err := s.all(ctx, waiting[0], r.body.text == "" && !naming)
		a.missing = naming
		return a, err
	}
	if naming {
		return aim{missing: true}, nil
	}
	return s.newest(ctx, r)
}

// past finds a mail of that subject which waits no more.
func (s *Service) past(ctx context.Context, r *request, subject string) (aim, error) {
	for _, author := range r.authors() {
		list, err := s.options.Store.Recent(ctx, author, recent)
		if err != nil {
			return aim{}, err
		}
		if found := alike(list, subject, r.body.addresses); len(found) > 0 {
			return s.all(ctx, found[0], oneMail(found))
		}
	}
	return aim{}, nil
}

// newest is the author's last mail where none waits: the answer says what
// became of it.
func (s *Service) newest(ctx context.Context, r *request) (aim, error) {
	for _, author := range r.authors() {
		list, err := s.options.Store.Recent(ctx, author, 1)
		if err != nil {
			return aim{}, err
		}
		if len(list) > 0 {
			return aim{messages: list, clear: r.body.text == ""}, nil
		}
	}
	return aim{}, nil
}

// alike are the messages of a subject; where the text quotes addresses, of
// several only those that go to one of them.
func alike(list []*queue.Message, subject string, quoted []string) []*queue.Message {
	var same, addressed []*queue.Message
	for _, m := range list {
		if mail.BareSubject(m.Subject) != subject {
			continue
		}
		same = append(same, m)
		if slices.ContainsFunc(m.Deliveries, func(d queue.Delivery) bool {
			return slices.Contains(quoted, mail.Key(d.Recipient.Address))
		}) {
			addressed = append(addressed, m)
		}
	}
	if len(addressed) > 0 {
		return addressed
	}
	return same
}

// oneMail tells whether messages are copies of one mail.
func oneMail(list []*queue.Message) bool {
	for _, m := range list[1:] {
		if m.MessageID == "" || m.MessageID != list[0].MessageID {
			return false
		}
	}
	return true
}

// all aims at all copies of a mail: a Message-ID is not unique.
func (s *Service) all(ctx context.Context, m *queue.Message, clear bool) (aim, error) {
	if m.MessageID == "" {
		return aim{messages: []*queue.Message{m}, clear: clear}, nil
	}
	found, err := s.options.Store.ByMessageID(ctx, m.Author, m.MessageID)
	return aim{messages: found, clear: clear}, err
}
