package guard

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"

	"belay/internal/directory"
	"belay/internal/extract"
	"belay/internal/history"
	"belay/internal/mail"
	"belay/internal/reading"
)

// CodeFailed is the signal that stands where a detector failed or took too
// long. Its evidence names the detector.
const CodeFailed = "guard.failed"

// DetectorBudget is how long a detector may take where nothing else is set.
const DetectorBudget = 500 * time.Millisecond

// Detector notices things about a message. Detect is called by many goroutines
// at once, and must end soon after its context does. It must not change what it
// is shown. It gives each signal a score: how sure it is that somebody would
// want to know, and leaves out what is below 0.2. From 0.5 on a signal fires,
// unless the configuration says otherwise (Setting).
type Detector interface {
	Name() string
	Codes() []string // all that its signals may have
	Detect(ctx context.Context, l *Look) ([]Signal, error)
}

// Look is what a detector is shown.
type Look struct {
	*Facts
	Directory *directory.Directory // nil knows nobody
	Protected mail.Protection
	Mail      *reading.Mail // what it says; never nil
	Past      *history.Past // nil where nothing was learned
	Keys      []string      // of the recipients, as in the envelope: mail.Key
	Own       func(domain string) bool
}

// instant is a detector that looks only at what is there already: it is asked
// without a goroutine and a clock of its own, which would cost far more than it.
type instant interface{ instant() }

// found is what a detector gives.
type found struct {
	signals []Signal
	err     error
}

// ask asks one detector. A panic is an error like any other.
func ask(ctx context.Context, d Detector, l *Look) (f found) {
	defer func() {
		if p := recover(); p != nil {
			f = found{err: fmt.Errorf("it broke down: %v", p)}
		}
	}()
	f.signals, f.err = d.Detect(ctx, l)
	return f
}

// detect finds out what there is to notice.
func (j *judging) detect(ctx context.Context) {
	l := &Look{Facts: j.f, Directory: j.dir, Protected: j.protected, Keys: j.keys, Own: j.g.isOwn}
	var troubles []trouble
	l.Mail, troubles = j.g.read(ctx, j.f)
	if past, err := j.g.past(ctx, l); err != nil {
		troubles = append(troubles, trouble{"history", err, codesOf(j.g.detectors, pastNeeder.CodesOfPast)})
	} else {
		l.Past, j.past = past, past
	}
	signals, failed := j.g.ask(ctx, l)
	signals, late := j.close(ctx, l, signals)
	for _, t := range slices.Concat(troubles, failed, late) {
		j.g.log.WarnContext(ctx, "something could not be looked for; rules that need it count as true", "detector", t.who, "error", t.err)
		j.failed = append(j.failed, t.codes...)
		signals = append(signals, Signal{Code: CodeFailed, Score: 1, Facts: map[string]string{"Detector": t.who},
			Evidence: shorten(fmt.Sprintf("%s could not look at this mail: %v", t.who, t.err))})
	}
	j.sort(signals)
}

// trouble is something that could not be looked for.
type trouble struct {
	who   string
	err   error
	codes []string
}

// sort applies the settings, and puts those last that are only watched.
func (j *judging) sort(signals []Signal) {
	var watched []Signal
	for _, s := range signals {
		s, fires := j.g.set(tidy(s))
		switch {
		case !fires:
			if j.isFaint(&s) {
				j.faint = append(j.faint, s)
			}
		case s.Observed:
			watched = append(watched, s)
		default:
			j.signals = append(j.signals, s)
		}
	}
	j.counted = len(j.signals)
	j.signals = append(j.signals, watched...)
}

// weigh gives a signal its configured weight, and tells whether it is switched on.
func (g *Guard) weigh(s Signal) (Signal, bool) {
	setting := g.settings[s.Code]
	if setting.Weight > 0 {
		s.Score = min(1, s.Score*setting.Weight)
	}
	return s, !setting.Off
}

// set applies the configuration's word on a signal, and tells whether it fires.
func (g *Guard) set(s Signal) (Signal, bool) {
	s, on := g.weigh(s)
	if !on {
		return s, false
	}
	setting := g.settings[s.Code]
	threshold := setting.Threshold
	if threshold <= 0 {
		threshold = DefaultThreshold
	}
	if s.Score < threshold {
		return s, false
	}
	s.Observed = setting.Observe
	g.tell(&s)
	return s, true
}

// tell fills in what a signal says.
func (g *Guard) tell(s *Signal) {
	if g.describe != nil {
		g.describe(s)
		s.Evidence, s.Advice = shorten(s.Evidence), shorten(s.Advice)
	}
}

// isOwn tells whether a domain is ours; what has none ("postmaster") is.
func (g *Guard) isOwn(domain string) bool { return domain == "" || g.own[domain] }

