package expect

import (
	"math"
	"slices"
	"strings"

	"belay/internal/guard"
	"belay/internal/guard/parties"
	"belay/internal/history"
)

// What is told of a recipient beyond what is compared of everybody (fit).
const (
	sFit           = nFit + iota // how well they fit, by the comparison of candidates
	sRank                        // how many others fit better, ln
	sSoft                        // log of their share among all who might stand there
	sBest                        // by how much the best other fits better
	sInstead                     // the same of the likeliest to be meant instead, who may be taken for them
	sInsteadShare                // how sure it is that it is that one
	sInsteadPrefix               // what the two have in common
	sInsteadGiven
	sInsteadDistance
	sInsteadDomain
	sInsteadSent // what that one has more of
	sInsteadText
	sInsteadOpen
	sInsteadQuoted
	sInsteadThread
	sInsteadTogether
	sInsteadSubject
	sBestText // what the best other has more of
	sBestQuoted
	sBestOpen
	sBestThread
	sOthersFit   // by how much they fit better than the others of the mail: on average
	sOthersBest  // than the best of them
	sOthersWorst // than the worst
	sOrder       // share of the others that fit worse
	sOthersKnown // share of the others that are contacts, on the thread, quoted
	sOthersThread
	sOthersQuoted
	sPeerMails // mails that the recipient wrote, ln; -1 is not known
	sPeerKnows // how well they know the others of the mail
	sPeerKnowsShare
	sPeerText // nearness of what they wrote, what they got, mails of this subject
	sPeerGot
	sPeerSubject
	sColleagues // colleagues who write there, ln
	sColleaguesSent
	sDomainColleagues // the same of the domain
	sDomainSent
	sDomainMine // contacts of the author in the domain, ln
	sDomainOnly // 1: they are the only one
	sOurs       // whose address it is
	sAuthorDomain
	sPrivate
	sList
	sNamed     // 1: a name stands beside the address
	sNearKnown // 2: an established address of the author is nearly the same, 1: of others
	sNearSent
	sRecipients // the mail: how many get it
	sPlace      // at which place they stand
	sVisible
	sOwnWords // words of its own, ln
	sTerms
	sAnswer
	sForward
	sCites
	sNamesOpening // given names in the first line
	sOpeningMet   // how many of them are recipients
	sMails        // mails of the author, ln
	sContacts
	sThread // mails of the thread, ln
	sThreadAge
	sHere         // 1: the author has a profile
	sWriterIn     // whoever is quoted gets the mail
	sWriterOut    // 1: a contact who is quoted does not
	sWriterMargin // by how much that one fits better
	sWriterSelf   // 1: the author quotes themself
	sWriterSaid
	sHeardIn  // share of the recipients whom the quoted mail went to
	sHeardOut // others whom it went to, ln
	sGreetIn  // 1: a recipient is greeted
	sGreetOut // contacts who are greeted and do not get it
	sGreetMargin
	sOpenOut
	sSubjectIn // mails of this subject from a recipient, from others
	sSubjectOut
	sThreadMails   // mails since they were on the thread; -1 is never
	sThreadDays    // days since
	sThreadWrote   // mails of theirs on it
	sThreadCover   // share of those on its last mail who get this one
	sThreadNew     // share of the recipients who were not on it
	sThreadOnlyNew // 1: they are the only one, and were on it before or never
	sLength        // how unlike in length to mails to them
	sSlip          // letters by which the address differs from a contact's; 3 is more than two
	sSlipSent      // how often that one is written to
	sSlipMargin
	sSlipDomain // the same of the domain
	sTwin       // 2: a contact has the same local part elsewhere, 1: the same name
	sTwinSent
	sTwinMargin
	sUnseen     // 1: nobody here ever saw the address
	sLocal      // its length before the @
	sNameFits   // share of the name beside it that is in the address
	sNameSlip   // parts that are in it but for a slip
	sNameListed // 1: it begins with a usual given name
	sSignals
)

// The signals of other detectors about a recipient, as columns from sSignals on.
var signalColumns = []string{"recipient.lookalike", "recipient.twin", "recipient.first-contact", "greeting.mismatch", "thread.outsider", "thread.returned", "organisation.wrong"}

const nSuspect = sSignals + 7

// maxSlots is for how many recipients of a mail alternatives are looked for.
const maxSlots = 24

