// Package crowd notices mail to many: outsiders who see each other (crowd.visible),
// a mail to half the house (crowd.broadcast), and answers to everybody that are
// meant for one (crowd.reply-all). All are about the whole mail.
//
// What its sentences name:
//
//	crowd.visible    plain            Count outsiders; Facts: Organisations, how many those come from
//	crowd.broadcast  plain, answered  Count colleagues; Facts of answered: Broadcasts, so many such
//	                                  mails of the author before; Answered, so many answers to them in all
//	crowd.reply-all  plain            Count others who get a short personal answer
//	                 alone            Count others who get it; Facts: Author, whom the last ones answered alone
package crowd

import (
	"context"
	"strconv"

	"belay/internal/directory"
	"belay/internal/guard"
	"belay/internal/guard/parties"
)

// Codes of its signals.
const (
	CodeVisible   = "crowd.visible"
	CodeBroadcast = "crowd.broadcast"
	CodeReplyAll  = "crowd.reply-all"
)

const (
	crowdOutside = 10 // outsiders who see each other
	crowdFirms   = 3  // organisations that they come from
	crowdInside  = 50 // colleagues
)

// Detector notices them. It may be used by many goroutines.
type Detector struct{}

// New makes a detector.
func New() *Detector { return &Detector{} }

var _ guard.Detector = (*Detector)(nil)

// Name implements guard.Detector.
func (*Detector) Name() string { return "crowd" }

// Codes implements guard.Detector.
func (*Detector) Codes() []string { return []string{CodeVisible, CodeBroadcast, CodeReplyAll} }

// Detect implements guard.Detector.
func (*Detector) Detect(_ context.Context, l *guard.Look) (signals []guard.Signal, err error) {
	if len(l.Keys) < replyOthers && len(l.Summary.To)+len(l.Summary.Cc) < replyOthers && !anyList(l) {
		return nil, nil
	}
	for _, find := range []func(*guard.Look) (guard.Signal, bool){visible, broadcast, replyAll} {
		if s, ok := find(l); ok {
			signals = append(signals, s)
		}
	}
	return signals, nil
}

// anyList tells whether a recipient stands for several.
func anyList(l *guard.Look) bool {
	for _, key := range l.Keys {
		if l.Directory.Mailbox(key) != nil {
			return true
		}
	}
	return false
}

// visible finds outsiders of different organisations who see each other.
func visible(l *guard.Look) (guard.Signal, bool) {
	if len(l.Summary.To)+len(l.Summary.Cc) < crowdOutside {
		return guard.Signal{}, false
	}
	var outsiders []parties.Party
	firms, domains := map[string]bool{}, map[string]bool{}
	for _, p := range parties.Visible(l) {
		if p.Ours || p.Domain == "" || p.Kind == directory.KindList && l.Own(p.Domain) {
			continue
		}
		outsiders = append(outsiders, p)
		firms[parties.Organisation(l.Directory, p.Key)] = true
		domains[p.Domain] = true
	}
	if len(outsiders) < crowdOutside || len(firms) < crowdFirms || sawEachOther(l, outsiders) {
		return guard.Signal{}, false
	}
	score := 0.8
	if len(outsiders) >= 2*crowdOutside {
		score = 0.9
	}
	if workTogether(l, outsiders, domains) {
		score = 0.4
	}
	return guard.Signal{Code: CodeVisible, Score: score, Count: len(outsiders),
		Facts: map[string]string{"Organisations": strconv.Itoa(len(firms))}}, true
}

// sawEachOther tells whether nearly all of them stood together on one mail of
// the thread already, or stand in the quoted head of one.
func sawEachOther(l *guard.Look, outsiders []parties.Party) bool {
	// A new face or two among the ten do not make the mail a mailing; who joins
	// is shown to the others by others' choice (thread.outsider sees to that).
	enough := len(outsiders) - len(outsiders)/10
	if l.Past != nil && l.Past.Thread != nil {
		for i := range l.Past.Thread.Mails {
			m := &l.Past.Thread.Mails[i]
			on := map[string]bool{m.Author: true}
			for _, a := range m.To {
				on[a] = true
			}
			n := 0
			for _, p := range outsiders {
				if on[p.Main] {
					n++
				}
			}
			if n >= enough {
				return true
			}
		}
	}
	if !parties.IsAnswer(l) {
		return false
	}
	quoted := map[string]bool{}
	for i := range l.Mail.Texts {
		for _, a := range parties.AddressesIn(l.Mail.Texts[i].Quoted) {
			quoted[a] = true
		}
	}
	n := 0
	for _, p := range outsiders {
		if quoted[p.Key] || quoted[p.Main] {
			n++
		}
	}
	return n >= enough
}

// workTogether tells whether all these organisations are written to together
// again and again: a project of several firms is no mailing.
func workTogether(l *guard.Look, outsiders []parties.Party, domains map[string]bool) bool {
	const often = 3
	if l.Past == nil || len(domains) > 12 {
		return false
	}
	list := make([]string, 0, len(domains))
	for d := range domains {
		if parties.IsFreeMail(d) {
			return false
		}
		list = append(list, d)
	}
	for i, a := range list {
		for _, b := range list[i+1:] {
			if l.Past.Together(a, b) < often {
				return false
			}
		}
	}
	for i := range outsiders { // and all of them are people the author knows
		if c := l.Past.Contact(outsiders[i].Key); c == nil || c.Sent < often {
			return false
		}
	}
	return true
}

// broadcast counts the colleagues who get it.
func broadcast(l *guard.Look) (guard.Signal, bool) {
	if len(l.Keys) < crowdInside {
		return guard.Signal{}, false
	}
	n := 0
	for _, p := range parties.Of(l).Recipients {
		if p.Ours && p.Kind != directory.KindList {
			n++
		}
	}
	if n < crowdInside {
		return guard.Signal{}, false
	}
	s := guard.Signal{Code: CodeBroadcast, Score: 0.8, Count: n}
	if l.Past != nil && l.Past.Broadcasts > 0 {
		s.Say = "answered"
		s.Facts = map[string]string{"Broadcasts": strconv.Itoa(l.Past.Broadcasts), "Answered": strconv.Itoa(l.Past.Answered)}
	}
	return s, true
}
