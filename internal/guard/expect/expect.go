// Package expect has the last word on the recipients of a mail: for each it
// tells how probable it is that the author did not mean them, and who may have
// been meant (recipient.unlikely).
//
// It compares each recipient with everybody else to whom the author might have
// written: how often and how lately they write to each other, who is usually
// together, who was on the conversation, what earlier mails were about, whom the
// text greets, quotes and names, how much an address looks like another one; and
// with what the other detectors noticed. One model weighs all that. It was
// trained on mistakes made on purpose in past mail (package training); its
// weights are part of the program, and an organisation can fit them to its own
// mail (belay learn --fit).
//
// What its sentences name:
//
//	Recipient  who it is about, name and address
//	Usual      who may have been meant, name and address; not in every sentence
//
// Sentences (Say): greeted (the text greets Usual, who does not get it); answers
// (it answers a mail of Usual, who does not get it); slip (the address is hardly
// different from that of Usual, whom the author knows); near (from that of Usual,
// whom colleagues know or the mail shows); beside (from that of Usual, who gets it
// too); twin (mail to that name goes to Usual otherwise); returned (they had been left off the conversation); apart (never on
// a mail with the others of this one); thread (not on the conversation that it
// goes on with); text (its words are those of mails to Usual); doubted (it came to
// light before that they are wrong); stranger (nothing links them with it);
// plain.
package expect

import (
	"context"
	"math"
	"slices"

	"belay/internal/guard"
	"belay/internal/guard/parties"
	"belay/internal/history"
)

// CodeUnlikely is its signal.
const CodeUnlikely = "recipient.unlikely"

const codeOrganisation = "organisation.wrong"

// How much of an author must be known before anybody is rated: mails, and people
// they wrote to or heard from. Before that there is nobody to compare with, and
// only what other detectors notice counts.
const (
	fewestMails    = 25
	fewestContacts = 4
)

// maxRated is how many recipients a mail may have for them to be rated: a mail to
// more goes to everybody, and nobody in particular is wrong.
const maxRated = 150

// faintest is the strength from which a signal is given at all.
const faintest = 0.2

// Detector rates recipients. It may be used by many goroutines.
type Detector struct {
	o      Options
	people people
}

// Options make a Detector.
type Options struct {
	// Model gives what is known about wrong recipients, by author; nil is the
	// shipped one.
	Model func(author string) *Model
	// Watch is shown each mail, for training. Its author's model may be nil then,
	// and nobody is rated.
	Watch func(l *guard.Look, s *Seen)
}

var _ guard.Closer = (*Detector)(nil)

// New makes one.
func New(o Options) *Detector {
	if o.Model == nil && o.Watch == nil {
		o.Model = func(string) *Model { return Shipped() }
	}
	return &Detector{o: o}
}

// Name implements guard.Detector.
func (*Detector) Name() string { return "expect" }

// Codes implements guard.Detector.
func (*Detector) Codes() []string { return []string{CodeUnlikely} }

// CodesOfPast are those that need the past: all.
func (*Detector) CodesOfPast() []string { return []string{CodeUnlikely} }

// Covers implements guard.Closer.
func (*Detector) Covers() map[string]bool {
	covered := map[string]bool{CodeUnlikely: true}
	for _, code := range signalColumns {
		covered[code] = true
	}
	// It was trained without a directory: what that says of an organisation counts
	// by its own score, what was learned of one by the rating.
	delete(covered, codeOrganisation)
	for _, say := range []string{"learned", "label", "thread"} {
		covered[codeOrganisation+" "+say] = true
	}
	return covered
}

// Detect implements guard.Detector; it is Close that tells.
func (*Detector) Detect(context.Context, *guard.Look) ([]guard.Signal, error) { return nil, nil }

// Close implements guard.Closer.
func (d *Detector) Close(ctx context.Context, l *guard.Look, signals []guard.Signal) ([]guard.Signal, []guard.Rating, error) {
	if l.Past == nil || l.Past.Self == nil || len(l.Keys) > maxRated {
		return nil, nil, nil
	}
	var m *Model
	if d.o.Model != nil {
		m = d.o.Model(l.Author)
	}
	known := l.Past.Mails >= fewestMails && len(l.Past.Contacts) >= fewestContacts
	if d.o.Watch == nil && !known {
		return nil, nil, nil
	}
	s := d.people.study(ctx, l, signals, m)
	if s == nil {
		return nil, nil, ctx.Err()
	}
	if d.o.Watch != nil {
		d.o.Watch(l, &Seen{s})
	}
	if m == nil || m.Trees == nil || ctx.Err() != nil || !known {
		return nil, nil, ctx.Err()
	}
	found, ratings := s.rate(signals)
	return found, ratings, nil
}

