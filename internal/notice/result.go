package notice

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"belay/internal/access"
	"belay/internal/guard"
	"belay/internal/queue"
)

// result tells the sender what others decided about the mail, and those who
// were asked as well that there is nothing left to answer.
func (c *Clerk) result(ctx context.Context, e *queue.Errand, m *queue.Message) error {
	a, err := c.s.affairOf(ctx, m, c.bare(e))
	if err != nil {
		return err
	}
	d := decisionOf(e, a)
	if d.what == "" {
		return c.drop(ctx, e, "nobody decided anything")
	}
	var letters []Letter
	told := []string{d.person}
	for _, who := range a.senders() {
		if !slices.Contains(told, who) {
			letters = append(letters, c.resultLetters(ctx, a, who, d)...)
			told = append(told, who)
		}
	}
	if d.what != "counted" {
		for _, who := range d.others(a) {
			if !slices.Contains(told, who) {
				letters = append(letters, c.decidedLetter(ctx, a, who, d))
				told = append(told, who)
			}
		}
	}
	return c.s.options.Store.Discharge(ctx, e, queue.Discharge{}, letters...)
}

// decision is what somebody decided about a message.
type decision struct {
	what      string // approved, counted, denied, released, stopped
	by        string // as the journal has it
	person    string // main address, "" where it is not known
	comment   string
	missing   int // how many more must say yes
	places    map[int]bool
	questions []*queue.Question // that it ended or was about
}

func decisionOf(e *queue.Errand, a *affair) decision {
	d := decision{by: e.Facts["by"], person: e.Facts["person"], comment: e.Facts["comment"], places: map[int]bool{}}
	if slices.Contains([]string{"approved", "counted", "denied", "released", "stopped"}, e.Facts["what"]) {
		d.what = e.Facts["what"]
	}
	if d.person != "" {
		d.person = a.dir.Main(d.person)
	}
	d.missing, _ = strconv.Atoi(e.Facts["missing"])
	for _, word := range strings.Fields(e.Facts["recipients"]) {
		if n, err := strconv.Atoi(word); err == nil {
			d.places[n] = true
		}
	}
	named := strings.Fields(e.Facts["questions"])
	for i := range a.m.Questions {
		q := &a.m.Questions[i]
		if slices.Contains(named, strconv.Itoa(q.N)) {
			d.questions = append(d.questions, q)
		}
	}
	return d
}

// has tells whether a decision is about a delivery.
func (d *decision) has(n int) bool { return len(d.places) == 0 || d.places[n] }

// others are those who were written to about what is decided now, and are not
// asked any more.
func (d *decision) others(a *affair) []string {
	var list []string
	for _, q := range d.questions {
		if q.State == queue.QuestionOpen || q.Asked.IsZero() {
			continue
		}
		for _, who := range a.mains(q.Of) {
			if !slices.Contains(list, who) && len(a.openFor(who)) == 0 {
				list = append(list, who)
			}
		}
	}
	return list
}

// resultLetters tell the sender; the second one is the mail itself, where it is
// too large to go with the first.
func (c *Clerk) resultLetters(ctx context.Context, a *affair, reader string, d decision) []Letter {
	v := a.voice(reader)
	say := v.locale()
	subject := subjectOf(say, v.m)
	v.subject = v.t("subject."+d.what, "Subject", subject)
	if d.what == "counted" {
		v.add(lead, say.N("question.lead.counted", max(1, d.missing), "Subject", subject))
	} else {
		v.add(lead, v.t("lead."+d.what, "Subject", subject))
	}
	v.fromRow(reader)
	v.add(para, v.t("by."+d.what, "Name", v.answerer(d.person, d.by)))
	v.remark(d)
	var rows []line
	for _, delivery := range v.m.Deliveries {
		if d.has(delivery.N) {
			rows = append(rows, line{Left: delivery.Recipient.Address, Right: v.standing(delivery)})
		}
	}
	v.addTable("", rows)
	var more []Letter
	if d.what == "denied" || d.what == "stopped" {
		more = v.back(ctx, v.m.Deliveries)
	}
	return append([]Letter{v.pack(ctx, false)}, more...)
}

// standing is where a delivery stands, as the sender is told in a letter about a
// decision: "stopped", not "stopped before".
func (v *voice) standing(d queue.Delivery) string {
	if d.State == queue.Stopped {
		return v.locale().T("notice.row.stopped")
	}
	return state(v.request, d, "")
}

// sentence begins with a capital where it begins with a word that has one there:
// "your administrator writes:". An address stays as it is.
func sentence(text, word string) string {
	if first, size := utf8.DecodeRuneInString(text); strings.HasPrefix(text, word) {
		return string(unicode.ToUpper(first)) + text[size:]
	}
	return text
}

// remark passes on what somebody wrote with an answer, in their own words.
func (v *voice) remark(d decision) {
	text := strings.TrimSpace(strings.ReplaceAll(d.comment, "\r", ""))
	if text == "" {
		return
	}
	const most = 4000
	if runes := []rune(text); len(runes) > most {
		text = strings.TrimSpace(string(runes[:most])) + "…"
	}
	v.add(para, sentence(v.t("comment", "Name", v.answerer(d.person, d.by)), v.locale().T("notice.admin")))
	v.add(quote, text)
}

