package lookback

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"belay/internal/extract"
	"belay/internal/guard"
	"belay/internal/mail"
	"belay/internal/source"
)

// Input says what is looked back on, and how.
type Input struct {
	Options
	// Extractor reads attached files; nil looks at their names alone.
	Extractor extract.Extractor
	// Other are other rules (and settings of signals) to compare with: of it, all
	// but the detectors counts. nil compares nothing.
	Other *guard.Options
	// Zone is where weeks begin; nil is UTC.
	Zone *time.Location
	// Progress is told how many of all mails were looked at; nil: nobody.
	Progress func(done, all int)
}

// Run looks back on the mail of a set.
func Run(ctx context.Context, set *source.Set, in Input) (*Report, error) {
	if in.Zone == nil {
		in.Zone = time.UTC
	}
	r := newRunner(in)
	first, last := set.Bulk()
	r.report.First, r.report.Last = first.In(in.Zone), last.In(in.Zone)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	prepared := make(chan ready, 64)
	failed := make(chan error, 1)
	go func() {
		defer close(prepared)
		failed <- prepare(ctx, set, in.Extractor, prepared)
	}()
	for one := range prepared {
		if in.Progress != nil {
			in.Progress(one.n, set.Len())
		}
		if err := r.take(ctx, one); err != nil {
			cancel()
			for range prepared { // until it has noticed
			}
			return nil, err
		}
	}
	if err := <-failed; err != nil {
		return nil, fmt.Errorf("look back: %w", err)
	}
	r.report.Unreadable = len(set.Trouble())
	r.report.finish()
	return r.report, nil
}

// ready is a mail that was read.
type ready struct {
	n    int
	name string
	f    *guard.Facts // nil: it names no author or no recipient
}

// prepare reads mail after mail, beside the judging.
func prepare(ctx context.Context, set *source.Set, ex extract.Extractor, out chan<- ready) error {
	return set.Each(ctx, 0, func(n int, m *source.Mail) error {
		one := ready{n: n, name: m.Name}
		if f, err := m.Facts(ex); err == nil && f.Author != "" {
			one.f = f
			if _, err := f.Read(ctx); err != nil && ctx.Err() != nil {
				return ctx.Err()
			}
		}
		select {
		case out <- one:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	})
}

// runner is one look back.
type runner struct {
	in     Input
	report *Report
	replay *Replay
	other  *Replay // nil where nothing is compared
	turn   *turn
}

func newRunner(in Input) *runner {
	r := &runner{in: in, report: newReport(in), turn: &turn{}}
	o := in.Options
	if in.Other == nil {
		a := newAnswers()
		o.Guard.Right, r.turn.answers = a.right, []*answers{a}
		r.replay = NewReplay(o)
		return r
	}
	o.Guard.Detectors = r.turn.share(o.Guard.Detectors)
	mine, theirs := newAnswers(), newAnswers()
	r.turn.answers = []*answers{mine, theirs}
	o.Guard.Right = mine.right
	r.replay = NewReplay(o)
	o.Memory = r.replay.Memory()
	shared := o.Guard.Detectors
	o.Guard = *in.Other
	o.Guard.Detectors, o.Guard.Right = shared, theirs.right
	r.other = NewReplay(o)
	return r
}

// take judges one mail of ours and learns from it; what others wrote is learned.
func (r *runner) take(ctx context.Context, one ready) error {
	r.report.Mails++
	if one.f == nil {
		r.report.Nobody++
		return nil
	}
	if !r.replay.Own(one.f) {
		r.report.Incoming++
		return r.replay.Learn(ctx, one.f)
	}
	if r.isLeftOut(one.f) {
		r.report.Excluded++
		return r.replay.Learn(ctx, one.f) // of the others on it
	}
	r.turn.n++
	v := r.replay.Judge(ctx, one.f)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	r.report.note(one.name, one.f, &v)
	r.turn.answers[0].remember(one.f.Author, &v)
	if r.other != nil {
		w := r.other.Judge(ctx, one.f)
		r.report.compare(one.f, &v, &w)
		r.turn.answers[1].remember(one.f.Author, &w)
		r.other.count(one.f)
	}
	return r.replay.Learn(ctx, one.f)
}

// isLeftOut tells whether a mail is by or to somebody of whom nothing may be
// learned (P11): a report of who wrote what to the works council is the very
// thing that they are left out for.
func (r *runner) isLeftOut(f *guard.Facts) bool {
	excluded := r.in.Excluded
	if excluded == nil {
		return false
	}
	return excluded(f.Author) || slices.ContainsFunc(f.Envelope.Recipients, func(to mail.Recipient) bool { return excluded(to.Address) })
}

// turn lets two guards share what detectors find: they look at each mail once.
type turn struct {
	n       int // the mail that is judged
	answers []*answers
}

// share wraps detectors. What a closer is shown depends on the settings, so it is
// asked by each guard.
func (t *turn) share(list []guard.Detector) []guard.Detector {
	shared := make([]guard.Detector, len(list))
	for i, d := range list {
		if _, last := d.(guard.Closer); last {
			shared[i] = d
		} else {
			shared[i] = &once{Detector: d, turn: t}
		}
	}
	return shared
}

// once is a detector that is asked once about each mail.
type once struct {
	guard.Detector
	turn *turn

	mu      sync.Mutex // a detector that took too long may still be at it
	n       int
	signals []guard.Signal
	err     error
}

// Detect implements guard.Detector.
func (o *once) Detect(ctx context.Context, l *guard.Look) ([]guard.Signal, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.n != o.turn.n {
		o.n = o.turn.n
		o.signals, o.err = o.Detector.Detect(ctx, l)
	}
	return slices.Clone(o.signals), o.err
}

// CodesOfFiles are the codes that need files, if any.
func (o *once) CodesOfFiles() []string {
	if d, ok := o.Detector.(interface{ CodesOfFiles() []string }); ok {
		return d.CodesOfFiles()
	}
	return nil
}

// CodesOfPast are the codes that need the past, if any.
func (o *once) CodesOfPast() []string {
	if d, ok := o.Detector.(interface{ CodesOfPast() []string }); ok {
		return d.CodesOfPast()
	}
	return nil
}

// answers are what authors would have said: all of this mail left, so it was
// right, and is not asked about again.
type answers struct {
	said map[string]map[string]bool // author → recipient and code
}

func newAnswers() *answers { return &answers{said: map[string]map[string]bool{}} }

// remember answers the questions of a verdict.
func (a *answers) remember(author string, v *guard.Verdict) {
	for _, q := range v.Questions {
		if q.Kind != guard.Ask {
			continue
		}
		if a.said[author] == nil {
			a.said[author] = map[string]bool{}
		}
		for _, to := range q.Recipients {
			for _, code := range q.Codes {
				a.said[author][mail.Key(to)+" "+code] = true
			}
		}
	}
}

// right is guard.Options.Right.
func (a *answers) right(_ context.Context, author string, recipients, codes []string) (map[string]bool, error) {
	said, right := a.said[author], map[string]bool{}
	for _, to := range recipients {
		right[to] = len(codes) > 0 && !slices.ContainsFunc(codes, func(code string) bool { return !said[to+" "+code] })
	}
	return right, nil
}
