package training

import (
	"cmp"
	"context"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"time"

	"belay/internal/guard"
	"belay/internal/guard/expect"
	"belay/internal/guard/greeting"
	"belay/internal/guard/organisation"
	"belay/internal/guard/recipient"
	"belay/internal/guard/rules"
	"belay/internal/guard/thread"
	"belay/internal/lookback"
	"belay/internal/mail"
	"belay/internal/mistake"
	"belay/internal/reading"
	"belay/internal/source"
)

// variants are the mistakes that are learned from.
var variants = []string{"V0", "V0x", "V1", "V2", "V3", "V3n", "V4", "V5", "V6", "V7"}

// main are those that figures are about, each with the same weight.
var main = []string{"V1", "V2", "V3", "V4", "V5", "V6", "V7"}

// writer is somebody whose mail is learned from.
type writer struct {
	number int
	fold   int
	sent   int // mails in all
	begun  int // of those, how many came before
}

// walk goes once through the mail of a corpus.
type walk struct {
	o       *Options
	what    string // is done, for the progress
	corpus  *Corpus
	writers map[string]*writer // by mail.Key
	share   float64            // of the mails of an author who sent as many as are taken
	per     int                // mails of each that are taken
	taken   int
	models  func(author string) *expect.Model

	replay *lookback.Replay
	maker  *mistake.Maker
	seen   *expect.Seen // what the closing step saw last
	last   time.Time    // of the mail before: what one without a date has, too

	// Each mail that is taken, as it was, before it is learned.
	take func(ctx context.Context, w *walk, m *moment) error
}

// moment is a mail that is taken.
type moment struct {
	by    *writer
	line  *source.Line
	says  *reading.Mail
	facts *guard.Facts
	clean *expect.Seen
	hash  uint32
}

