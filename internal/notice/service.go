package notice

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"sync"
	"time"

	"belay/internal/directory"
	"belay/internal/guard/explain"
	"belay/internal/history"
	"belay/internal/locale"
	"belay/internal/mail"
	"belay/internal/queue"
	"belay/internal/worktime"
)

//go:embed words/*.yaml words/question/*.yaml words/answer/*.yaml
var words embed.FS

// Words are the room's catalogues, for whoever loads one for several rooms:
// what stands in every notice, the questions, and the answers to answers; and
// what was noticed.
func Words() []fs.FS {
	return append(explain.Words(), locale.Embedded(words, "words"), locale.Embedded(words, "words/question"), locale.Embedded(words, "words/answer"))
}

// Store is the queue as this room needs it; FromQueue makes one.
type Store interface {
	// ByMessageID gives all copies of (author, Message-ID), whatever their
	// state, newest first.
	ByMessageID(ctx context.Context, author, messageID string) ([]*queue.Message, error)
	// Waiting gives an author's newest messages that may still be stopped in
	// part or wholly, newest first.
	Waiting(ctx context.Context, author string, n int) ([]*queue.Message, error)
	// Recent gives an author's newest messages in any state.
	Recent(ctx context.Context, author string, n int) ([]*queue.Message, error)
	// Get is queue.Get; queue.ErrNotFound where there is none.
	Get(ctx context.Context, id mail.ID) (*queue.Message, error)
	Stop(ctx context.Context, id mail.ID, act queue.Act) ([]queue.RecipientOutcome, error)
	Release(ctx context.Context, id mail.ID, act queue.Act) ([]queue.RecipientOutcome, error)
	// Approve and Deny answer what somebody is asked about a message.
	Approve(ctx context.Context, id mail.ID, a queue.Answer) ([]queue.RecipientOutcome, error)
	Deny(ctx context.Context, id mail.ID, a queue.Answer) ([]queue.RecipientOutcome, error)
	// Teach notes what was said of a message; nil recipients are whoever was meant.
	Teach(ctx context.Context, id mail.ID, kind history.LessonKind, recipients []string)
	// AskAlso lets further people answer a question, and has them asked.
	AskAlso(ctx context.Context, id mail.ID, question int, people []string) (added []string, err error)
	// OpenBody reads a message's bytes as they came in.
	OpenBody(ctx context.Context, id mail.ID) (io.ReadCloser, error)
	// ErrandsDue tells when Errands has something to give: the notices that are
	// owed and the times that run out, the first due first.
	ErrandsDue() <-chan struct{}
	Errands(ctx context.Context, most int) ([]*queue.Errand, error)
	// Discharge ends an errand and stores the letters that do it, both or
	// neither; queue.ErrErrandGone where somebody else did it. The letters take
	// the place of d.Follow.
	Discharge(ctx context.Context, e *queue.Errand, d queue.Discharge, letters ...Letter) error
	// Expire ends a question that nobody answered as its Silence says, and
	// stores the letters that tell of it.
	Expire(ctx context.Context, e *queue.Errand, letters ...Letter) ([]queue.RecipientOutcome, error)
	// Put stores a message of belay's own durably. write gives its bytes.
	Put(ctx context.Context, m *queue.Message, write func(io.Writer) error) error
}

// Letter is a mail of belay's own that is stored together with something else.
type Letter struct {
	Message *queue.Message // in the bucket of what it is stored with
	Write   func(io.Writer) error
}