// maxPairs is how many alternatives are looked at for all recipients of a mail
// together: where somebody has very many contacts, they are looked for in the
// place of fewer recipients.
const maxPairs = 100_000

// candidate is somebody who may be meant.
type candidate struct {
	main    string
	who     *who
	contact int
	person  int
	row     []float32 // base: without what depends on the place
	score   float64
}

// study is all that a mail shows.
type study struct {
	o        *occasion
	m        *Model
	all      []candidate
	slots    []slot
	suspects []float32 // len(o.list) rows of nSuspect
}

// slot is one recipient, and who else might stand there.
type slot struct {
	set     *setting
	scores  []float64 // of all
	own     float64
	row     []float32 // fit of the recipient
	best    int       // in all, or -1
	instead []choice
	rank    int
	soft    float64
}

type choice struct {
	n     int // in study.all
	score float64
	conf  [nConfusable]float32
}

// maxChoices is how many alternatives are looked at.
const maxChoices = 8

func (p *people) study(l *guard.Look, signals []guard.Signal, m *Model) *study {
	s := &study{o: p.occasionOf(l), m: m}
	s.gather(signals)
	s.slots = make([]slot, len(s.o.list))
	for i := range s.slots {
		s.fill(i)
	}
	s.suspects = make([]float32, len(s.o.list)*nSuspect)
	for i := range s.slots {
		s.suspect(i, signals, s.suspects[i*nSuspect:(i+1)*nSuspect])
	}
	return s
}

// gather lists everybody who may be meant: the author's contacts, those on the
// thread, and whom other detectors name.
func (s *study) gather(signals []guard.Signal) {
	o := s.o
	there := make(map[string]bool, len(o.list)+1)
	there[o.author.key] = true
	for i := range o.list {
		there[o.list[i].main] = true
	}
	var extra []string
	add := func(main string) {
		if main != "" && !there[main] {
			there[main] = true
			if _, known := o.circle.place[main]; !known {
				extra = append(extra, main)
			}
		}
	}
	for key, t := range o.thread {
		if t.met { // whom only colleagues wrote to is not for the author to know (P11)
			add(key)
		}
	}
	for i := range signals {
		for _, a := range signals[i].Instead {
			add(parties.MainOf(o.look, a))
		}
	}
	slices.Sort(extra)
	for i := range o.list {
		there[o.list[i].main] = true
	}
	base := &setting{o: o, except: -1}
	n := len(o.circle.contacts) + len(extra)
	rows := make([]float32, n*nFit)
	s.all = make([]candidate, 0, n)
	one := func(c candidate) {
		c.row = rows[len(s.all)*nFit : (len(s.all)+1)*nFit]
		base.fit(c.who, c.contact, c.person, c.main, c.row)
		c.score = s.m.fit(c.row)
		s.all = append(s.all, c)
	}
	listed := make(map[int]bool, len(o.list))
	for i := range o.list {
		if o.list[i].contact >= 0 {
			listed[o.list[i].contact] = true
		}
	}
	for i, c := range o.circle.contacts {
		if !listed[i] && c.Address != o.author.key {
			one(candidate{main: c.Address, who: o.circle.who[i], contact: i, person: int(o.circle.person[i])})
		}
	}
	for _, main := range extra {
		one(candidate{main: main, who: o.people.of("", main), contact: -1, person: -1})
	}
}

// fill compares a recipient with everybody.
func (s *study) fill(i int) {
	o, sl := s.o, &s.slots[i]
	r := &o.list[i]
	sl.set = o.setting(i)
	sl.row = make([]float32, nFit)
	sl.set.fit(r.who, r.contact, r.person, r.main, sl.row)
	sl.own = s.m.fit(sl.row)
	sl.best = -1
	if i >= min(maxSlots, max(1, maxPairs/(len(s.all)+1))) {
		return
	}
	sl.scores = make([]float64, len(s.all))
	top, sum := sl.own, 0.0
	for n := range s.all {
		c := &s.all[n]
		v := c.score + s.m.place(sl.together(c.person), sl.set.domainShare(c.who.domain))
		sl.scores[n] = v
		if v > sl.own {
			sl.rank++
		}
		if sl.best < 0 || v > sl.scores[sl.best] {
			sl.best = n
		}
		top = max(top, v)
	}
	for _, v := range sl.scores {
		sum += math.Exp(v - top)
	}
	sl.soft = sl.own - top - math.Log(sum+math.Exp(sl.own-top))
	s.choose(i)
}

