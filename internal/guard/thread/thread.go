// Package thread notices who should not be in a conversation: an outsider who
// joins what was internal so far and can read it below (thread.outsider), and
// somebody who was taken off and is back (thread.returned). Each signal is about
// one recipient. It looks at the thread as history knows it, and at the heads and
// the first lines of what is quoted.
//
// What its sentences name:
//
//	Recipient  who it is about, as people read it
//	Domain     of thread.outsider: the domain of their address
//
// Sentences (Say) of thread.outsider: plain (the internal text is quoted below);
// thread (nothing is quoted). Of thread.returned: plain; outsider (they are of
// another house). Count of both is how many mails of the thread went without
// them: all that are known, or those since they were taken off.
package thread

import (
	"context"

	"belay/internal/guard"
	"belay/internal/guard/parties"
	"belay/internal/reading"
)

// Codes of its signals.
const (
	CodeOutsider = "thread.outsider"
	CodeReturned = "thread.returned"
)

// Detector notices them. It may be used by many goroutines.
type Detector struct{}

// New makes a detector.
func New() *Detector { return &Detector{} }

var _ guard.Detector = (*Detector)(nil)

// Name implements guard.Detector.
func (*Detector) Name() string { return "thread" }

// Codes implements guard.Detector.
func (*Detector) Codes() []string { return []string{CodeOutsider, CodeReturned} }

// CodesOfPast are those that cannot be told without the past.
func (*Detector) CodesOfPast() []string { return []string{CodeOutsider, CodeReturned} }

// Detect implements guard.Detector.
func (*Detector) Detect(_ context.Context, l *guard.Look) ([]guard.Signal, error) {
	if !parties.IsAnswer(l) {
		return nil, nil
	}
	k := &looking{Look: l, list: parties.Of(l)}
	k.outsiders()
	k.returned()
	return k.signals, nil
}

// looking is one mail being looked at.
type looking struct {
	*guard.Look
	list    *parties.List
	said    *parties.Said // see text
	signals []guard.Signal
}

// text is what the mail says about people, read when first asked for.
func (k *looking) text() *parties.Said {
	if k.said == nil {
		k.said = parties.Read(k.Mail)
	}
	return k.said
}

// quoted is all that is quoted.
func (k *looking) quoted() (texts []*reading.Text) {
	for i := range k.Mail.Texts {
		if t := &k.Mail.Texts[i]; t.Quoted != "" {
			texts = append(texts, t)
		}
	}
	return texts
}