// read reads the mail and its files, within the budget. What takes too long
// makes the detectors fail that look into files; the texts are there all the
// same.
func (g *Guard) read(ctx context.Context, f *Facts) (*reading.Mail, []trouble) {
	within, cancel := context.WithTimeout(ctx, g.reading)
	defer cancel()
	read := f.Read
	if read == nil {
		read = func(ctx context.Context) (*reading.Mail, error) { return reading.Parse(ctx, f.Head, f.Whole, nil) }
	}
	m, err := safely(within, read)
	if m == nil {
		m = &reading.Mail{Subject: f.Summary.Subject}
	}
	for i := range m.Files {
		if e := m.Files[i].Err; err == nil && (errors.Is(e, extract.ErrTime) || errors.Is(e, reading.ErrBusy)) {
			err = e
		}
	}
	if err == nil && (m.Cut || !m.Listed && !f.NoBytes) {
		err = errNotAll
	}
	if err != nil {
		return m, []trouble{{"reading", err, codesOf(g.detectors, fileReader.CodesOfFiles)}}
	}
	return m, nil
}

// errNotAll is why what was not found may be there all the same: a mail that is
// read in part would hide anything behind a million letters or a thousand parts.
var errNotAll = errors.New("it has more text or more parts than are read, or a header that is read in different ways")

// safely reads, and makes a panic an error like any other.
func safely(ctx context.Context, read func(context.Context) (*reading.Mail, error)) (m *reading.Mail, err error) {
	defer func() {
		if p := recover(); p != nil {
			m, err = nil, fmt.Errorf("it broke down: %v", p)
		}
	}()
	return read(ctx)
}

// past asks what is known of the author and the recipients.
func (g *Guard) past(ctx context.Context, l *Look) (*history.Past, error) {
	if g.history == nil || l.Author == "" {
		return nil, nil
	}
	guesses := g.guesses(ctx, l)
	within, cancel := context.WithTimeout(ctx, g.budget)
	defer cancel()
	q := history.Query{Guesses: guesses, ID: l.Summary.MessageID, Author: l.Author, Recipients: l.Keys, Time: l.Time, InReplyTo: l.Summary.InReplyTo,
		References: l.Summary.References, Subject: l.Summary.Subject, Beside: besides(l)}
	for i := range l.Mail.Texts {
		q.Quotes = append(q.Quotes, reading.QuoteMarks(l.Mail.Texts[i].Quoted)...)
	}
	return g.history.Past(within, q)
}

// guesses are those of the closers. Without them less is known of who may have
// been meant, and no more: who breaks down at it, or takes too long, is asked for
// the rest all the same.
func (g *Guard) guesses(ctx context.Context, l *Look) (addresses []string) {
	for _, c := range g.closers {
		c, guesses := c.(Guesser)
		if !guesses {
			continue
		}
		within, cancel := context.WithTimeout(ctx, g.budget)
		done := make(chan []string, 1)
		go func() {
			defer func() {
				if p := recover(); p != nil {
					g.log.WarnContext(ctx, "who may be meant could not be guessed", "detector", c.Name(), "error", p)
					done <- nil
				}
			}()
			done <- c.Guesses(l)
		}()
		select {
		case some := <-done:
			addresses = append(addresses, some...)
		case <-within.Done():
			g.log.WarnContext(ctx, "who may be meant could not be guessed in time", "detector", c.Name())
		}
		cancel()
	}
	return addresses
}

// maxBesides is how many domains are asked about that stand in no address.
const maxBesides = 8

// besides are the other domains of the organisations that a mail goes to: who
// was with one of them was with the organisation.
func besides(l *Look) (domains []string) {
	if len(l.Directory.Organisations()) == 0 {
		return nil
	}
	for _, key := range l.Keys {
		o := l.Directory.Organisation(key)
		if o == nil || len(o.Domains) < 2 {
			continue
		}
		for _, d := range o.Domains {
			if len(domains) < maxBesides && d != mail.Domain(key) && !slices.Contains(domains, d) {
				domains = append(domains, d)
			}
		}
	}
	return domains
}

// fileReader is a detector that looks into files: its signals of these codes
// are not to be had where a file could not be read in time (P6).
type fileReader interface{ CodesOfFiles() []string }

// pastNeeder is a detector that cannot tell without the past.
type pastNeeder interface{ CodesOfPast() []string }

// codesOf are the codes of all detectors that are of a kind.
func codesOf[T any](detectors []Detector, codes func(T) []string) (all []string) {
	for _, d := range detectors {
		if t, ok := d.(T); ok {
			all = append(all, codes(t)...)
		}
	}
	return all
}

// ask asks all detectors. Those that fail, panic or take longer than the budget
// leave their trouble; the others still count (P6).
func (g *Guard) ask(ctx context.Context, l *Look) (signals []Signal, failed []trouble) {
	results := make([]found, len(g.detectors))
	if len(g.slow) > 0 {
		g.askSlow(ctx, l, results)
	}
	for i, d := range g.detectors {
		if _, last := d.(Closer); last {
			continue
		}
		r := results[i]
		if _, at := d.(instant); at {
			r = ask(ctx, d, l)
		}
		if r.err != nil {
			failed = append(failed, trouble{d.Name(), r.err, d.Codes()})
			continue
		}
		signals = append(signals, r.signals...)
	}
	return signals, failed
}

