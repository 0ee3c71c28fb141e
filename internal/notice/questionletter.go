package notice

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"belay/internal/access"
	"belay/internal/guard"
	"belay/internal/guard/explain"
	"belay/internal/locale"
	"belay/internal/queue"
)

// moment is why a question is written about.
type moment int

const (
	asking    moment = iota // for the first time
	reminding               // once more
)

// voice is a letter about an affair on its way to one reader.
type voice struct {
	*affair
	*letter
	request *request // language and time, for what the answers share
	reader  string
	open    []*queue.Question // what the reader may answer
	keeper  bool              // the reader is told as the sender
	expires time.Time         // of the reader's tokens
}

func (a *affair) voice(reader string) *voice {
	v := &voice{affair: a, letter: &letter{}, request: &request{say: a.say(reader), now: a.now}, reader: reader, open: a.openFor(reader)}
	v.keeper = slices.Contains(a.senders(), reader)
	v.expires = a.now
	for _, q := range a.m.Questions {
		if q.Expires.After(v.expires) {
			v.expires = q.Expires
		}
	}
	v.expires = v.expires.Add(a.s.options.TokenLife) // so that a late answer is told that it is one
	return v
}

func (v *voice) t(id string, data ...any) string { return v.request.say.T("question."+id, data...) }

func (v *voice) locale() *locale.Locale { return v.request.say }

// may tells whether the reader may do something to the mail.
func (v *voice) may(d access.Deed) bool { return v.s.relations(v.m, v.reader).May(d) == access.Yes }

// begin sets the subject and the first sentence.
func (v *voice) begin(name string) {
	data := []any{"Subject", subjectOf(v.locale(), v.m), "Name", v.name(v.dir.Main(v.m.Author))}
	v.subject = v.t("subject."+name, data...)
	v.add(lead, v.t("lead."+name, data...))
}

// askLetter is the letter to one who may answer; false where there is nothing
// for them to answer.
func (c *Clerk) askLetter(ctx context.Context, a *affair, reader string, why moment) (Letter, bool) {
	v := a.voice(reader)
	if len(v.open) == 0 {
		return Letter{}, false
	}
	approve := slices.ContainsFunc(v.open, func(q *queue.Question) bool { return q.Kind == guard.Approve })
	name := map[bool]string{false: "ask", true: "approve"}[approve]
	v.begin(name)
	if why == reminding {
		v.subject = v.t("subject.remind", "Subject", subjectOf(v.locale(), v.m))
		v.add(para, v.t("reminder"))
	}
	v.inPlaceOf(why)
	v.facts(ctx, approve || a.dir.Main(v.m.Author) != reader)
	v.noticed(v.open)
	v.besides()
	if approve {
		v.mailItself(ctx)
	}
	v.silence(v.open)
	v.delay()
	v.choices(approve)
	if v.keeper {
		v.waits(a.openOfOthers(reader))
	}
	return v.pack(ctx, why == asking), true
}

// waitLetter tells the sender what the mail waits for; false where it waits for
// nobody.
func (c *Clerk) waitLetter(ctx context.Context, a *affair, reader string) (Letter, bool) {
	v := a.voice(reader)
	others := a.openOfOthers(reader)
	if len(others) == 0 {
		return Letter{}, false
	}
	v.begin("waits")
	v.fromRow(reader)
	v.asked(others, "")
	v.noticed(others)
	v.silence(others)
	if v.may(access.Stop) {
		v.add(para, v.t("change"))
		v.stopChoice()
	}
	return v.pack(ctx, true), true
}

// inPlaceOf tells a deputy for whom they are asked. Whoever is asked for the
// first time when others have been asked already steps in for one of them.
func (v *voice) inPlaceOf(why moment) {
	var away, late []string
	for _, q := range v.open {
		for _, who := range q.Of {
			if who == v.reader || hasAnswered(q, who) || v.deputy(who) != v.reader {
				continue
			}
			list := &late
			if v.dir.Absent(who, v.now) {
				list = &away
			}
			if name := v.name(who); !slices.Contains(*list, name) {
				*list = append(*list, name)
			}
		}
	}
	if len(away) > 0 {
		v.add(para, v.t("away", "Names", v.locale().List(away)))
	}
	later := func(q *queue.Question) bool { return q.Reminded > 0 || why == asking && !q.Asked.IsZero() }
	if len(late) > 0 && slices.ContainsFunc(v.open, later) {
		v.add(para, v.t("deputy", "Names", v.locale().List(late)))
	}
}

