package guard

import (
	"context"
	"log/slog"
	"maps"
	"runtime/debug"
	"slices"
	"time"

	"belay/internal/directory"
	"belay/internal/guard/rules"
	"belay/internal/history"
	"belay/internal/mail"
	"belay/internal/reading"
	"belay/internal/worktime"
)

// Names of the hits that no rule of the configuration stands behind.
const (
	HitHold      = "HOLDFOR"            // the sender's program asked for it (RFC 4865)
	HitReport    = "report"             // a DSN or MDN passes
	HitCalendar  = "calendar"           // an iMIP REPLY or CANCEL passes
	HitProgram   = "program"            // a configured program passes
	HitUnhandled = "guard.failed"       // judging itself failed
	HitRestored  = "restored"           // it came back from a backup: why it waits now, whatever held it before
	HitBypass    = "bypass"             // everything passes for a while
	HitBurst     = "limits.author_hour" // an author sends more than the limit of an hour
)

// failedDelay is how long mail waits about which nothing is known: judging it
// failed, or nobody is there who could be asked.
const failedDelay = 5 * time.Minute

// reasonLimit is how much of a reason is kept, in characters.
const reasonLimit = 300

// Facts are what the guard is told of a message.
type Facts struct {
	Time      time.Time // when it came in, UTC
	Listener  string    // "submission" or "relay"
	Principal string    // the account that signed in, "" where a trusted network vouched
	Author    string    // in the form of mail.Key
	Size      int64     // octets
	Envelope  *mail.Envelope
	Summary   *mail.Summary
	// Head is the beginning of the message, header and some of the body; Whole
	// tells whether it is all of it.
	Head  []byte
	Whole bool
	// Attachments are the files in the message, and Listed tells that they are
	// all (mail.PartLister). Where nobody looked, both are zero, and the guard
	// looks into Head where that is whole. See Guard.Needs.
	Attachments []mail.Attachment
	Listed      bool
	// Read gives what the mail says. It is called at most once, and only where
	// a detector is there; what it gives beside an error counts as far as it
	// goes. nil: the guard reads Head, where that is whole.
	Read func(ctx context.Context) (*reading.Mail, error)
	// NoBytes tells that there is no Head: the mail came as facts and texts
	// (belay judge), and Read gives all there is.
	NoBytes bool
}

// Options make a Guard.
type Options struct {
	Rules    *rules.Set
	Domains  []string           // our own; any other is external
	Programs map[string]Program // by address
	Unlisted Unlisted           // programs that are not among them
	MaxHold  time.Duration      // the longest that anything waits; 0 is no limit
	// Directory gives the people who are known now; nil knows nobody.
	Directory func() *directory.Directory
	Calendar  *worktime.Calendar // nil is the default
	Question  QuestionOptions
	Admins    []string // who is asked where nobody else can be and the directory has no other admin
	// Right tells for which recipients all of these codes were said to be
	// right; its keys are mail.Key. nil remembers nothing.
	Right      func(ctx context.Context, author string, recipients, codes []string) (map[string]bool, error)
	Detectors  []Detector
	Budget     time.Duration // of each detector; 0 is DetectorBudget
	ReadWithin time.Duration // for reading the mail and its files; 0 is ReadBudget
	// History tells of the past; nil knows nothing.
	History  history.Source
	Settings map[string]Setting // by signal code
	// Asking keeps questions within the budget (P10); nil asks whatever rules say.
	Asking Asking
	// Describe fills in a signal's Evidence and Advice, in English; nil leaves
	// them as the detector wrote them.
	Describe func(*Signal)
	Logger   *slog.Logger
}

// Setting is what the configuration says about the signals of one code.
type Setting struct {
	Off     bool
	Observe bool // it is shown and moves no rule
	// Weight multiplies the detector's score; 0 is 1.
	Weight float64
	// Threshold is the score from which a signal fires; 0 is DefaultThreshold.
	Threshold float64
}

// DefaultThreshold is the score from which a signal fires.
const DefaultThreshold = 0.5

// ReadBudget is how long reading a mail and its files may take where nothing
// else is set.
const ReadBudget = time.Second

// Asking keeps the questions that come from signals within the budget (P10).
type Asking interface {
	// Threshold is the score that the strongest signal behind a question must
	// have now in a message of an author, who is given by their main address.
	// observe tells that nothing is asked yet: belay still watches to find the
	// threshold.
	Threshold(author string) (score float64, observe bool)
	// Judged notes one message of an author: the score of the strongest signal
	// that a rule would have asked about, 0 where none would.
	Judged(author string, score float64)
}

// QuestionOptions are what holds for questions where a rule says nothing.
type QuestionOptions struct {
	Silence Silence       // "" is SilenceReturn
	Expire  worktime.Span // zero is two working days
}

