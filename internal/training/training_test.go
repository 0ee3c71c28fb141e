package training

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"belay/internal/boost"
	"belay/internal/guard/expect"
	"belay/internal/lookback"
	"belay/internal/mail"
	"belay/internal/source"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

var (
	monday = time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)
	given  = []string{"Anna", "Tom", "Eva", "Rex", "Kim", "Ida", "Bjarne", "Marta", "Jarek", "Zoe", "Lars", "Mia"}
	topics = []string{"crane hall foundation steel", "contract clause court hearing", "invoice ledger payment account", "menu kitchen guests evening"}
)

// world is a made-up past: people who write to four firms, to each about its own
// matters, and greet whom they write to.
func world(authors, mails int) []*source.Line {
	state := uint64(9)
	draw := func(n int) int {
		state = state*6364136223846793005 + 1442695040888963407
		return int(state >> 33 % uint64(n))
	}
	var list []*source.Line
	for i := range authors * mails {
		firm := min(draw(4), draw(4))
		l := &source.Line{ID: fmt.Sprintf("%d@world.test", i), From: fmt.Sprintf("person%d@corp.test", i%authors), FromName: fmt.Sprintf("Person %d", i%authors)}
		l.Date.Time = monday.Add(time.Duration(i) * time.Hour)
		for range 1 + draw(2) {
			who := given[min(draw(len(given)), draw(len(given)))]
			l.To = append(l.To, fmt.Sprintf("%s Holm%d <%s.holm%d@firm%d.test>", who, firm, strings.ToLower(who), firm, firm))
		}
		name, _, _ := strings.Cut(l.To[0], " ")
		words := strings.Fields(topics[firm])
		l.Subject = words[draw(4)] + " " + words[draw(4)]
		l.Body = fmt.Sprintf("Hello %s,\nabout the %s and the %s: number %d is done, please look at the %s.\n", name, words[draw(4)], words[draw(4)], i, words[draw(4)])
		list = append(list, l)
	}
	return list
}

// mailsOf gives copies: who reads them may change them.
func mailsOf(list []*source.Line) Corpus {
	return Corpus{Len: len(list), Mails: func(ctx context.Context, each func(*source.Line) error) error {
		for _, l := range list {
			one := *l
			if err := errors.Join(ctx.Err(), each(&one)); err != nil {
				return err
			}
		}
		return nil
	}}
}

// quick is a training of seconds.
func quick() Options {
	return Options{Folds: 2, PerAuthor: 25, Groups: 10, WarmUp: 20, AtLeast: 30, Workers: 2, Trees: boost.Options{Trees: 15, Leaves: 7, MinLeaf: 10}}
}

func TestAModelComesOutOfPastMail(t *testing.T) {
	m, report, err := Train(t.Context(), []Corpus{mailsOf(world(6, 90))}, quick())
	must(t, err)
	f := report.Corpora[0]
	if report.People != 6 || f.Clean < 60 || f.Mean < 0.1 {
		t.Errorf("%d people, %+v", report.People, f)
	}
	again, _, err := Train(t.Context(), []Corpus{mailsOf(world(6, 90))}, quick())
	must(t, err)
	raw := m.Encode()
	if !bytes.Equal(raw, again.Encode()) {
		t.Error("the same mail gives another model")
	}
	back, err := expect.DecodeModel(raw)
	must(t, err)
	if back.Threshold != m.Threshold || m.Threshold <= 0 || m.Threshold >= 1 {
		t.Errorf("the threshold is %v, and %v when it was read again", m.Threshold, back.Threshold)
	}
	for _, name := range []string{"person", "holm", "anna", "corp.test", "crane"} {
		if bytes.Contains(bytes.ToLower(raw), []byte(name)) {
			t.Errorf("the model names %q", name)
		}
	}
	var text bytes.Buffer
	report.Text(&text)
	if !strings.Contains(text.String(), "6 people") || !strings.Contains(text.String(), "V6") {
		t.Error(text.String())
	}
}