// Options are what a Service goes by. Store, MAC and Domain have no default.
type Options struct {
	Store Store
	// Domain is where the service addresses live (service.domain); "" is
	// nowhere, and then only drafts and words to the administrators are
	// written, from Hostname.
	Domain   string
	Hostname string
	// Language is that of people who show none: a code of locale.Codes.
	Language string
	// AuthservIDs are the authserv-ids whose Authentication-Results are
	// believed (service.authserv_id). The mail server that adds them has to
	// take forged ones out (RFC 8601 §5).
	AuthservIDs []string
	// Own tells whether a domain (in the form of mail.DomainKey) is ours. Nil
	// is none: nobody unproved is then answered.
	Own func(domain string) bool
	// MayUse tells whether an account may write as an address. Nil is only
	// its own name.
	MayUse func(principal, address string) bool
	// MAC is a keyed hash of this installation (seal.Keys.MAC), of at least
	// 16 octets: the key for tokens is derived by it.
	MAC func([]byte) ([]byte, error)
	// Directory is who is who as it stands now. Nil knows nobody: everybody is
	// only themselves.
	Directory func() *directory.Directory
	// Now is the time; nil is the wall clock.
	Now func() time.Time
	// Admins are told of what the people who run this should know, where the
	// directory has no role admin.
	Admins []string
	// TokenLife is how long a token in a notice may be used. 0 is a day.
	TokenLife time.Duration
	// InlineDraft is the largest stopped mail, in octets, that is attached to
	// the answer itself; a larger one comes in a mail of its own. 0 is 5 MB.
	InlineDraft int64
	// QuietAnswers is how many answers an hour an address gets to unproved
	// mails that did nothing; to proved ones it gets ten times as many. 0 is 10.
	QuietAnswers int
	// Owner gives who looks after the program that writes as an address, and
	// whether one does; the owner may be "". Nil goes by the directory alone.
	Owner func(address string) (owner string, program bool)
	// Calendar says when people work and when they are left in peace; its zone
	// is that of the times in questions. Nil is worktime's own.
	Calendar *worktime.Calendar
	// Remind is after how long those who were asked are reminded, for the first
	// time; each further time comes after twice as long. Zero is never.
	Remind worktime.Span
	// WebURL is where the pages are, "https://belay.corp.test"; "" is nowhere,
	// and letters then have no links.
	WebURL string
	Logger *slog.Logger
	// Catalogue holds Words; nil loads them.
	Catalogue *locale.Catalogue
}

// Service answers the service addresses and writes belay's mails.
type Service struct {
	options Options
	domain  string // as mail.DomainKey
	words   *locale.Catalogue
	tokens  Tokens
	log     *slog.Logger

	mu      sync.Mutex
	answers map[answered]int // of this hour, to mails that did nothing
	hour    int64
}

// New makes a service.
func New(o Options) (*Service, error) {
	if o.Store == nil || o.MAC == nil {
		return nil, errors.New("make the notices: a queue and a key are needed")
	}
	tokens, err := NewTokens(o.MAC)
	if err != nil {
		return nil, fmt.Errorf("make the notices: %w", err)
	}
	if o.Catalogue == nil {
		if o.Catalogue, err = locale.Load(Words()...); err != nil {
			return nil, fmt.Errorf("make the notices: %w", err)
		}
	}
	o.fillIn()
	return &Service{options: o, domain: mail.DomainKey(o.Domain), words: o.Catalogue, tokens: tokens,
		log: o.Logger, answers: map[answered]int{}}, nil
}

func (o *Options) fillIn() {
	if o.Own == nil {
		o.Own = func(string) bool { return false }
	}
	if o.MayUse == nil {
		o.MayUse = func(principal, address string) bool {
			return mail.Base(mail.Key(principal)) == mail.Base(mail.Key(address))
		}
	}
	if o.Directory == nil {
		o.Directory = func() *directory.Directory { return nil }
	}
	if o.Owner == nil {
		o.Owner = func(string) (string, bool) { return "", false }
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.TokenLife == 0 {
		o.TokenLife = 24 * time.Hour
	}
	if o.InlineDraft == 0 {
		o.InlineDraft = 5_000_000
	}
	if o.QuietAnswers == 0 {
		o.QuietAnswers = 10
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Hostname == "" {
		o.Hostname = o.Domain
	}
}

// Tokens makes and checks this installation's tokens, for pages that take
// them too.
func (s *Service) Tokens() Tokens { return s.tokens }

// mayAnswer counts the answers to mails that did nothing, so that a forger in
// the network cannot bury somebody in them, and a robot that hides being one
// does not keep us talking. most is how many an hour.
func (s *Service) mayAnswer(kind Proof, address string, most int, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if hour := now.Unix() / 3600; hour != s.hour {
		s.hour, s.answers = hour, map[answered]int{}
	}
	who := answered{kind >= Vouched, address}
	s.answers[who]++
	return s.answers[who] <= most
}

// answered is whom answers are counted for. Forged mails use up nothing of what
// proved ones get.
type answered struct {
	proved  bool
	address string
}