// Guard judges messages. It may be used by any number of goroutines.
type Guard struct {
	rules     *rules.Set
	own       map[string]bool
	programs  map[string]Program
	unlisted  Unlisted
	maxHold   time.Duration
	directory func() *directory.Directory
	calendar  *worktime.Calendar
	question  QuestionOptions
	admins    []string
	right     func(ctx context.Context, author string, recipients, codes []string) (map[string]bool, error)
	detectors []Detector      // those of which some code is not switched off
	slow      []int           // the indexes of those that are not instant, without the closers
	closers   []Closer        // those among them that are asked last
	covered   map[string]bool // codes that their ratings have weighed
	budget    time.Duration
	reading   time.Duration
	history   history.Source
	settings  map[string]Setting
	asking    Asking
	describe  func(*Signal)
	log       *slog.Logger
}

// New makes a guard.
func New(o Options) *Guard {
	g := &Guard{rules: o.Rules, own: map[string]bool{}, programs: map[string]Program{}, unlisted: o.Unlisted, maxHold: o.MaxHold,
		directory: o.Directory, calendar: o.Calendar, question: o.Question, admins: o.Admins, right: o.Right,
		budget: o.Budget, reading: o.ReadWithin, history: o.History, settings: o.Settings, asking: o.Asking,
		describe: o.Describe, log: o.Logger, covered: map[string]bool{}}
	for _, d := range o.Domains {
		g.own[mail.DomainKey(d)] = true
	}
	for address, p := range o.Programs {
		g.programs[mail.Key(address)] = p
	}
	for _, d := range o.Detectors {
		if g.allOff(d.Codes()) {
			continue
		}
		if c, last := d.(Closer); last {
			g.closers = append(g.closers, c)
			maps.Copy(g.covered, c.Covers())
		} else if _, at := d.(instant); !at {
			g.slow = append(g.slow, len(g.detectors))
		}
		g.detectors = append(g.detectors, d)
	}
	if g.directory == nil {
		g.directory = func() *directory.Directory { return nil }
	}
	if g.question.Silence == "" {
		g.question.Silence = SilenceReturn
	}
	if g.question.Expire.IsZero() {
		g.question.Expire = worktime.Span{Days: 2}
	}
	if g.budget == 0 {
		g.budget = DetectorBudget
	}
	if g.reading == 0 {
		g.reading = ReadBudget
	}
	if g.log == nil {
		g.log = slog.New(slog.DiscardHandler)
	}
	return g
}

// allOff tells whether all of some codes are switched off.
func (g *Guard) allOff(codes []string) bool {
	return len(codes) > 0 && !slices.ContainsFunc(codes, func(code string) bool { return !g.settings[code].Off })
}

// Needs tells what the rules and the detectors look at, so that nobody looks
// for what none wants.
func (g *Guard) Needs() rules.Needs {
	needs := g.rules.Needs()
	needs.Content = len(g.slow)+len(g.closers) > 0
	return needs
}

// Judge gives the verdict on a message. It never fails: where something does,
// the message waits with the reason shown (P6).
func (g *Guard) Judge(ctx context.Context, f Facts) (v Verdict) {
	defer func() {
		if p := recover(); p != nil {
			g.log.ErrorContext(ctx, "judging failed; the mail waits", "actor", f.Author, "panic", p, "stack", string(debug.Stack()))
			v = g.unjudged(&f)
		}
	}()
	j := &judging{g: g, f: &f, dir: g.directory()}
	if pass, ok := g.passes(&f, j.dir); ok {
		j.hits = append(j.hits, pass)
	} else {
		j.judge(ctx)
	}
	if hold, ok := g.askedToHold(&f); ok {
		j.hits = append(j.hits, hold)
	}
	return j.verdict().told()
}

// unjudged is the verdict where judging itself failed. Where some rule could have
// wanted an approval or refused the mail, an administrator has to look at it:
// else a mail that breaks the judge would leave behind its back.
func (g *Guard) unjudged(f *Facts) Verdict {
	v := Verdict{Action: Delay, Delay: g.cap(failedDelay), Scope: ScopeMessage}
	hit := Hit{Name: HitUnhandled, Action: Delay, Delay: v.Delay, Reason: "judging this mail failed, so it waits"}
	if len(g.admins) > 0 && g.rules.Strict(f.Time) {
		q := Question{Kind: Approve, Need: 1, Rules: []string{HitUnhandled}, Codes: []string{CodeFailed}, Silence: SilenceReturn,
			Expires: (&judging{g: g, f: f}).expires()}
		for _, a := range g.admins {
			q.Of = add(q.Of, mail.Base(mail.Key(a)))
		}
		v.Action, hit.Action, hit.Of = Approve, Approve, q.Of
		v.Questions = []Question{q}
	}
	v.Rules = []Hit{hit}
	return v
}