// fromRow says whose mail it is where the reader is not its author.
func (v *voice) fromRow(reader string) {
	if v.dir.Main(v.m.Author) != reader {
		v.addRows(table, "", []line{{Left: v.t("fact.from"), Right: v.author()}})
	}
}

// author is the author as a reader knows them.
func (v *voice) author() string { return v.full(v.dir.Main(v.m.Author)) }

// facts say which mail it is: to its sender, for whom; to others its envelope,
// and not what it says (P8).
func (v *voice) facts(ctx context.Context, all bool) {
	say := v.locale()
	to := line{Left: v.t("fact.to"), Right: some(say, v.recipients(v.open), 20)}
	if !all {
		v.addRows(table, "", []line{to})
		return
	}
	rows := []line{
		{Left: v.t("fact.from"), Right: v.author()}, to,
		{Left: v.t("fact.subject"), Right: subjectOf(say, v.m)},
		{Left: v.t("fact.size"), Right: say.Size(v.m.Size)},
	}
	if files := v.attachments(ctx); len(files) > 0 {
		rows = append(rows, line{Left: v.t("fact.files"), Right: some(say, files, 10)})
	}
	v.addRows(table, "", rows)
}

// recipients are those that questions are about, in the order of the envelope.
func (v *voice) recipients(questions []*queue.Question) []string {
	var list []string
	seen := map[string]bool{}
	for _, d := range v.m.Deliveries {
		address := d.Recipient.Address
		if !seen[address] && slices.ContainsFunc(questions, func(q *queue.Question) bool { return v.isAbout(q, address) }) {
			seen[address] = true
			list = append(list, address)
		}
	}
	return list
}

// mostRows is how many lines a table of a letter has at most.
const mostRows = 40

// addTable adds a table, and says how many lines it leaves out.
func (v *voice) addTable(heading string, rows []line) {
	if n := len(rows) - mostRows; n > 0 {
		rows = append(rows[:mostRows:mostRows], line{Left: "…", Right: "+" + v.locale().Number(n)})
	}
	v.addRows(table, heading, rows)
}

// noticed says why the mail waits: for each recipient what was noticed, and
// the rules' own names.
func (v *voice) noticed(questions []*queue.Question) {
	var rows []line
	add := func(left, right string) {
		if row := (line{Left: left, Right: right}); !slices.Contains(rows, row) {
			rows = append(rows, row)
		}
	}
	all := v.recipients(questions)
	for _, q := range questions {
		to := v.t("rule")
		if own := v.recipients([]*queue.Question{q}); len(own) < len(all) {
			to = some(v.locale(), own, 3)
		}
		for _, rule := range q.Rules {
			add(to, v.locale().T("notice.quoted", "Subject", explain.RuleName(v.locale(), rule)))
		}
	}
	concerning := slices.DeleteFunc(slices.Clone(v.m.Verdict.Signals), func(s guard.Signal) bool { return !v.concerns(questions, &s) })
	for _, s := range explain.Telling(concerning) {
		left := s.Recipient
		if left == "" {
			left = v.t("whole")
		}
		add(left, v.signal(&s))
	}
	v.addTable(v.t("why"), rows)
}

// concerns tells whether a signal is one of the reasons of questions. A check
// that failed always is (P6).
func (a *affair) concerns(questions []*queue.Question, s *guard.Signal) bool {
	if s.Code == guard.CodeFailed {
		return true
	}
	return slices.ContainsFunc(questions, func(q *queue.Question) bool {
		return (s.Recipient == "" || a.isAbout(q, s.Recipient)) && (len(q.Codes) == 0 || slices.Contains(q.Codes, s.Code))
	})
}

// signal is what was noticed, in words: the evidence, what helps, and, to the
// sender, who was meant perhaps.
func (v *voice) signal(s *guard.Signal) string {
	reader := v.mayKnow()
	said := explain.For(reader, v.locale(), *s, v.affair.name)
	parts := []string{said.Evidence}
	if said.Advice != "" {
		parts = append(parts, said.Advice)
	}
	if meant := v.m.Verdict.Meant(s); len(meant) > 0 && reader == explain.Sender {
		parts = append(parts, v.t("instead", "Addresses", strings.Join(meant[:min(3, len(meant))], ", ")))
	}
	for i, p := range parts[:len(parts)-1] {
		if p = strings.TrimSpace(p); !strings.HasSuffix(p, "?") && !strings.HasSuffix(p, "!") {
			p = strings.TrimRight(p, ".;") + "."
		}
		parts[i] = p
	}
	return strings.Join(parts, " ")
}