// rate gives each recipient their rating, and a signal where it says something.
func (s *study) rate(noticed []guard.Signal) (signals []guard.Signal, ratings []guard.Rating) {
	scores := s.m.scores(s.suspects)
	for i := range s.o.list {
		r := &s.o.list[i]
		p := inCrowd(s.m.Probability(scores[i]), len(s.o.list))
		c := s.o.past.Taught(r.main)
		p = taught(p, c)
		if s.suspects[i*nSuspect+sImpostor] >= sureImpostor && (c == nil || c.Sent < trustedFrom && c.Vouched == 0) {
			p = max(p, fromOdds(logOdds(s.m.Threshold)+oddsImpostor))
		}
		p = max(p, s.young(r.key, noticed))
		rating := guard.Rating{Recipient: r.key, Probability: p, Strength: s.m.Strength(p)}
		for k := range s.slots[i].instead[:min(len(s.slots[i].instead), maxInstead)] {
			rating.Instead = append(rating.Instead, s.all[s.slots[i].instead[k].n].main)
		}
		ratings = append(ratings, rating)
		if rating.Strength >= faintest {
			signals = append(signals, s.signal(i, &rating, c))
		}
	}
	return signals, ratings
}

// crowd is from how many recipients on it is likely that somebody looks odd, and
// unlikely that just they are wrong. The model never saw such mails.
const crowd = 40

// inCrowd is a probability among so many recipients.
func inCrowd(p float64, recipients int) float64 {
	if recipients <= crowd {
		return p
	}
	return fromOdds(logOdds(p) - 2*math.Log(float64(recipients)/crowd))
}

// An address made to look like one that is known is asked about, however well the
// mail fits it: whoever made it wrote first, and is answered. The model only knows
// slips of the fingers.
const (
	sImpostor    = sSignals // the column of recipient.lookalike
	sureImpostor = 0.9
	trustedFrom  = 3   // mails sent there, from which it is an address like any
	oddsImpostor = 0.7 // above the threshold
)

// fewMails is up to how many mails of an author the other detectors have their own
// say: the less is known, the less the model has to weigh them with.
const fewMails = 60

// young is what the others noticed about a recipient, as a probability, where
// little is known of the author; else 0.
func (s *study) young(key string, noticed []guard.Signal) (p float64) {
	if s.o.past.Mails >= fewMails {
		return 0
	}
	for i := range noticed {
		g := &noticed[i]
		if g.Recipient == key && g.Score >= 0.5 && slices.Contains(youngCodes, g.Code) {
			p = max(p, fromOdds(logOdds(s.m.Threshold)+logOdds(min(g.Score, 0.95))))
		}
	}
	return p
}

// youngCodes are those that ask by themselves by the default rules.
var youngCodes = []string{"recipient.lookalike", "recipient.twin", "greeting.mismatch", "thread.outsider", "thread.returned"}

// maxInstead is how many alternatives are named.
const maxInstead = 3

// What came to light about a recipient, in log odds. The model never saw any of
// it: past mail does not tell what was stopped.
const (
	oddsDoubted = 2.5 // for each doubt: more than the model takes off because they are known less well then
	oddsMost    = 6   // of all doubts together
	oddsBounced = 4
	oddsVouched = -3
)

// taught is a probability with what came to light before: somebody stopped a
// mail to them, said that they are right, or their server refused them.
func taught(p float64, c *history.Contact) float64 {
	if c == nil {
		return p
	}
	odds := 0.0
	if c.Bounced {
		odds += oddsBounced
	}
	odds += min(oddsMost, oddsDoubted*float64(c.Doubted))
	if c.Vouched > 0 && c.Doubted == 0 && !c.Bounced {
		odds += oddsVouched
	}
	if odds == 0 {
		return p
	}
	return fromOdds(logOdds(p) + odds)
}

// signal says what spoke against a recipient.
func (s *study) signal(i int, rating *guard.Rating, c *history.Contact) guard.Signal {
	r := &s.o.list[i]
	g := guard.Signal{Code: CodeUnlikely, Recipient: r.key, Score: rating.Strength, Instead: rating.Instead[:min(1, len(rating.Instead))],
		Facts: map[string]string{"Recipient": (&parties.Party{Key: r.key, Name: r.name}).Shown()}}
	var usual int
	g.Say, usual = s.reason(i, c)
	switch {
	case g.Say == "beside":
		other := &s.o.list[s.slots[i].like]
		g.Facts["Usual"] = (&parties.Party{Key: other.key, Name: other.name}).Shown()
		g.Instead = []string{other.main}
	case usual >= 0:
		g.Facts["Usual"] = s.shown(usual)
		g.Instead = []string{s.all[usual].main} // whom the sentence names
	}
	return g
}

// shown is somebody of all, as people read it.
func (s *study) shown(n int) string {
	c := &s.all[n]
	p := parties.Party{Key: c.main}
	if c.contact >= 0 {
		p.Name = parties.CleanName(s.o.circle.contacts[c.contact].Name, c.main)
	}
	return p.Shown()
}