func (sl *slot) together(person int) float32 {
	if sl.set.with == nil || person < 0 {
		return 0
	}
	return sl.set.with[person]
}

func (s *setting) domainShare(domain string) float32 {
	if s.nDomains == 0 {
		return 0
	}
	return float32(s.domains[domain]) / float32(s.nDomains)
}

// choose finds who may be meant in a recipient's place, best first.
func (s *study) choose(i int) {
	o, sl := s.o, &s.slots[i]
	r := &o.list[i]
	sent := s.sentTo(r.contact)
	for n := range s.all {
		c := &s.all[n]
		one := choice{n: n}
		confuse(c.who, r.who, s.sentTo(c.contact), sent, one.conf[:])
		one.score = s.m.instead(sl.scores[n], c.row, &one.conf, sl.together(c.person), sl.set.domainShare(c.who.domain))
		at, _ := slices.BinarySearchFunc(sl.instead, one.score, func(a choice, score float64) int {
			if a.score >= score {
				return -1
			}
			return 1
		})
		if at < maxChoices {
			sl.instead = slices.Insert(sl.instead, at, one)
			sl.instead = sl.instead[:min(len(sl.instead), maxChoices)]
		}
	}
}

func (s *study) sentTo(contact int) int {
	if contact < 0 {
		return 0
	}
	return s.o.circle.contacts[contact].Sent
}

// suspect fills in all that is told of a recipient.
func (s *study) suspect(i int, signals []guard.Signal, row []float32) {
	sl := &s.slots[i]
	copy(row, sl.row)
	row[sFit], row[sRank], row[sSoft] = float32(sl.own), ln(float64(sl.rank)), float32(sl.soft)
	s.alternatives(i, row)
	s.othersOf(i, row)
	s.peer(i, row)
	s.address(i, row)
	s.mail(i, row)
	s.clues(i, row)
	s.threadOf(i, row)
	s.slips(i, row)
	for k, code := range signalColumns {
		for n := range signals {
			if g := &signals[n]; g.Code == code && (g.Recipient == "" || g.Recipient == s.o.list[i].key) {
				row[sSignals+k] = max(row[sSignals+k], float32(g.Score))
			}
		}
	}
}

func (s *study) alternatives(i int, row []float32) {
	sl := &s.slots[i]
	if sl.best >= 0 {
		b := s.all[sl.best].row
		row[sBest] = float32(sl.scores[sl.best] - sl.own)
		row[sBestText] = b[fTextSent] - sl.row[fTextSent]
		row[sBestQuoted] = quoted(b) - quoted(sl.row)
		row[sBestOpen] = opened(b) - opened(sl.row)
		row[sBestThread] = b[fThreadAgo] - sl.row[fThreadAgo]
	}
	if len(sl.instead) == 0 {
		return
	}
	top := &sl.instead[0]
	c := s.all[top.n].row
	sum := 0.0
	for k := range sl.instead {
		sum += math.Exp(sl.instead[k].score - top.score)
	}
	row[sInstead], row[sInsteadShare] = float32(sl.scores[top.n]-sl.own), float32(1/sum)
	row[sInsteadPrefix], row[sInsteadGiven] = max(top.conf[cPrefix], top.conf[cNamePrefix]), top.conf[cSameGiven]
	row[sInsteadDistance], row[sInsteadDomain] = max(top.conf[cDistance], top.conf[cDomainDistance]), top.conf[cSameDomain]
	row[sInsteadSent] = c[fSent] - sl.row[fSent]
	row[sInsteadText] = c[fTextSent] - sl.row[fTextSent]
	row[sInsteadOpen] = opened(c) - opened(sl.row)
	row[sInsteadQuoted] = quoted(c) - quoted(sl.row)
	row[sInsteadThread] = c[fThreadAgo] - sl.row[fThreadAgo]
	row[sInsteadTogether] = sl.together(s.all[top.n].person) - sl.row[fTogether]
	row[sInsteadSubject] = c[fSubjectFrom] + c[fSubjectSent] - sl.row[fSubjectFrom] - sl.row[fSubjectSent]
}

