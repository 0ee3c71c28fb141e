package expect

import (
	"math"
	"strings"

	"belay/internal/guard/names"
	"belay/internal/history"
	"belay/internal/mail"
)

func isName(folded string) bool { return names.Listed(folded) }

func usual(folded string) []string { return names.Usual(folded) }

// What is compared of everybody who might get a mail.
const (
	fSent     = iota // mails of the author to them that speak for them, ln(1+n)
	fReceived        // mails from them
	fWarm            // the same, where each counts half after 60 days
	fWarmReceived
	fSinceSent      // hours since the last one to them, ln
	fSinceReceived  // hours since the last one from them, ln
	fShare          // their share of the author's mails
	fAlone          // share of those that went to them alone
	fSeenSent       // how many mails ago one went to them, ln; 7 is never
	fSeenGot        // how many ago one came from them
	fOwed           // 1: they wrote last, within a week
	fTextSent       // nearness of the nearest mail that went to them, by words
	fTextTop        // mean of the three nearest
	fTextMean       // mean of all, later ones weigh more
	fTextGot        // nearest that came from them
	fTextBeside     // nearest that both got
	fSubjectSent    // mails of this subject to them, ln
	fSubjectFrom    // from them
	fSubjectBeside  // that both got
	fTogether       // how often they stood beside the others of this mail
	fDomainTogether // share of the others that are of their domain
	fOpenGiven      // 1: their given name is in the first line
	fOpenFamily     // their family name
	fOpenWord       // anything they are called by
	fBodyGiven      // further on in the text
	fBodyFamily
	fSubjectName   // in the subject
	fWriterBoth    // 1: they wrote what is quoted, by both names or the address
	fWriterAny     // some word of theirs stands there
	fAudienceBoth  // 1: what is quoted went to them
	fQuotedBoth    // both names stand somewhere in it
	fQuotedAddress // their address does
	fAnswerWriter  // fWriterBoth of a mail that answers
	fAnswerHeard   // fAudienceBoth of one
	fForwardWriter // fWriterBoth of a mail that passes on
	fGreeted       // 1: named before the first comma or line end
	fSelf          // 1: the author's own other address, by the name
	fThreadWriter  // 1: they wrote the last mail of the thread
	fThreadLast    // 1: they were on it
	fThreadShare   // share of its mails that they were on
	fThreadAgo     // 1/(1+mails since they were)
	fThreadDropped // 1: the author wrote on it without them since
	fKnown         // 1: a contact
	fOffice        // colleagues who write there, ln, of one who is none
	nFit
)

// fitNames name the columns of a candidate, for tables.
var fitNames = [nFit]string{"sent", "received", "warm", "warm received", "since sent", "since received", "share", "alone", "seen sent", "seen got", "owed",
	"text sent", "text top", "text mean", "text got", "text beside", "subject sent", "subject from", "subject beside", "together", "domain together",
	"open given", "open family", "open word", "body given", "body family", "subject name", "writer both", "writer any", "audience both", "quoted both", "quoted address", "answer writer", "answer heard", "forward writer", "greeted", "self",
	"thread writer", "thread last", "thread share", "thread ago", "thread dropped", "known", "office"}

func ln(x float64) float32 { return float32(math.Log1p(max(0, x))) }

func truth(b bool) float32 {
	if b {
		return 1
	}
	return 0
}

// setting is the mail without one of its recipients, whose place somebody else
// may have.
type setting struct {
	o        *occasion
	except   int
	with     []float32
	others   int
	domains  map[string]int // of the others
	nDomains int
}

func (o *occasion) setting(except int) *setting {
	s := &setting{o: o, except: except, others: o.others(except), domains: map[string]int{}}
	if len(o.list) > 1 {
		s.with = o.together(except)
	}
	for i := range o.list {
		if i != except {
			s.domains[o.list[i].who.domain]++
			s.nDomains++
		}
	}
	return s
}

// fit fills in what speaks for somebody: a contact (n ≥ 0), or a stranger (n < 0).
func (s *setting) fit(w *who, n, person int, main string, row []float32) {
	o := s.o
	for i := range row[:nFit] {
		row[i] = 0
	}
	row[fSinceSent], row[fSinceReceived] = 9, 9
	row[fSeenSent], row[fSeenGot] = 7, 7
	if n >= 0 {
		s.fitContact(o.circle.contacts[n], row)
	} else if a := o.office(main); a != nil {
		row[fOffice] = ln(float64(max(1, a.Colleagues)))
	}
	if person >= 0 {
		s.fitTrail(person, row)
	}
	if s.nDomains > 0 {
		row[fDomainTogether] = float32(s.domains[w.domain]) / float32(s.nDomains)
	}
	s.fitNames(w, row)
	// Of who was on it only among colleagues, nothing is told that is not on the mail.
	if t := o.thread[main]; t != nil && (n >= 0 || t.met || s.except >= 0) {
		row[fThreadWriter] = truth(t.wroteEnd)
		row[fThreadLast] = truth(t.last == 0)
		row[fThreadShare] = float32(t.mails) / float32(len(o.past.Thread.Mails))
		row[fThreadAgo] = 1 / float32(1+t.last)
		row[fThreadDropped] = truth(t.dropped)
	}
}

