package expect

import (
	"math"
	"math/bits"
	"slices"
	"strings"
	"time"

	"belay/internal/guard"
	"belay/internal/guard/parties"
	"belay/internal/history"
	"belay/internal/mail"
	"belay/internal/reading"
)

// Where a word stands in a mail.
const (
	inOpening  = 1 << iota // in its first line: whom it greets
	inBody                 // further on in the writer's own words
	inSubject              // in its subject
	inWriter               // in the first lines of what is quoted: who wrote that
	inAudience             // in the lines behind: who got it
	inQuoted               // further on in what is quoted
	inGreeting             // in its first words, before a comma or the end of the line
)

// occasion is one mail, ready to be compared with everybody who might get it.
type occasion struct {
	people *people
	look   *guard.Look
	past   *history.Past
	circle *circle
	now    time.Time
	author *who
	house  string  // the domain of their organisation
	list   []party // recipients, each once, never the author

	zones   map[uint32]uint8 // where words stand, by hash
	bloom   [64]uint64
	cited   reading.Cited
	writer  string // cited.From in small letters
	heard   string // cited.To in small letters
	quoted  string // what is quoted, in small letters
	own     int    // words of the writer's own text
	names   int    // given names in the opening
	answer  bool
	forward bool
	cites   bool // quoted text is there

	terms       int
	weights     map[uint16]float32 // of the mail's terms
	bloom16     [1024]uint64
	norm        float32
	subjectMark uint32

	text    []near // of the people of the trail: how near their mails are to this one
	subject []sameSubject
	seen    []recent
	mask    []uint64 // of Trail.Mails: which recipients were on it

	thread map[string]*onThread

	nearDomains map[string]nearDomain // by domain of a recipient
}

// party is one recipient.
type party struct {
	key, main string
	name      string
	who       *who
	contact   int // in circle.contacts, or -1
	person    int // in Trail.People, or -1
	visible   bool
	ours      bool
}

// near is how near earlier mails are by their words.
type near struct {
	sent, got   float32    // the nearest that went to them; that came from them
	beside      float32    // the nearest that both got
	top         [3]float32 // the nearest sent ones, best first
	sum, weight float32
	length      float32 // of the sent ones, by the logarithm of their terms, weighted
}

// sameSubject is what mails of the same subject there were.
type sameSubject struct {
	sent, from, beside float32
}

// recent is how long ago somebody last was on a mail, in mails.
type recent struct{ sent, got int32 }

// onThread is somebody's part in the thread.
type onThread struct {
	mails    int // that they were on
	wrote    int
	last     int // how many mails ago they were last on it; 0 is the last one
	lastAt   time.Time
	wroteEnd bool // they wrote the last mail
	dropped  bool // the author wrote after they were on, without them
	met      bool // they were on a mail of it that the author wrote or got
}

// maxList is for how many recipients of a mail is told who was with whom.
const maxList = 64

func (p *people) occasionOf(l *guard.Look) *occasion {
	o := &occasion{people: p, look: l, past: l.Past, circle: &circle{}, now: l.Time}
	if o.past != nil && o.past.Self != nil {
		o.circle = p.circleOf(o.past)
	}
	all := parties.Of(l)
	o.author, o.house = p.of(all.Author.Name, all.Author.Main), houseOf(all.Author.Main)
	for i := range all.Recipients {
		r := &all.Recipients[i]
		one := party{key: r.Key, main: r.Main, name: r.Name, visible: r.Visible, ours: r.Ours, contact: -1, person: -1}
		if n, there := o.circle.place[r.Main]; there {
			one.contact, one.person = n, int(o.circle.person[n])
			if one.name == "" {
				one.name = o.circle.contacts[n].Name
			}
		}
		one.who = p.of(one.name, one.key)
		o.list = append(o.list, one)
	}
	o.read()
	o.walk()
	o.follow()
	return o
}

