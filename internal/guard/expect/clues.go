package expect

import (
	"math"
	"strings"
)

// clues are whom the text itself points to, among the recipients and beyond.
func (s *study) clues(i int, row []float32) {
	o := s.o
	for k := range s.slots {
		r := s.slots[k].row
		row[sWriterIn] = max(row[sWriterIn], r[fWriterBoth], 0.5*r[fWriterAny])
		row[sHeardIn] += r[fAudienceBoth] / float32(len(s.slots))
		row[sGreetIn] = max(row[sGreetIn], r[fGreeted])
		row[sSubjectIn] = max(row[sSubjectIn], r[fSubjectFrom])
	}
	nan := float32(math.NaN())
	row[sWriterMargin], row[sGreetMargin] = nan, nan
	for n := range s.lookedAt(i) {
		c := &s.all[n]
		margin := s.margin(i, n)
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

// margin is by how much somebody of all fits better than a recipient, in their
// place where that was looked at.
func (s *study) margin(i, n int) float32 {
	sl := &s.slots[i]
	if sl.scores == nil {
		return float32(s.all[n].score - sl.own)
	}
	return float32(sl.scores[n] - sl.own)
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
	o := s.o
	r := &o.list[i]
	nan := float32(math.NaN())
	row[sSlip], row[sSlipMargin], row[sTwinMargin] = 3, nan, nan
	row[sUnseen] = truth(r.contact < 0 && o.past.Colleague(r.main) == nil && o.past.Profile(r.main) == nil)
	row[sLocal] = float32(min(len(r.who.local), 20))
	row[sOfficeSlip], row[sOfficeMargin], row[sDomainSlip] = 3, nan, 3
	row[sShownSlip] = 3
	if r.contact < 0 {
		if near := o.nearDomain(r.who.domain); near.differs > 0 {
			row[sDomainSlip], row[sDomainSlipMine] = float32(near.differs), ln(float64(near.contacts))
		}
	}
	for n := range s.lookedAt(i) {
		c := &s.all[n]
		if c.contact < 0 {
			if c.office > 0 {
				officeSlip(c, r, s.margin(i, n), row)
			}
			if c.shown {
				slip, twin := likeness(c.who, r.who)
				row[sShownSlip], row[sShownTwin] = min(row[sShownSlip], slip), max(row[sShownTwin], twin)
			}
			continue
		}
		sent := ln(float64(s.o.circle.contacts[c.contact].Sent + s.o.circle.contacts[c.contact].Received))
		switch {
		case c.who.domain == r.who.domain:
			if d := float32(distance(c.who.local, r.who.local)); d < row[sSlip] || d < 3 && d == row[sSlip] && sent > row[sSlipSent] {
				row[sSlip], row[sSlipSent], row[sSlipMargin] = d, sent, s.margin(i, n)
			}
		case c.who.local == r.who.local:
			if d := 3 - float32(distance(c.who.domain, r.who.domain)); d > row[sSlipDomain] {
				row[sSlipDomain] = d
				row[sSlipSent], row[sSlipMargin] = sent, s.margin(i, n)
			}
			row[sTwin], row[sTwinSent], row[sTwinMargin] = 2, sent, s.margin(i, n)
		case row[sTwin] < 2 && namesake(c.who, r.who) && (row[sTwin] == 0 || sent > row[sTwinSent]):
			row[sTwin], row[sTwinSent], row[sTwinMargin] = 1, sent, s.margin(i, n)
		}
	}
	s.ownName(r, row)
}

// officeSlip compares a recipient with somebody whom colleagues know.
func officeSlip(c *candidate, r *party, margin float32, row []float32) {
	known := ln(float64(c.office))
	switch {
	case c.who.domain == r.who.domain:
		if d := float32(distance(c.who.local, r.who.local)); d < row[sOfficeSlip] || d < 3 && d == row[sOfficeSlip] && known > row[sOfficeSent] {
			row[sOfficeSlip], row[sOfficeSent], row[sOfficeMargin] = d, known, margin
		}
	case c.who.local == r.who.local:
		row[sOfficeTwin], row[sOfficeTwinSent] = 2, known
	case row[sOfficeTwin] < 2 && namesake(c.who, r.who):
		row[sOfficeTwin], row[sOfficeTwinSent] = 1, max(row[sOfficeTwinSent], known)
	}
}

// likeness is how much two people's addresses are alike: by how many letters they
// differ (3 is more than two), and whether they are twins (2: one local part at two
// domains; 1: one name).
func likeness(a, b *who) (slip, twin float32) {
	switch {
	case a.domain == b.domain:
		return float32(distance(a.local, b.local)), 0
	case a.local == b.local:
		return float32(distance(a.domain, b.domain)), 2
	case namesake(a, b):
		return 3, 1
	}
	return 3, 0
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