// TestNobodyIsJudgedByAModelThatSawThem: whatever the rows of the people of a fold
// are, the model that judges them is the same.
func TestNobodyIsJudgedByAModelThatSawThem(t *testing.T) {
	tr, err := newTrainer(t.Context(), []Corpus{mailsOf(world(6, 70))}, quick())
	must(t, err)
	author := "person3@corp.test"
	folds, fold := tr.folds(), tr.fold[author]
	if folds.Of(author) != folds.Models[fold] {
		t.Error("somebody is judged by the model of another fold")
	}
	if in := slices.Collect(maps.Values(tr.fold)); len(in) != 6 || slices.Index(in, 0) < 0 || slices.Index(in, 1) < 0 {
		t.Errorf("the people are parted as %v", tr.fold)
	}
	for i := range tr.s.examples {
		if e := &tr.s.examples[i]; e.fold == fold {
			for k := e.first * tr.s.x.Cols; k < (e.first+e.rows)*tr.s.x.Cols; k++ {
				tr.s.x.Data[k] = -tr.s.x.Data[k]
			}
		}
	}
	for _, without := range []int{fold, 1 - fold} {
		trees, err := tr.grow(t.Context(), without, nil)
		must(t, err)
		if same := bytes.Equal(trees.Encode(), tr.models[without].Trees.Encode()); same != (without == fold) {
			t.Errorf("rows of fold %d were changed; that the trees without fold %d are the same is %v", fold, without, same)
		}
	}
}

func TestComparisonsLeaveOutTheFold(t *testing.T) {
	o := quick().settled()
	c := &choices{}
	for i := range 40 {
		rows := make([]float32, 2*expect.FitColumns)
		rows[i%2] = 1
		c.fit = append(c.fit, choice{rows, i % 2, 1})
		c.instead = append(c.instead, choice{make([]float32, 2*expect.InsteadColumns), i % 2, 1})
	}
	m, err := c.train(t.Context(), 0, &o)
	must(t, err)
	if m.Fit[0] != 0 || m.Fit[1] <= 0 {
		t.Errorf("without fold 0 the weights are %v and %v; only the second speaks elsewhere", m.Fit[0], m.Fit[1])
	}
}

func TestNothingIsLearnedOfThoseLeftOut(t *testing.T) {
	list := world(4, 60)
	o := quick().settled()
	s := &sample{}
	c := mailsOf(list)
	c.Replay = lookback.Options{Excluded: func(a string) bool { return mail.Key(a) == "person1@corp.test" || strings.HasPrefix(a, "zoe.") }}
	writers, err := count(t.Context(), &c, &o, &s.people, map[string]int{})
	must(t, err)
	w := &walk{o: &o, corpus: &c, writers: writers, per: 30, share: 1, models: func(string) *expect.Model { return expect.Shipped() }}
	w.take = func(_ context.Context, _ *walk, m *moment) error {
		if m.facts.Author == "person1@corp.test" || strings.Contains(strings.Join(m.line.To, " "), "zoe.") {
			t.Errorf("a mail by %s to %v is looked at", m.facts.Author, m.line.To)
		}
		for _, made := range w.maker.Make(m.line) {
			if strings.Contains(strings.Join(made.Leaks, " "), "zoe.holm") && made.Variant != "V6" {
				t.Errorf("%s: a mistake to %v is made", made.Variant, made.Leaks)
			}
		}
		return nil
	}
	must(t, w.run(t.Context()))
	if w.taken < 20 {
		t.Errorf("only %d mails are looked at", w.taken)
	}
}

func TestTooLittleMailIsSaid(t *testing.T) {
	if _, _, err := Train(t.Context(), []Corpus{mailsOf(world(2, 20))}, quick()); !errors.Is(err, ErrTooLittle) {
		t.Error(err)
	}
	f, err := Fit(t.Context(), mailsOf(world(4, 50)), expect.Shipped(), quick())
	if err != nil || f.Model != nil || f.Mails == 0 {
		t.Errorf("%v, %+v", err, f)
	}
}

func TestTrainingEndsWhereItIsWanted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	o := quick()
	o.Progress = func(what string, done, _ int) {
		if what == "Learning" && done > 3 {
			cancel()
		}
	}
	if _, _, err := Train(ctx, []Corpus{mailsOf(world(4, 60))}, o); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// TestAFitKeepsItsWord: of the mail that it was fitted to, about one in a hundred
