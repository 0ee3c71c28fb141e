package web

import (
	"slices"
	"strconv"
	"time"

	"belay/internal/guard"
	"belay/internal/queue"
)

// questionView is a question of a mail: who is to answer, and what they said.
type questionView struct {
	N        int
	Open     bool
	Sentence string // "Waits until Monday at 10:00 for approval by …"
	Progress string // "Nobody has answered yet."
	Facts    []factView
	Answers  []answeredView
}

type answeredView struct {
	Tone, Name, Word  string
	RFC, Time, Remark string
}

// copyView is an advance notice: who was told of a mail before it arrives.
type copyView struct {
	Who, Text, RFC, Time string
}

// openQuestions are those that somebody has still to answer.
func openQuestions(m *queue.Message) []queue.Question {
	var list []queue.Question
	for _, q := range m.Questions {
		if q.State == queue.QuestionOpen {
			list = append(list, q)
		}
	}
	return list
}

// gated tells whether a part of a mail waits for an answer, and whether a part
// waits for nothing but its time, the earliest of which is due.
func gated(m *queue.Message) (gate guard.Action, due time.Time) {
	for _, d := range m.Deliveries {
		switch {
		case d.State != queue.Held:
		case d.Gate == "":
			if due.IsZero() || d.Due.Before(due) {
				due = d.Due
			}
		case gate == "" || d.Gate.Stricter(gate):
			gate = d.Gate
		}
	}
	return gate, due
}

func questions(p *page, m *queue.Message) []questionView {
	var list []questionView
	for _, q := range m.Questions {
		list = append(list, newQuestionView(p, m, q))
	}
	return list
}

func newQuestionView(p *page, m *queue.Message, q queue.Question) questionView {
	v := questionView{N: q.N, Open: q.State == queue.QuestionOpen, Sentence: waitsFor(p, q)}
	if v.Open {
		v.Progress = progress(p, m, q)
	}
	v.Facts = questionFacts(p, m, q)
	for _, a := range q.Answers {
		w := answeredView{Tone: "good", Name: p.name(a.Person), Word: p.T("question.said.yes"), Remark: a.Comment,
			RFC: stamp(a.Time), Time: p.When(a.Time, p.now)}
		if !a.Yes {
			w.Tone, w.Word = "bad", p.T("question.said.no")
		}
		v.Answers = append(v.Answers, w)
	}
	return v
}

// waitsFor says in one sentence what a question waits for, or how it ended.
func waitsFor(p *page, q queue.Question) string {
	if q.State != queue.QuestionOpen && q.State != "" {
		return p.T("question." + string(q.Kind) + "." + string(q.State))
	}
	return p.T("question."+string(q.Kind), "Names", whoever(p, q), "Until", until(p, q.Expires))
}

// progress says how far the answers to an open question have come.
func progress(p *page, m *queue.Message, q queue.Question) string {
	yes := slices.ContainsFunc(q.Answers, func(a queue.Answered) bool { return a.Yes })
	switch {
	case q.Asked.IsZero() && !yes:
		return p.T("question.notyet")
	case yes:
		return p.N("question.missing", max(1, m.Missing(&q)))
	}
	return p.T("question.nobody")
}

func questionFacts(p *page, m *queue.Message, q queue.Question) []factView {
	var list []factView
	add := func(id, value string) { list = append(list, factView{Name: p.T(id), Value: value}) }
	moment := func(id string, t time.Time) {
		list = append(list, factView{Name: p.T(id), Value: p.When(t, p.now), RFC: stamp(t)})
	}
	if len(q.Recipients) > 0 && len(q.Recipients) < len(m.Deliveries) {
		add("question.about", p.List(q.Recipients))
	}
	who := factView{Name: p.T("question.who")}
	if q.State != queue.QuestionOpen {
		who.Name = p.T("question.whowas")
	}
	for _, a := range q.Of {
		who.Lines = append(who.Lines, p.named(a))
	}
	list = append(list, who)
	if q.Need > 1 {
		add("question.need", strconv.Itoa(q.Need))
	}
	if !q.Asked.IsZero() {
		moment("question.asked", q.Asked)
	}
	if q.Reminded > 0 {
		add("question.reminded", strconv.Itoa(q.Reminded))
	}
	if q.State == queue.QuestionOpen {
		add("question.silence", p.T("question.silence."+string(silence(q)), "Until", until(p, q.Expires)))
	}
	if !q.Closed.IsZero() {
		moment("question.closed", q.Closed)
	}
	return list
}