func opened(row []float32) float32 { return max(row[fOpenGiven], row[fOpenFamily], row[fOpenWord]*0.7) }

func quoted(row []float32) float32 {
	return max(row[fWriterBoth], row[fWriterAny]*0.8, row[fAudienceBoth]*0.7, row[fQuotedAddress]*0.9, row[fQuotedBoth]*0.4)
}

// othersOf compares a recipient with the others of the mail.
func (s *study) othersOf(i int, row []float32) {
	sl := &s.slots[i]
	best, worst, sum, n, order := math.Inf(-1), math.Inf(1), 0.0, 0, 0
	known, onThread, cited := 0, 0, 0
	for k := range s.slots {
		if k == i {
			continue
		}
		v := s.slots[k].own
		best, worst, sum, n = max(best, v), min(worst, v), sum+v, n+1
		if v < sl.own {
			order++
		}
		other := s.slots[k].row
		known += int(other[fKnown])
		if other[fThreadShare] > 0 {
			onThread++
		}
		if quoted(other) > 0.5 {
			cited++
		}
	}
	if n == 0 {
		nan := float32(math.NaN())
		row[sOthersFit], row[sOthersBest], row[sOthersWorst], row[sOthersKnown], row[sOthersThread], row[sOthersQuoted] = nan, nan, nan, nan, nan, nan
		return
	}
	row[sOthersFit] = float32(sl.own - sum/float64(n))
	row[sOthersBest], row[sOthersWorst] = float32(sl.own-best), float32(sl.own-worst)
	row[sOrder] = float32(order) / float32(n)
	row[sOthersKnown] = float32(known) / float32(n)
	row[sOthersThread], row[sOthersQuoted] = float32(onThread)/float32(n), float32(cited)/float32(n)
}

// peer looks at what is remembered of the recipient themself.
func (s *study) peer(i int, row []float32) {
	o := s.o
	r := &o.list[i]
	p := o.past.Profile(r.main)
	if p == nil {
		row[sPeerMails] = -1
		return
	}
	row[sPeerMails] = ln(float64(p.Mails))
	known, share := float32(0), 0
	for k := range o.list {
		if k == i {
			continue
		}
		if c := p.Contacts[o.list[k].main]; c != nil {
			known += ln(float64(c.Sent + c.Received))
			share++
		}
	}
	if len(o.list) > 1 {
		row[sPeerKnows], row[sPeerKnowsShare] = known/float32(len(o.list)-1), float32(share)/float32(len(o.list)-1)
	} else {
		row[sPeerKnows], row[sPeerKnowsShare] = float32(math.NaN()), float32(math.NaN())
	}
	row[sPeerText], row[sPeerGot], row[sPeerSubject] = o.nearTo(&p.Trail)
}

// nearTo tells how near the mail is to those that somebody else wrote and got.
func (o *occasion) nearTo(t *history.Trail) (wrote, got, subject float32) {
	before := o.now.Unix()
	for i := range t.Mails {
		m := &t.Mails[i]
		if m.At > before || len(m.Who) == 0 {
			continue
		}
		if o.subjectMark != 0 && m.Subject == o.subjectMark {
			subject++
		}
		dot := float32(0)
		for _, term := range m.Terms {
			if o.bloom16[term>>6]&(1<<(term&63)) != 0 {
				dot += o.weights[term]
			}
		}
		if dot == 0 {
			continue
		}
		sim := dot / (o.norm*4*float32(math.Sqrt(float64(len(m.Terms)))) + 1)
		if m.Sent {
			wrote = max(wrote, sim)
		} else {
			got = max(got, sim)
		}
	}
	return wrote, got, ln(float64(subject))
}

func (s *study) address(i int, row []float32) {
	o := s.o
	r := &o.list[i]
	if a := o.past.Colleague(r.main); a != nil {
		row[sColleagues], row[sColleaguesSent] = ln(float64(a.Others)), ln(float64(a.Sent))
	}
	domain := r.who.domain
	if o.past != nil {
		if d := o.past.Domains[domain]; d != nil {
			row[sDomainColleagues], row[sDomainSent] = ln(float64(d.Others)), ln(float64(d.Sent))
		}
	}
	mine := 0
	for n, w := range o.circle.who {
		if w.domain == domain && o.circle.contacts[n].Sent > 0 {
			mine++
		}
	}
	row[sDomainMine] = ln(float64(mine))
	row[sDomainOnly] = truth(mine == 1 && r.contact >= 0)
	row[sOurs], row[sAuthorDomain] = truth(r.ours), truth(domain == o.author.domain)
	row[sPrivate], row[sList], row[sNamed] = truth(parties.IsFreeMail(domain)), truth(parties.IsList(r.key)), truth(r.name != "")
	for _, n := range o.past.Near(r.key) {
		row[sNearSent] = max(row[sNearSent], ln(float64(n.Sent)))
		row[sNearKnown] = max(row[sNearKnown], 1+truth(n.Contact))
	}
}