// read notes which words stand where.
func (o *occasion) read() {
	m := o.look.Mail
	o.zones = make(map[uint32]uint8, 128)
	s := o.look.Summary
	bare := mail.BareSubject(s.Subject)
	full := strings.ToLower(strings.TrimSpace(s.Subject))
	o.forward = forwards(full)
	o.answer = len(s.InReplyTo)+len(s.References) > 0 || bare != strings.Join(strings.Fields(full), " ") && !o.forward
	o.mark(m.SubjectWords(), inSubject)
	for i := range m.Texts {
		t := &m.Texts[i]
		words := t.Words()
		o.own += len(words)
		opening := 0
		for opening < len(words) && opening < 6 && words[opening].Line == words[0].Line {
			opening++
		}
		o.mark(words[:opening], inOpening)
		o.mark(words[:greeting(t.Own, words)], inGreeting)
		for _, w := range words[:opening] {
			if isName(w.Folded) {
				o.names++
			}
		}
		o.mark(words[opening:min(len(words), 400)], inBody)
		o.cite(t)
	}
}

func (o *occasion) mark(words []reading.Word, zone uint8) {
	for i := range words {
		w := words[i].Folded
		if len(w) < 2 {
			continue
		}
		o.markHash(hash(w), zone)
		if zone&(inOpening|inBody|inGreeting) != 0 {
			for _, u := range usual(w) {
				o.markHash(usualHash(u), zone)
			}
		}
	}
}

func (o *occasion) markHash(h uint32, zone uint8) {
	o.zones[h] |= zone
	o.bloom[h>>6&63] |= 1 << (h & 63)
}

func (o *occasion) zone(h uint32) uint8 {
	if o.bloom[h>>6&63]&(1<<(h&63)) == 0 {
		return 0
	}
	return o.zones[h]
}

// forwards tells whether a subject in small letters says that it passes a mail on.
func forwards(subject string) bool {
	prefix, _, found := strings.Cut(subject, ":")
	return found && slices.Contains(forwardPrefixes, strings.TrimSpace(prefix))
}

// forwardPrefixes are what mail programs put before the subject of a forward.
var forwardPrefixes = []string{"fw", "fwd", "pd", "rv", "i", "ilt", "vs", "vb", "wg", "tr"}

// greeting is how many words at the top may greet somebody: those before a comma,
// a colon or the end of the line, if they are few.
func greeting(text string, words []reading.Word) int {
	for i := range words[:min(len(words), 5)] {
		rest := text[words[i].End:]
		if rest == "" || strings.IndexByte(",:;!-\n", rest[0]) >= 0 || strings.HasPrefix(rest, " -") || strings.HasPrefix(rest, "–") || strings.HasPrefix(rest, " –") {
			return i + 1
		}
	}
	return 0
}

// cite notes who stands at the head of what is quoted.
func (o *occasion) cite(t *reading.Text) {
	if t.Quoted == "" || o.cites {
		return
	}
	o.cites = true
	quoted := t.Quoted[:min(len(t.Quoted), maxQuoted)]
	o.cited = reading.CitedIn(quoted)
	o.forward = o.forward || o.cited.Forwarded
	o.writer, o.heard, o.quoted = strings.ToLower(o.cited.From), strings.ToLower(o.cited.To), strings.ToLower(quoted)
	o.mark(reading.WordsOf(o.cited.From), inWriter)
	o.mark(reading.WordsOf(o.cited.To), inAudience)
	o.mark(reading.WordsOf(quoted), inQuoted)
}

// walk goes through the author's trail.
func (o *occasion) walk() {
	if o.past == nil || o.past.Self == nil {
		return
	}
	t, c := &o.past.Self.Trail, o.circle
	n := len(t.People)
	o.text, o.subject, o.seen = make([]near, n), make([]sameSubject, n), make([]recent, n)
	o.mask = make([]uint64, len(t.Mails))
	terms := history.TermsOf(o.look.Mail)
	o.terms = len(terms)
	weights := make(map[uint16]float32, len(terms))
	norm := float32(0)
	for _, term := range terms {
		w := c.idf(term)
		weights[term] = w * w
		o.bloom16[term>>6] |= 1 << (term & 63)
		norm += w * w
	}
	norm = float32(math.Sqrt(float64(norm)))
	o.weights, o.norm = weights, norm
	bit := make(map[uint16]uint, len(o.list))
	for i := range o.list {
		if o.list[i].person >= 0 && i < maxList {
			bit[uint16(o.list[i].person)] = uint(i)
		}
	}
	subject := history.SubjectMark(o.look.Summary.Subject)
	o.subjectMark = subject
	before := o.now.Unix()
	sent, got := int32(0), int32(0)
	for i := len(t.Mails) - 1; i >= 0; i-- {
		m := &t.Mails[i]
		if m.At > before {
			continue
		}
		if m.Sent {
			sent++
		} else {
			got++
		}
		dot := float32(0)
		for _, term := range m.Terms {
			if o.bloom16[term>>6]&(1<<(term&63)) != 0 {
				dot += weights[term]
			}
		}
		sim := float32(0)
		if dot > 0 {
			sim = dot / (norm*c.norm[i] + 1)
		}
		age := float64(before-m.At) / 86400
		weight := float32(math.Exp2(-age / 90))
		for j, p := range m.Who {
			if b, there := bit[p]; there {
				o.mask[i] |= 1 << b
			}
			o.note(m, int(p), j, sim, weight, sent, got)
			if subject != 0 && m.Subject == subject {
				o.noteSubject(m, int(p), j)
			}
		}
	}
}