// askSlow asks those that are not instant, one after the other in a goroutine of
// their own: for most mails that costs less than a goroutine for each. Whenever
// they take long, one more goroutine goes on with those that nobody has begun, so
// that one that hangs stops no other.
func (g *Guard) askSlow(ctx context.Context, l *Look, results []found) {
	within, cancel := context.WithTimeout(ctx, g.budget)
	defer cancel()
	r := &round{g: g, left: len(g.slow), results: make([]*found, len(results)), done: make(chan struct{})}
	go r.work(within, l)
	tick := time.NewTicker(max(g.budget/rounds, 1))
	defer tick.Stop()
	for waiting := true; waiting; {
		select {
		case <-r.done:
			waiting = false
		case <-within.Done():
			waiting = false
		case <-tick.C:
			if r.hasMore() {
				go r.work(within, l)
			}
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, i := range g.slow {
		if got := r.results[i]; got != nil {
			results[i] = *got
		} else {
			results[i].err = g.tooLong()
		}
	}
}

func (g *Guard) tooLong() error { return fmt.Errorf("it took longer than %s", g.budget) }

// rounds is after which part of the budget one more goroutine begins.
const rounds = 20

// round is one mail shown to the detectors that are not instant.
type round struct {
	g    *Guard
	done chan struct{} // closed when all have ended

	mu      sync.Mutex
	next    int      // which of g.slow is begun next
	left    int      // how many have not ended
	results []*found // by detector; nil: it has not ended
}

// work asks one detector after the other, until all are begun or the time is over.
func (r *round) work(ctx context.Context, l *Look) {
	for i, ok := r.begin(); ok && ctx.Err() == nil; i, ok = r.begin() {
		f := ask(ctx, r.g.detectors[i], l)
		if f.err == nil && ctx.Err() != nil {
			f.err = r.g.tooLong() // it may have stopped half-way
		}
		r.end(i, &f)
	}
}

func (r *round) begin() (detector int, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.next == len(r.g.slow) {
		return 0, false
	}
	r.next++
	return r.g.slow[r.next-1], true
}

func (r *round) end(i int, f *found) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.results[i] = f
	if r.left--; r.left == 0 {
		close(r.done)
	}
}

func (r *round) hasMore() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.next < len(r.g.slow)
}

// tidy brings a signal into the form that rules rely on.
func tidy(s Signal) Signal {
	if s.Recipient != "" {
		s.Recipient = mail.Key(s.Recipient)
	}
	if math.IsNaN(s.Score) {
		s.Score = 1
	}
	s.Score = min(max(s.Score, 0), 1)
	s.Evidence = shorten(printable(s.Evidence))
	s.Found = slices.Clone(s.Found)
	for i := range s.Found {
		f := &s.Found[i]
		f.Text, f.File, f.Where = printable(f.Text), printable(f.File), printable(f.Where)
	}
	facts := s.Facts
	for name, value := range facts {
		if p := printable(value); p != value {
			s.Facts = maps.Clone(s.Facts) // a detector may give the same ones again
			s.Facts[name] = p
		}
	}
	return s
}

// printable is a piece of a mail as it may stand in a sentence on a page, in a
// letter and on a terminal: nothing in it turns what stands beside it around,
// begins a line, or steers anything.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsControl(r) && unicode.IsSpace(r), r == '\u2028', r == '\u2029':
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
}

// Opaque notices mail into which nobody on the way can look. It says who
// encrypted it in Facts: "By" is "PGP" or "S/MIME".
type Opaque struct{}

// CodeOpaque is its only signal (S/MIME, RFC 8551; PGP, RFC 3156, and inline).
const CodeOpaque = "content.opaque"

var _ Detector = Opaque{}

func (Opaque) instant() {}

// Name implements Detector.
func (Opaque) Name() string { return "opaque" }

// Codes implements Detector.
func (Opaque) Codes() []string { return []string{CodeOpaque} }

// Detect implements Detector.
func (Opaque) Detect(_ context.Context, l *Look) ([]Signal, error) {
	by := l.Protected.Encrypted
	if by == "" && l.Mail != nil && slices.ContainsFunc(l.Mail.Texts, func(t reading.Text) bool { return hasPGP(t.Own) }) {
		by = "PGP" // a block under a friendly line, as people paste it
	}
	if by == "" {
		return nil, nil
	}
	return []Signal{{Code: CodeOpaque, Score: 1, Facts: map[string]string{"By": by}, Evidence: "the mail is encrypted (" + by + ")"}}, nil
}

// hasPGP tells whether a whole encrypted block stands in a text (RFC 4880 §6.2).
func hasPGP(text string) bool {
	for line := range strings.Lines(text) {
		if strings.TrimSpace(line) == "-----BEGIN PGP MESSAGE-----" {
			return strings.Contains(text, "-----END PGP MESSAGE-----")
		}
	}
	return false
}