func (s *study) mail(i int, row []float32) {
	o := s.o
	row[sRecipients], row[sPlace], row[sVisible] = ln(float64(len(o.list))), ln(float64(i)), truth(o.list[i].visible)
	row[sOwnWords], row[sTerms] = ln(float64(o.own)), ln(float64(o.terms))
	row[sAnswer], row[sForward], row[sCites] = truth(o.answer), truth(o.forward), truth(o.cites)
	row[sNamesOpening] = float32(min(o.names, 3))
	for k := range s.slots {
		if opened(s.slots[k].row) > 0.8 {
			row[sOpeningMet]++
		}
	}
	if o.past != nil {
		row[sMails] = ln(float64(o.past.Mails))
		if t := o.past.Thread; t != nil {
			row[sThread] = ln(float64(len(t.Mails)))
			row[sThreadAge] = ln(o.now.Sub(t.Mails[len(t.Mails)-1].Time).Hours())
		}
	}
	row[sContacts] = ln(float64(len(o.circle.contacts)))
	row[sHere] = truth(o.past != nil && o.past.Self != nil)
}

// clues are whom the text itself points to, among the recipients and beyond.
func (s *study) clues(i int, row []float32) {
	o, sl := s.o, &s.slots[i]
	for k := range s.slots {
		r := s.slots[k].row
		row[sWriterIn] = max(row[sWriterIn], r[fWriterBoth], 0.5*r[fWriterAny])
		row[sHeardIn] += r[fAudienceBoth] / float32(len(s.slots))
		row[sGreetIn] = max(row[sGreetIn], r[fGreeted])
		row[sSubjectIn] = max(row[sSubjectIn], r[fSubjectFrom])
	}
	nan := float32(math.NaN())
	row[sWriterMargin], row[sGreetMargin] = nan, nan
	for n := range s.all {
		c := &s.all[n]
		margin := float32(c.score - sl.own)
		if sl.scores != nil {
			margin = float32(sl.scores[n] - sl.own)
		}
		if c.row[fWriterBoth] > 0 {
			row[sWriterOut] = 1
			if !(row[sWriterMargin] >= margin) {
				row[sWriterMargin] = margin
			}
		}
		if c.row[fGreeted] > 0 {
			row[sGreetOut]++
			if !(row[sGreetMargin] >= margin) {
				row[sGreetMargin] = margin
			}
		}
		row[sOpenOut] = max(row[sOpenOut], opened(c.row))
		row[sHeardOut] += c.row[fAudienceBoth]
		row[sSubjectOut] = max(row[sSubjectOut], c.row[fSubjectFrom])
	}
	row[sGreetOut], row[sHeardOut] = min(row[sGreetOut], 5), ln(float64(row[sHeardOut]))
	self := uint8(0)
	for _, h := range o.author.family {
		self |= o.zone(h)
	}
	row[sWriterSelf] = truth(self&inWriter != 0 || o.author.key != "" && strings.Contains(o.writer, o.author.key))
	row[sWriterSaid] = truth(o.writer != "")
	if p := o.list[i].person; p >= 0 && o.text[p].weight > 0 {
		row[sLength] = float32(math.Abs(float64(ln(float64(o.terms)) - o.text[p].length/o.text[p].weight)))
	} else {
		row[sLength] = nan
	}
}

