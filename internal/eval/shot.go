package eval

import (
	"slices"
	"strings"

	"belay/internal/guard/parties"
	"belay/internal/mail"
	"belay/internal/mistake"
	"belay/internal/reading"
	"belay/internal/source"
)

// shot is one mail that was judged.
type shot struct {
	person  int
	sent    int    // by the author before
	variant string // "" is the mail as it was
	mode    string
	score   float64 // of the worst recipient
	credit  float64 // how sure it is that the worst is the leak: 1, or less where several are as bad
	to      int     // recipients
	leaks   int     // of them wrong
	asked   bool    // the default rules ask somebody
	first   float64 // of the mail as it was: the score of the worst first contact; -1 where there is none
	rank    int     // where the one who was meant stands among those proposed in the leak's place; 0 is nowhere
	face    int     // the index of what a mistake looks like; -1 for mail as it was
	points  []point // every recipient of a clean mail, the leaks of a mistake
}

// point is what was said of one recipient, for the calibration.
type point struct {
	p     float64
	wrong bool
}

// face is what a mistake looks like to somebody who reads header and text.
type face struct {
	words              int // of the author's own, without the greeting
	quoted, greeting   bool
	thread             bool // it goes on with one
	leakSent, meantGot int  // how often the author wrote to the leak, and to the one who was meant (of an addition: to the true recipient written to least)
	to                 int
}

// usual is from how many mails on somebody is usual for an author, and few how
// many own words say hardly anything.
const (
	usual = 3
	few   = 12
)

// poor tells whether the text says next to nothing.
func (f *face) poor() bool { return !f.quoted && !f.greeting && f.words < few }

// blank tells whether neither text nor header can tell that somebody is wrong:
// hardly a word, no thread, nobody else on the mail, and both usual.
func (f *face) blank(mode string) bool {
	return f.poor() && !f.thread && f.leakSent >= usual && f.meantGot >= usual && f.to == 1 && mode == mistake.Replace
}

// exam is what the examiner knows of a mail.
type exam struct {
	face face // without what depends on the mistake
	to   []string
}

// examine looks at a mail of which mistakes are made.
func (r *runner) examine(s *sender, l *source.Line) *exam {
	m := reading.FromTexts(l.Subject, l.Body, nil, false)
	said := parties.Read(m)
	e := &exam{}
	e.face.words = len(said.Own) - said.Greeting
	e.face.greeting = said.Greeting > 1
	for i := range m.Texts {
		e.face.quoted = e.face.quoted || strings.TrimSpace(m.Texts[i].Quoted) != ""
	}
	e.face.thread = r.maker.GoesOn(l)
	_, e.to = others(l)
	return e
}

// shot is what came of judging a mail.
func (r *runner) shot(s *sender, j *source.Judged, made *mistake.Made, face int) shot {
	one := shot{person: s.number, sent: s.begun, first: -1, face: face,
		asked: j.Verdict.Action == "ask" || j.Verdict.Action == "approve"}
	var leaks map[string]bool
	if made != nil {
		one.variant, one.mode = made.Variant, made.Mode
		leaks = keysOf(made.Leaks)
		one.rank = rankOf(j, leaks, keysOf(made.Meant))
	}
	worst, wrong := 0, 0
	for _, to := range j.Recipients {
		key := mail.Key(to.Address)
		if key == s.address {
			continue
		}
		one.to++
		if leaks[key] {
			one.leaks++
		}
		switch {
		case one.to == 1 || to.Score > one.score:
			one.score, worst, wrong = to.Score, 0, 0
			fallthrough
		case to.Score == one.score:
			worst++
			if leaks[key] {
				wrong++
			}
		}
		if made == nil || leaks[key] {
			one.points = append(one.points, point{to.Score, made != nil})
		}
		if made == nil && r.isFirst(s, key) {
			one.first = max(one.first, to.Score)
		}
	}
	if worst > 0 {
		one.credit = float64(wrong) / float64(worst)
	}
	return one
}

// isFirst tells whether an author never wrote to somebody, nor heard from them.
func (r *runner) isFirst(s *sender, key string) bool {
	sent, received := r.maker.Contact(s.address, key)
	return sent+received == 0
}

// rankOf is at which place one who was meant is proposed instead of a leak; 0
// where nobody is.
func rankOf(j *source.Judged, leaks, meant map[string]bool) (rank int) {
	for _, to := range j.Recipients {
		if !leaks[mail.Key(to.Address)] {
			continue
		}
		at := 1 + slices.IndexFunc(to.Instead, func(a string) bool { return meant[mail.Key(a)] })
		if at > 0 && (rank == 0 || at < rank) {
			rank = at
		}
	}
	return rank
}

// face notes what a mistake looks like, and says where.
func (r *runner) face(s *sender, made *mistake.Made, e *exam) int {
	f := e.face
	f.to = len(e.to)
	f.leakSent, f.meantGot = r.sentTo(s, made.Leaks), r.sentTo(s, made.Meant)
	if made.Mode == mistake.Add {
		f.to += len(made.Leaks)
		f.meantGot = r.sentTo(s, e.to)
	}
	r.faces = append(r.faces, f)
	return len(r.faces) - 1
}

// sentTo is how often an author wrote to that one of some whom they wrote to
// least.
func (r *runner) sentTo(s *sender, list []string) int {
	least := -1
	for _, a := range list {
		if sent, _ := r.maker.Contact(s.address, a); least < 0 || sent < least {
			least = sent
		}
	}
	return max(least, 0)
}