// lies above the threshold; and trees of one's own are tried where there is enough.
func TestAFitKeepsItsWord(t *testing.T) {
	o := quick()
	o.PerAuthor = 60
	o.Enough = Enough{Settled: 100, Trees: 300, People: 5}
	f, err := Fit(t.Context(), mailsOf(world(6, 110)), expect.Shipped(), o)
	must(t, err)
	if f.Model == nil || len(f.Tried) != 2 || f.Mails < 300 || f.People != 6 {
		t.Fatalf("%+v", f)
	}
	for _, one := range f.Tried {
		if one.Low > one.High || one.Taken && one.Low <= 0 || one.Mean < 0 || one.Mean > 1 {
			t.Errorf("%+v", one)
		}
	}
	if f.Shipped.Together > 0.011 {
		t.Errorf("%v of the clean mail lies above its own threshold", f.Shipped.Together)
	}
	raw, err := json.Marshal(f)
	must(t, err)
	if bytes.Contains(raw, []byte("corp.test")) {
		t.Errorf("what came of it names somebody: %s", raw)
	}
	o.Enough.People = 7
	if f, err = Fit(t.Context(), mailsOf(world(6, 110)), expect.Shipped(), o); err != nil || len(f.Tried) != 0 || f.Model == nil || f.Model.Trees != expect.Shipped().Trees {
		t.Errorf("with too few people: %v, %+v", err, f)
	}
}

// told makes a sample of mails whose worst scores are given, one person for each
// ten.
func told(scores []float64, variant string) *sample {
	s := &sample{people: len(scores)/10 + 1, corpora: 1}
	for i := range scores {
		s.add(example{person: i / 10, weight: 1, variant: variant, settled: true, place: -1}, make([]float32, expect.SuspectColumns), []bool{variant != ""})
	}
	return s
}

func TestOneInAHundredLiesAboveTheThreshold(t *testing.T) {
	scores := make([]float64, 1000)
	for i := range scores {
		scores[i] = float64((i * 7919) % 1000)
	}
	s := told(scores, "")
	limit := s.threshold(scores, 0.01, func(*example) bool { return true })
	above := 0
	for _, v := range scores {
		if v > limit {
			above++
		}
	}
	if above < 9 || above > 10 {
		t.Errorf("%d of a thousand lie above %v", above, limit)
	}
	if v := s.threshold(scores, 0.01, func(*example) bool { return false }); !math.IsInf(v, 1) {
		t.Errorf("of no mail, the threshold is %v", v)
	}
}

func TestWhoeverFindsMoreIsSeenToDo(t *testing.T) {
	s := told(make([]float64, 500), "")
	for i := range 500 {
		s.add(example{person: i / 10, weight: 1, variant: "V7", settled: true, place: -1}, make([]float32, expect.SuspectColumns), []bool{true})
	}
	good, bad := make([]float64, 1000), make([]float64, 1000)
	for i := range 500 {
		good[i], bad[i] = float64(i)/1000, float64(i)/1000
		if good[500+i] = 1; i%2 == 0 {
			bad[500+i] = 1
		}
	}
	better, worse := s.against(good, bad, 1), s.against(bad, good, 1)
	if better.Low <= 0.4 || better.High >= 0.6 || better.Mean != 1 || worse.High >= 0 {
		t.Errorf("better %+v, worse %+v", better, worse)
	}
	if same := s.against(good, good, 1); same.Low != 0 || same.High != 0 || same.Gain != 0 {
		t.Errorf("the same: %+v", same)
	}
}

func TestMistakesOfAKindCountAlike(t *testing.T) {
	w := Options{}.settled().Weights
	count := map[string]float64{"V1": 100, "V3": 10, "V4": 1, "V0": 200, "V3n": 20, "V6": 100}
	for variant, want := range map[string]float64{"V1": 1.3, "V3": 15, "V4": 60, "V0": 0.25, "V3n": 1.5, "V6": 5} {
		if got := w.of(variant, count); math.Abs(got-want) > 1e-9 {
			t.Errorf("a mistake of %s counts %v, want %v", variant, got, want)
		}
	}
}