// threadOf looks at a recipient's part in the thread.
func (s *study) threadOf(i int, row []float32) {
	o := s.o
	if o.past == nil || o.past.Thread == nil {
		return
	}
	mails := o.past.Thread.Mails
	last := &mails[len(mails)-1]
	row[sThreadMails], row[sThreadDays] = -1, -1
	if t := o.thread[o.list[i].main]; t != nil {
		row[sThreadMails], row[sThreadDays] = float32(min(t.last, 10)), ln(o.now.Sub(t.lastAt).Hours()/24)
		row[sThreadWrote] = float32(min(t.wrote, 5))
	}
	there, n := 0, 0
	for _, key := range append([]string{last.Author}, last.To...) {
		if key == o.author.key {
			continue
		}
		n++
		for k := range o.list {
			if o.list[k].main == key {
				there++
				break
			}
		}
	}
	if n > 0 {
		row[sThreadCover] = float32(there) / float32(n)
	}
	row[sThreadNew] = float32(len(o.list)-there) / float32(len(o.list))
	row[sThreadOnlyNew] = truth(len(o.list)-there == 1 && row[sThreadMails] != 0)
}

// slips are whom the address is a slip of the fingers away from, or a private
// twin of.
func (s *study) slips(i int, row []float32) {
	o, sl := s.o, &s.slots[i]
	r := &o.list[i]
	nan := float32(math.NaN())
	row[sSlip], row[sSlipMargin], row[sTwinMargin] = 3, nan, nan
	row[sUnseen] = truth(r.contact < 0 && o.past.Colleague(r.main) == nil && o.past.Profile(r.main) == nil)
	row[sLocal] = float32(min(len(r.who.local), 20))
	margin := func(n int) float32 {
		if sl.scores == nil {
			return float32(s.all[n].score - sl.own)
		}
		return float32(sl.scores[n] - sl.own)
	}
	for n := range s.all {
		c := &s.all[n]
		if c.contact < 0 {
			continue
		}
		sent := ln(float64(s.o.circle.contacts[c.contact].Sent + s.o.circle.contacts[c.contact].Received))
		switch {
		case c.who.domain == r.who.domain:
			if d := float32(distance(c.who.local, r.who.local)); d < row[sSlip] || d < 3 && d == row[sSlip] && sent > row[sSlipSent] {
				row[sSlip], row[sSlipSent], row[sSlipMargin] = d, sent, margin(n)
			}
		case c.who.local == r.who.local:
			if d := 3 - float32(distance(c.who.domain, r.who.domain)); d > row[sSlipDomain] {
				row[sSlipDomain] = d
				row[sSlipSent], row[sSlipMargin] = sent, margin(n)
			}
			row[sTwin], row[sTwinSent], row[sTwinMargin] = 2, sent, margin(n)
		case row[sTwin] < 2 && namesake(c.who, r.who) && (row[sTwin] == 0 || sent > row[sTwinSent]):
			row[sTwin], row[sTwinSent], row[sTwinMargin] = 1, sent, margin(n)
		}
	}
	s.ownName(r, row)
}

// namesake tells whether two people of different domains have the same first and
// family name, as far as name and address tell.
func namesake(a, b *who) bool {
	if a.last != "" && a.first != "" && a.last == b.last && a.first == b.first {
		return true
	}
	return len(a.last) > 3 && a.first != "" && strings.Contains(b.local, a.last) && strings.HasPrefix(b.local, a.first[:1]) ||
		len(b.last) > 3 && b.first != "" && strings.Contains(a.local, b.last) && strings.HasPrefix(a.local, b.first[:1])
}

// ownName compares a recipient's address with the name that stands beside it.
func (s *study) ownName(r *party, row []float32) {
	nan := float32(math.NaN())
	row[sNameFits], row[sNameSlip] = nan, nan
	token, _, _ := strings.Cut(strings.NewReplacer("_", ".", "-", ".").Replace(r.who.local), ".")
	row[sNameListed] = truth(isName(token))
	display := s.o.people.of(r.name, "")
	if r.name == "" || display.last == "" && display.first == "" {
		return
	}
	fits, slip, n := float32(0), float32(0), float32(0)
	for _, word := range []string{display.first, display.last} {
		if len(word) < 3 {
			continue
		}
		n++
		if strings.Contains(r.who.local, word) {
			fits++
			continue
		}
		for _, part := range strings.FieldsFunc(r.who.local, func(c rune) bool { return strings.ContainsRune("._-", c) }) {
			if distance(part, word) <= 2 && len(part) > 3 {
				slip++
				break
			}
		}
	}
	if n > 0 {
		row[sNameFits], row[sNameSlip] = fits/n, slip
	}
}