func (o *occasion) note(m *history.Trace, p, j int, sim, weight float32, sent, got int32) {
	n, r := &o.text[p], &o.seen[p]
	switch {
	case m.Sent:
		n.sent = max(n.sent, sim)
		if len(m.Terms) > 0 { // else what it was about is forgotten
			n.sum += sim * weight
			n.weight += weight
			n.length += weight * ln(float64(len(m.Terms)))
		}
		for k := range n.top {
			if sim > n.top[k] {
				sim, n.top[k] = n.top[k], sim
			}
		}
		if r.sent == 0 {
			r.sent = sent
		}
	case j == 0:
		n.got = max(n.got, sim)
		if r.got == 0 {
			r.got = got
		}
	default:
		n.beside = max(n.beside, sim)
	}
}

func (o *occasion) noteSubject(m *history.Trace, p, j int) {
	s := &o.subject[p]
	switch {
	case m.Sent:
		s.sent++
	case j == 0:
		s.from++
	default:
		s.beside++
	}
}

// follow notes who was on the thread.
func (o *occasion) follow() {
	if o.past == nil || o.past.Thread == nil {
		return
	}
	mails := o.past.Thread.Mails
	o.thread = map[string]*onThread{}
	me := o.author.key
	for i := range mails {
		m := &mails[i]
		ago := len(mails) - 1 - i
		mine := m.Author == me || slices.Contains(m.To, me)
		on := func(key string) *onThread {
			t := o.thread[key]
			if t == nil {
				t = &onThread{}
				o.thread[key] = t
			}
			t.mails++
			t.last, t.lastAt, t.dropped, t.met = ago, m.Time, false, t.met || mine
			return t
		}
		there := map[string]bool{m.Author: true}
		w := on(m.Author)
		w.wrote++
		w.wroteEnd = ago == 0
		for _, key := range m.To {
			if !there[key] {
				there[key] = true
				on(key)
			}
		}
		if m.Author == me {
			for key, t := range o.thread {
				if !there[key] {
					t.dropped = true
				}
			}
		}
	}
}

// others is how many recipients beside one there are whom the author wrote to or
// heard from.
func (o *occasion) others(except int) int {
	n := 0
	for i := range o.list {
		if i != except && o.list[i].person >= 0 {
			n++
		}
	}
	return n
}

// together tells for everybody of the trail how often they stood beside the
// others of the mail, as a share of the mails that any of those were on: without
// the recipient at a position, whom they might take the place of.
func (o *occasion) together(except int) []float32 {
	if o.past == nil || o.past.Self == nil {
		return nil
	}
	t := &o.past.Self.Trail
	with := make([]float32, len(t.People))
	all := float32(0)
	before := o.now.Unix()
	for i := range t.Mails {
		m := &t.Mails[i]
		mask := o.mask[i]
		if except >= 0 && except < maxList {
			mask &^= 1 << uint(except)
		}
		if mask == 0 || m.At > before {
			continue
		}
		n := float32(bits.OnesCount64(mask))
		n *= n / float32(len(m.Who))
		n *= float32(math.Exp2(-float64(before-m.At) / 86400 / 120))
		all += n
		for _, p := range m.Who {
			with[p] += n
		}
	}
	if all > 0 {
		for i := range with {
			with[i] /= all + 0.3
		}
	}
	return with
}