// mayKnow is how much of what was noticed the reader may know: approvers learn
// words of a mail only from a rule that shows it to them (P8), and nobody but
// the sender to whom the sender writes (P11).
func (v *voice) mayKnow() explain.Reader {
	switch {
	case v.keeper:
		return explain.Sender
	case slices.ContainsFunc(v.open, func(q *queue.Question) bool { return q.Show }):
		return explain.Shown
	}
	return explain.Covered
}

// besides says who else is asked and how many have to say yes.
func (v *voice) besides() {
	for _, q := range v.open {
		others := slices.DeleteFunc(slices.Clone(q.Of), func(who string) bool { return who == v.reader })
		if len(others) == 0 {
			continue
		}
		text := v.t("besides", "Names", some(v.locale(), v.affair.names(others), 6))
		v.add(para, text+" "+v.needed(q))
		v.saidYes(q)
	}
}

// needed says how many have to say yes.
func (v *voice) needed(q *queue.Question) string {
	return v.locale().N("question.need", max(1, q.Need))
}

// saidYes says who has said yes already, where more than one has to.
func (v *voice) saidYes(q *queue.Question) {
	var yes []string
	for _, answer := range q.Answers {
		if answer.Yes {
			yes = append(yes, v.answerer(answer.Person, answer.By))
		}
	}
	if len(yes) > 0 {
		v.add(para, v.t("yesof", "Names", v.locale().List(yes)))
	}
}

// answerer is what somebody who answered is called.
func (v *voice) answerer(person, by string) string {
	for _, who := range []string{person, by} {
		if strings.Contains(who, "@") { // "command line (root)" is nobody to a reader
			return v.name(who)
		}
	}
	return v.locale().T("notice.admin")
}

// mailItself attaches the mail where those asked may read it, and says why not
// where it is too large.
func (v *voice) mailItself(ctx context.Context) {
	show := slices.ContainsFunc(v.open, func(q *queue.Question) bool { return q.Show })
	switch {
	case !show:
		v.add(para, v.t("hidden"))
	case v.m.Size > v.s.options.InlineDraft:
		v.add(para, v.t("toolarge", "Size", v.locale().Size(v.m.Size)))
	case v.bare || !v.s.readable(ctx, v.m):
		v.add(para, v.t("unreadable"))
	default:
		v.shown = v.m
		v.add(para, v.t("shown"))
	}
}

// readable tells whether a message's bytes are still there.
func (s *Service) readable(ctx context.Context, m *queue.Message) bool {
	body, err := s.options.Store.OpenBody(ctx, m.ID)
	if err == nil {
		body.Close()
	}
	return !errors.Is(err, queue.ErrBodyGone) && !errors.Is(err, queue.ErrNotFound)
}

// silence says what happens if nobody answers, and when.
func (v *voice) silence(questions []*queue.Question) {
	for _, q := range questions {
		id := "silence.return"
		switch {
		case q.Silence == guard.SilenceRelease:
			id = "silence.release"
		case v.keeper && v.may(access.SeeDraft):
			id = "silence.back"
		case v.keeper:
			id = "silence.kept"
		}
		text := v.t(id, "When", v.locale().When(q.Expires, v.now), "Until", v.locale().Until(q.Expires.Sub(v.now)))
		if !slices.ContainsFunc(v.blocks, func(b block) bool { return b.Text == text }) {
			v.add(para, text)
		}
	}
}

// delay says when the mail leaves after a yes, where its delay is not over
// before anybody could answer.
func (v *voice) delay() {
	var last time.Time
	for _, d := range v.m.Deliveries {
		if d.State == queue.Held && d.Gate != "" && d.Due.After(last) {
			last = d.Due
		}
	}
	if wait := last.Sub(v.now); wait > 15*time.Minute {
		v.add(para, v.t("delay", "When", v.locale().When(last, v.now), "Until", v.locale().Until(wait)))
	}
}

// waits tells a sender who is asked themselves what else the mail waits for.
func (v *voice) waits(others []*queue.Question) {
	if len(others) == 0 {
		return
	}
	v.asked(others, v.t("also"))
	v.noticed(others)
	v.silence(others)
}

// asked says whose approval a mail waits for.
func (v *voice) asked(questions []*queue.Question, heading string) {
	var rows []line
	for _, q := range questions {
		right := some(v.locale(), v.affair.names(q.Of), 6)
		if len(q.Of) > 1 {
			right += ". " + v.needed(q)
		}
		rows = append(rows, line{Left: some(v.locale(), v.recipients([]*queue.Question{q}), 3), Right: right})
	}
	if heading == "" {
		heading = v.t("waitsfor")
	}
	v.addTable(heading, rows)
}