// count counts who wrote how much. Those who wrote too little are not in it. The
// folds get as many people each; who is in which is by a hash, and noted in fold.
func count(ctx context.Context, c *Corpus, o *Options, people *int, fold map[string]int) (map[string]*writer, error) {
	all := map[string]*writer{}
	n := 0
	err := c.Mails(ctx, func(l *source.Line) error {
		o.say("Reading", n, c.Len)
		n++
		key := mail.Key(l.Summary().Author().Address)
		if all[key] == nil {
			all[key] = &writer{}
		}
		all[key].sent++
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the mail: %w", err)
	}
	var keys []string
	for key, w := range all {
		if key == "" || w.sent < o.AtLeast || guard.LooksLikeProgram(key) {
			delete(all, key)
			continue
		}
		keys = append(keys, key)
	}
	slices.SortFunc(keys, func(a, b string) int { return cmp.Or(cmp.Compare(hashOf(a), hashOf(b)), cmp.Compare(a, b)) })
	for i, key := range keys {
		if _, known := fold[key]; !known { // of another corpus
			fold[key] = i % o.Folds
		}
		all[key].number, all[key].fold = *people+i, fold[key]
	}
	*people += len(keys)
	return all, nil
}

// shareOf is how much less of everybody's mail is taken, where all of it would
// be too much.
func shareOf(writers map[string]*writer, per, most int) float64 {
	all := 0
	for _, w := range writers {
		all += min(per, w.sent)
	}
	if most <= 0 || all <= most {
		return 1
	}
	return float64(most) / float64(all)
}

func (w *walk) run(ctx context.Context) error {
	if err := w.begin(); err != nil {
		return err
	}
	n := 0
	return w.corpus.Mails(ctx, func(l *source.Line) error {
		w.o.say(w.what, n, w.corpus.Len)
		n++
		return w.one(ctx, l)
	})
}

// begin makes a guard that knows nobody, with the detectors that matter.
func (w *walk) begin() error {
	for _, one := range w.writers {
		one.begun = 0
	}
	o := w.corpus.Replay
	none, err := rules.Compile(nil)
	if err != nil {
		return fmt.Errorf("compile no rules: %w", err)
	}
	list := o.Guard.Detectors
	if list == nil {
		list = Detectors()
	}
	closing := expect.New(expect.Options{Model: w.models, Watch: func(_ *guard.Look, s *expect.Seen) { w.seen = s }})
	o.Guard.Rules, o.Guard.Detectors = none, append(slices.Clone(list), closing)
	o.Memory, o.Share, o.Asked = nil, 0, nil
	w.replay = lookback.NewReplay(o)
	examiner := mistake.Options{Seed: w.o.Seed, Variants: variants}
	if o.People != nil {
		examiner.Main = o.People.Main
	}
	w.maker = mistake.New(examiner)
	return nil
}

// Detectors are those whose signals the closing step weighs.
func Detectors() []guard.Detector {
	return []guard.Detector{recipient.New(), thread.New(), greeting.New(), organisation.New()}
}

// one takes a mail where it is wanted, and learns it.
func (w *walk) one(ctx context.Context, l *source.Line) error {
	f, wrong := l.Facts()
	if f.Time.IsZero() {
		f.Time = w.last
	}
	w.last = f.Time
	by := w.writers[f.Author]
	if by != nil {
		by.begun++
	}
	if w.isLeftOut(f) {
		return w.replay.Learn(ctx, f) // of the others on it
	}
	if h, ok := w.wants(by, l); ok && wrong == nil && w.replay.Own(f) {
		if err := w.test(ctx, &moment{by: by, line: l, facts: f, hash: h}); err != nil {
			return err
		}
	}
	w.maker.Learn(l)
	return w.replay.Learn(ctx, f)
}

// isLeftOut tells whether a mail is by or to somebody of whom nothing may be
// learned (P11).
func (w *walk) isLeftOut(f *guard.Facts) bool {
	excluded := w.corpus.Replay.Excluded
	return excluded != nil && (excluded(f.Author) ||
		slices.ContainsFunc(f.Envelope.Recipients, func(to mail.Recipient) bool { return excluded(to.Address) }))
}

// wants draws the mails that are taken of each author. What is drawn depends on
// the mail alone.
func (w *walk) wants(by *writer, l *source.Line) (hash uint32, ok bool) {
	if by == nil || by.begun <= w.o.WarmUp {
		return 0, false
	}
	h := fnv.New32a()
	fmt.Fprint(h, l.ID, l.Date.Time, w.o.Seed)
	hash = h.Sum32()
	share := w.share * min(1, float64(w.per)/float64(by.sent))
	return hash, float64(hash%10_000)/10_000 < share
}

func (w *walk) test(ctx context.Context, m *moment) error {
	var err error
	if m.says, err = m.facts.Read(ctx); err != nil {
		return nil // what cannot be read is only learned
	}
	if m.clean, err = w.look(ctx, m.facts); err != nil || m.clean == nil {
		return err
	}
	if n := len(m.clean.Recipients()); n == 0 || n > w.o.Recipients {
		return nil
	}
	w.taken++
	return w.take(ctx, w, m)
}

// look has a mail judged, and gives what the closing step saw; nil where that was
// not asked.
func (w *walk) look(ctx context.Context, f *guard.Facts) (*expect.Seen, error) {
	w.seen = nil
	w.replay.Judge(ctx, f)
	return w.seen, ctx.Err()
}

// mistakes makes mistakes of a mail, and gives each with what is seen of it.
func (w *walk) mistakes(ctx context.Context, m *moment, wanted func(*mistake.Made) bool, each func(*mistake.Made, *expect.Seen)) error {
	for _, made := range w.maker.Make(m.line) {
		if !wanted(&made) {
			continue
		}
		f, err := made.Line.FactsWith(m.says)
		if err != nil {
			continue
		}
		f.Time = m.facts.Time
		seen, err := w.look(ctx, f)
		if err != nil {
			return err
		}
		if seen != nil {
			each(&made, seen)
		}
	}
	return nil
}

// dice are those of a mail.
func (m *moment) dice(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, uint64(m.hash))) }

// mainOf is an address as the closing step names it.
func mainOf(address string) string { return mail.Base(mail.Key(address)) }