func silence(q queue.Question) guard.Silence {
	if q.Silence == guard.SilenceRelease {
		return guard.SilenceRelease
	}
	return guard.SilenceReturn
}

// mostNames is how many people a sentence names; the facts below name all.
const mostNames = 3

// whoever names those who may answer: "Jan Kowalski or Ewa Lis", where one is
// enough, else "2 of Jan Kowalski, Ewa Lis and Anna Nowak".
func whoever(p *page, q queue.Question) string {
	var names []string
	for _, who := range q.Of {
		names = append(names, p.name(who))
	}
	if len(names) > mostNames+1 {
		names = append(names[:mostNames], p.N("names.others", len(q.Of)-mostNames))
	}
	if q.Need > 1 {
		return p.T("names.some", "N", strconv.Itoa(q.Need), "Names", p.List(names))
	}
	return p.or(names)
}

// or joins names as a sentence does: "a, b or c".
func (p *page) or(names []string) string {
	text := ""
	for i, name := range names {
		switch {
		case i == 0:
			text = name
		case i == len(names)-1:
			text = p.T("names.or", "Names", text, "Last", name)
		default:
			text += ", " + name
		}
	}
	return text
}

// until says up to when something waits, as a person says it now: "until
// 14:05", "until Monday at 10:00".
func until(p *page, t time.Time) string {
	zone := p.Location()
	day := func(t time.Time) time.Time {
		t = t.In(zone)
		return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
	}
	switch days := int(day(t).Sub(day(p.now)) / (24 * time.Hour)); {
	case days == 0:
		return p.T("until.today", "Time", p.Time(t))
	case days == 1:
		return p.T("until.tomorrow", "Time", p.Time(t))
	case days > 1 && days < 7:
		return p.T("until.day."+strconv.Itoa(int(t.In(zone).Weekday())), "Time", p.Time(t))
	}
	return p.T("until.date", "Date", p.Date(t), "Time", p.Time(t))
}

// named is a person's name with the address beside it.
func (p *page) named(address string) string {
	if name := p.name(address); name != address {
		return name + " <" + address + ">"
	}
	return address
}

// name is a person's name, or the address where the directory has none.
func (p *page) name(address string) string {
	if name := p.site.people().Name(address); name != "" {
		return name
	}
	return address
}

func copies(p *page, m *queue.Message) []copyView {
	var list []copyView
	for _, c := range m.Copies {
		v := copyView{Who: p.named(c.To)}
		about := p.List(c.Recipients)
		switch {
		case !c.Withdrawn.IsZero() && c.Told.IsZero():
			v.Text = p.T("copy.dropped", "Recipients", about)
		case !c.Withdrawn.IsZero():
			v.RFC, v.Time = stamp(c.Withdrawn), p.When(c.Withdrawn, p.now)
			v.Text = p.T("copy.withdrawn", "Recipients", about)
		case c.Told.IsZero():
			v.Text = p.T("copy.soon", "Recipients", about)
		case c.Whole:
			v.Text = p.T("copy.whole", "Recipients", about)
		default:
			v.Text = p.T("copy.told", "Recipients", about)
		}
		if v.RFC == "" && !c.Told.IsZero() {
			v.RFC, v.Time = stamp(c.Told), p.When(c.Told, p.now)
		}
		list = append(list, v)
	}
	return list
}

// asks tells what the page offers: a word about an approval, one by the
// sender, or neither.
func asks(m *queue.Message) (approve, ask bool) {
	for _, d := range m.Deliveries {
		if d.State == queue.Held {
			approve = approve || d.Gate == guard.Approve
			ask = ask || d.Gate == guard.Ask
		}
	}
	return approve, ask
}
