package expect

import (
	"math"

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
	sOfficeSlip // letters by which it differs from an address that colleagues know; 3 is more than two
	sOfficeSent // how many of them write there
	sOfficeTwin // 2: such an address has the same local part, 1: the same name
	sOfficeTwinSent
	sOfficeMargin   // by how much that one fits better
	sDomainSlip     // letters in which the domain differs from one known well; 3 is more than two
	sDomainSlipMine // contacts there, ln
	sShownSlip      // letters by which it differs from an address that the mail quotes, or of somebody on its thread
	sShownTwin
	sBesideSlip   // letters by which it differs from the address of another recipient; 3 is more than two
	sBesideTwin   // 2: another recipient has the same local part elsewhere, 1: the same name
	sBesideGiven  // 1: another has the same given name
	sBesidePrefix // with how many letters as another's the address begins, or a name
	sBesideFit    // by how much the one most like it fits better
	sBesideSent   // how much more is written to that one, ln
	sSignals
)

// The signals of other detectors about a recipient, as columns from sSignals on.
var signalColumns = []string{"recipient.lookalike", "recipient.twin", "recipient.first-contact", "greeting.mismatch", "thread.outsider", "thread.returned", "organisation.wrong"}

const nSuspect = sSignals + 7

// suspect fills in all that is told of a recipient.
func (s *study) suspect(i int, signals []guard.Signal, row []float32) {
	sl := &s.slots[i]
	copy(row, sl.row)
	row[sFit], row[sRank], row[sSoft] = float32(sl.own), ln(float64(sl.rank)), float32(sl.soft)
	if sl.scores == nil { // too many recipients: it was not asked
		for c := sRank; c < sOthersFit; c++ {
			row[c] = float32(math.NaN())
		}
	}
	s.alternatives(i, row)
	s.othersOf(i, row)
	s.peer(i, row)
	s.address(i, row)
	s.mail(i, row)
	s.clues(i, row)
	s.threadOf(i, row)
	s.slips(i, row)
	s.beside(i, row)
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
	mine := o.circle.domains[domain]
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