// back gives the mail back to be sent again: with this letter, or in one of
// its own. after is how the deliveries stand.
func (v *voice) back(ctx context.Context, after []queue.Delivery) []Letter {
	if v.bare || !v.may(access.SeeDraft) || !v.s.readable(ctx, v.m) {
		return nil // a stopped mail goes back to its sender alone (P8)
	}
	if slices.ContainsFunc(after, func(d queue.Delivery) bool { return d.State != queue.Stopped && d.State != queue.Returned }) {
		v.add(para, v.t("partly"))
	}
	if v.m.Size <= v.s.options.InlineDraft {
		v.draft = v.m
		v.add(para, v.locale().T("notice.draft"))
		return nil
	}
	v.add(para, v.locale().T("notice.apart", "Size", v.locale().Size(v.m.Size)))
	own := v.affair.voice(v.reader)
	own.subject = v.locale().T("notice.subject.draft", "Subject", subjectOf(v.locale(), v.m))
	own.draft = v.m
	own.add(lead, v.locale().T("notice.lead.draft", "Subject", subjectOf(v.locale(), v.m)))
	own.add(para, v.locale().T("notice.draft"))
	return []Letter{own.pack(ctx, false)}
}

// decidedLetter tells one who was asked that somebody else decided.
func (c *Clerk) decidedLetter(ctx context.Context, a *affair, reader string, d decision) Letter {
	v := a.voice(reader)
	v.begin("decided")
	v.addRows(table, "", []line{{Left: v.t("fact.from"), Right: v.author()}})
	v.add(para, v.t("by."+d.what, "Name", v.answerer(d.person, d.by)))
	return v.pack(ctx, false)
}

// expire ends a question that nobody answered, and tells the sender: the mail
// comes back, or leaves. Questions that run out together come in one letter.
func (c *Clerk) expire(ctx context.Context, e *queue.Errand, a *affair, q *queue.Question) error {
	if over := runsOut(a.m, q); over.After(q.Expires) && over.After(a.now) {
		return c.s.options.Store.Discharge(ctx, e, queue.Discharge{Delay: over})
	}
	var letters []Letter
	if !toldTogether(a.m, q) {
		over := a.foresee(q)
		for _, who := range a.senders() {
			letters = append(letters, c.expireLetters(ctx, a, who, over)...)
		}
	}
	outcomes, err := c.s.options.Store.Expire(ctx, e, letters...)
	if err != nil {
		return err
	}
	c.s.log.Info("nobody answered in time", "message", a.m.ID, "question", q.N, "silence", string(q.Silence), "recipients", len(outcomes))
	return nil
}

// runsOut is when nobody's answer counts as silence. Where silence lets the mail
// leave, those who were asked late (belay was not running, or could not write)
// have an hour at least, or half of the question's time where that is shorter.
func runsOut(m *queue.Message, q *queue.Question) time.Time {
	if !q.Releases() {
		return q.Expires
	}
	least := q.Asked.Add(min(time.Hour, q.Expires.Sub(m.Received)/2))
	if least.After(q.Expires) {
		return least
	}
	return q.Expires
}

// toldTogether tells whether a letter about another question that nobody
// answered has told of this one too.
func toldTogether(m *queue.Message, q *queue.Question) bool {
	return slices.ContainsFunc(m.Questions, func(other queue.Question) bool {
		return other.N != q.N && other.State == queue.QuestionSilent && !other.Closed.Before(runsOut(m, q))
	})
}

// over is how the deliveries stand when a silence has taken effect.
type over struct {
	all        []queue.Delivery
	deliveries []queue.Delivery // those that it is about
	returned   bool             // some come back
}

// foresee works out what the silence about a question does, and about all that
// run out with it: the letter is stored in the same transaction, and so is
// written before.
func (a *affair) foresee(q *queue.Question) over {
	all := slices.Clone(a.m.Deliveries)
	hit := map[int]bool{}
	left := slices.Clone(a.m.Questions)
	for i := range left {
		ends := &left[i]
		if ends.State != queue.QuestionOpen || ends.N != q.N && runsOut(a.m, ends).After(a.now) {
			continue
		}
		ends.State = queue.QuestionSilent
		for n := range all {
			d := &all[n]
			if d.State != queue.Held || !a.isAbout(ends, d.Recipient.Address) {
				continue
			}
			hit[n] = true
			if !ends.Releases() {
				d.State = queue.Returned
			}
		}
	}
	o := over{all: all}
	for n := range all {
		d := &all[n]
		if !hit[n] {
			continue
		}
		o.returned = o.returned || d.State == queue.Returned
		if d.Gate = a.gateOf(left, d.Recipient.Address); d.State == queue.Held && d.Gate == "" && !d.Due.After(a.now) {
			d.State = queue.Ready
		}
		o.deliveries = append(o.deliveries, *d)
	}
	return o
}

// gateOf is what a recipient waits for: the strictest of the open questions.
func (a *affair) gateOf(questions []queue.Question, address string) guard.Action {
	var gate guard.Action
	for i := range questions {
		if q := &questions[i]; q.State == queue.QuestionOpen && a.isAbout(q, address) && (gate == "" || q.Kind.Stricter(gate)) {
			gate = q.Kind
		}
	}
	return gate
}

func (c *Clerk) expireLetters(ctx context.Context, a *affair, reader string, o over) []Letter {
	v := a.voice(reader)
	mine := v.may(access.SeeDraft)
	switch {
	case o.returned && mine:
		v.begin("returned")
	case o.returned:
		v.begin("kept")
	default:
		v.begin("expired")
	}
	v.fromRow(reader)
	var rows []line
	for _, d := range o.deliveries {
		row := line{Left: d.Recipient.Address, Right: v.standing(d)}
		if d.State == queue.Returned && !mine {
			row.Right = v.locale().T("notice.row.stopped")
		} else if d.State == queue.Returned {
			row.Right = v.t("row.returned")
		}
		rows = append(rows, row)
	}
	v.addTable("", rows)
	var more []Letter
	if o.returned {
		more = v.back(ctx, o.all)
	}
	return append([]Letter{v.pack(ctx, false)}, more...)
}