func (s *setting) fitContact(c *history.Contact, row []float32) {
	o := s.o
	row[fKnown] = 1
	row[fSent], row[fReceived] = ln(float64(c.Trusted())), ln(float64(c.Received))
	row[fWarm], row[fWarmReceived] = ln(float64(c.WarmAt(o.now))), ln(float64(c.WarmReceivedAt(o.now)))
	if !c.LastSent.IsZero() {
		row[fSinceSent] = ln(o.now.Sub(c.LastSent).Hours())
	}
	if !c.LastReceived.IsZero() {
		row[fSinceReceived] = ln(o.now.Sub(c.LastReceived).Hours())
		row[fOwed] = truth(c.LastReceived.After(c.LastSent) && o.now.Sub(c.LastReceived).Hours() < 24*7)
	}
	row[fShare] = float32(c.Trusted()) / float32(o.past.Mails+5)
	row[fAlone] = float32(c.Alone) / float32(c.Sent+1)
}

func (s *setting) fitTrail(p int, row []float32) {
	o := s.o
	n := &o.text[p]
	row[fTextSent], row[fTextGot], row[fTextBeside] = n.sent, n.got, n.beside
	row[fTextTop] = (n.top[0] + n.top[1] + n.top[2]) / 3
	row[fTextMean] = n.sum / (n.weight + 1)
	if o.seen[p].sent > 0 {
		row[fSeenSent] = ln(float64(o.seen[p].sent))
	}
	if o.seen[p].got > 0 {
		row[fSeenGot] = ln(float64(o.seen[p].got))
	}
	same := &o.subject[p]
	row[fSubjectSent], row[fSubjectFrom], row[fSubjectBeside] = ln(float64(same.sent)), ln(float64(same.from)), ln(float64(same.beside))
	if s.with != nil {
		row[fTogether] = s.with[p]
	}
}

// fitNames notes where the mail names them.
func (s *setting) fitNames(w *who, row []float32) {
	o := s.o
	given, family := uint8(0), uint8(0)
	for _, h := range w.given {
		given |= o.zone(h)
	}
	for _, h := range w.family {
		family |= o.zone(h)
	}
	words := given | family
	for _, h := range w.words {
		words |= o.zone(h)
	}
	row[fOpenGiven], row[fOpenFamily], row[fOpenWord] = truth(given&inOpening != 0), truth(family&inOpening != 0), truth(words&inOpening != 0)
	row[fBodyGiven], row[fBodyFamily] = truth(given&inBody != 0), truth(family&inBody != 0)
	row[fSubjectName] = truth(words&inSubject != 0)
	address := false
	if o.quoted != "" && (words&(inWriter|inAudience|inQuoted) != 0 || len(w.given) == 0) {
		address = strings.Contains(o.quoted, w.key)
	}
	writer := given&family&inWriter != 0 || address && strings.Contains(o.writer, w.key)
	heard := given&family&inAudience != 0 || address && strings.Contains(o.heard, w.key)
	row[fWriterBoth], row[fWriterAny] = truth(writer), truth(words&inWriter != 0)
	row[fAudienceBoth] = truth(heard)
	row[fQuotedBoth], row[fQuotedAddress] = truth(given&family&inQuoted != 0), truth(address)
	if o.forward {
		row[fForwardWriter] = truth(writer)
	} else {
		row[fAnswerWriter], row[fAnswerHeard] = truth(writer), truth(heard)
	}
	row[fGreeted] = truth(words&inGreeting != 0)
	row[fSelf] = o.self(w)
}

// self is how much somebody's name is the author's own.
func (o *occasion) self(w *who) float32 {
	a := o.author
	switch {
	case w.key == a.key:
		return 1
	case a.last != "" && len(a.last) > 3 && strings.Contains(w.local, a.last) && (a.first == "" || strings.Contains(w.local, a.first[:1])),
		len(a.local) > 4 && w.local == a.local:
		return 1
	}
	return 0
}

// office is what colleagues know of somebody who is no contact; nil: nothing, or
// nothing that the author may be told of.
func (o *occasion) office(main string) *history.Acquaintance {
	if o.past == nil {
		return nil
	}
	if a := o.past.Office[main]; a != nil {
		return a
	}
	if a := o.past.Colleagues[main]; a != nil && a.Open(mail.Domain(main) == o.house) {
		return a
	}
	return nil
}