// judging is one message being judged.
type judging struct {
	g         *Guard
	f         *Facts
	dir       *directory.Directory
	people    *people
	protected mail.Protection
	past      *history.Past // nil where nothing was learned, or could not be read
	keys      []string      // of the recipients, as in the envelope
	ratings   []Rating      // of recipients, by the closers
	signals   []Signal      // those that are only watched stand last
	counted   int           // how many of signals move rules
	faint     []Signal      // of closers, below the threshold
	failed    []string      // codes that could not be looked for
	strongest float64       // score of the strongest signal that somebody would be asked about
	seen      *rules.Facts
	readers   map[string]bool // main addresses of the recipients, made when first asked for

	hits         []Hit
	asks         []Question
	approvals    []Question
	copies       []Copy
	perRecipient bool // some hit holds some recipients only
	refused      bool
}

func (j *judging) judge(ctx context.Context) {
	if j.g.rules.Len() == 0 && len(j.g.detectors) == 0 {
		return
	}
	j.keys = make([]string, len(j.f.Envelope.Recipients))
	for i, r := range j.f.Envelope.Recipients {
		j.keys[i] = mail.Key(r.Address)
	}
	j.protected = mail.ProtectionOf(j.f.Head)
	if len(j.g.detectors) > 0 {
		j.detect(ctx)
	}
	j.people = j.g.people(j.f, j.dir)
	j.seen = j.facts()
	matched := j.g.rules.Matches(j.seen)
	if len(j.faint) > 0 {
		matched = j.listen(ctx, matched)
	}
	for _, m := range matched {
		j.apply(ctx, &m)
	}
	if j.counted < len(j.signals) {
		j.watch(ctx, matched)
	}
	if j.g.asking != nil {
		j.g.asking.Judged(j.dir.Main(j.f.Author), j.strongest)
	}
}

// watch lists the rules that would hold if the signals that are only watched
// counted as well.
func (j *judging) watch(ctx context.Context, matched []rules.Match) {
	held := map[*rules.Rule]bool{}
	for _, m := range matched {
		held[m.Rule] = true
	}
	j.counted = len(j.signals)
	j.seen = j.facts()
	for _, m := range j.g.rules.Matches(j.seen) {
		if !held[m.Rule] {
			watched := *m.Rule
			watched.Observe = true
			m.Rule = &watched
			j.apply(ctx, &m)
		}
	}
}

// verdict draws everything together: the strictest action, the longest delay.
func (j *judging) verdict() Verdict {
	v := Verdict{Action: Pass, Scope: ScopeMessage, Rules: j.hits, Signals: j.signals, Ratings: j.ratings}
	if v.Rules == nil {
		v.Rules = []Hit{}
	}
	for _, h := range v.Rules {
		if !h.Observed {
			v.Delay = max(v.Delay, h.Delay)
		}
	}
	if j.perRecipient {
		v.Scope = ScopeRecipient
	}
	if j.refused {
		v.Action, v.Delay = Reject, 0
		return v
	}
	v.Questions, v.Copies = j.questions(), mergeCopies(j.copies)
	if v.Delay > 0 {
		v.Action = Delay
	}
	for _, q := range v.Questions {
		if q.Kind.Stricter(v.Action) {
			v.Action = q.Kind
		}
	}
	return v
}

// passes tells whether the message is one of those that rules may not hold
// (P5): an answer of a mail program or server to a mail, or the mail of a
// program that the configuration trusts.
func (g *Guard) passes(f *Facts, d *directory.Directory) (Hit, bool) {
	if p, _, certain := g.programOf(f, d); certain && !p.Hold && g.isOurs(f.Author) {
		return Hit{Name: HitProgram, Action: Pass, Reason: f.Author + " is a program whose mail does not wait"}, true
	}
	switch {
	case mail.IsReport(f.Envelope.ReversePath, f.Head):
		return Hit{Name: HitReport, Action: Pass, Reason: "a delivery report or read receipt does not wait"}, true
	case mail.IsCalendarReply(f.Head, f.Whole):
		return Hit{Name: HitCalendar, Action: Pass, Reason: "an answer to an invitation does not wait"}, true
	}
	return Hit{}, false
}

// isOurs tells whether an author that looks like a program may pass for one: it
// is listed, or has an address of ours.
func (g *Guard) isOurs(author string) bool {
	_, listed := g.programs[author]
	return listed || g.own[mail.Domain(author)]
}

// askedToHold is the delay that the sender's own program asked for.
func (g *Guard) askedToHold(f *Facts) (Hit, bool) {
	until := f.Envelope.HoldUntil
	if until.IsZero() || !until.After(f.Time) {
		return Hit{}, false
	}
	return Hit{Name: HitHold, Action: Delay, Delay: g.cap(until.Sub(f.Time)),
		Reason: "your mail program asked to send it later"}, true
}

func (g *Guard) cap(d time.Duration) time.Duration {
	if g.maxHold > 0 {
		return min(d, g.maxHold)
	}
	return d
}

func shorten(s string) string {
	if r := []rune(s); len(r) > reasonLimit {
		return string(r[:reasonLimit]) + "…"
	}
	return s
}
