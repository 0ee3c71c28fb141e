// Package guard gives the verdict: it asks the rules what is to happen to a
// message and says why. It decides; it keeps nothing and sends nothing.
package guard

import (
	"time"
)

// Action is what a verdict does. Compare them with Stricter.
type Action string

const (
	Pass    Action = "pass"
	Delay   Action = "delay"   // it waits for a time
	Ask     Action = "ask"     // it waits for its sender's word
	Approve Action = "approve" // it waits for somebody else's word
	Reject  Action = "reject"  // it is refused at the door
)

var strictness = map[Action]int{Pass: 0, Delay: 1, Ask: 2, Approve: 3, Reject: 4}

// Stricter tells whether a is stricter than b: pass < delay < ask < approve <
// reject.
func (a Action) Stricter(b Action) bool { return strictness[a] > strictness[b] }

// Scope says what waits together: the whole message, or each recipient alone.
type Scope string

const (
	ScopeMessage   Scope = "message"
	ScopeRecipient Scope = "recipient"
)

// Signal is one thing a detector noticed, above its threshold.
type Signal struct {
	Code      string  `json:"code"`
	Recipient string  `json:"recipient,omitempty"` // mail.Key; "" is the whole mail
	Score     float64 `json:"score"`               // 0..1; from 0.5 on it is worth saying
	// Evidence and Advice are for people, in English: Options.Describe fills
	// them in. Package explain says the same in other languages, from what
	// follows.
	Evidence string   `json:"evidence,omitempty"`
	Advice   string   `json:"advice,omitempty"`
	Instead  []string `json:"instead,omitempty"` // addresses that may have been meant, best first
	// Say is which of the sentences for Code it is; "" is the plain one.
	Say string `json:"say,omitempty"`
	// Facts are what the sentence names, by the names of its placeholders, and
	// Count is the number that it counts, where it does. Names and texts in them
	// come from mail: whoever shows them escapes them.
	Facts map[string]string `json:"facts,omitempty"`
	Count int               `json:"count,omitempty"`
	// Found are the words that were found, with their places, the best first;
	// identifiers and secrets are masked.
	Found []Found `json:"found,omitempty"`
	// Observed marks a signal that is only watched (signals: observe): it is
	// shown and moves no rule.
	Observed bool `json:"observed,omitempty"`
}

// Found is something that was found in a mail.
type Found struct {
	Text  string    `json:"text"` // at most 80 characters
	Place PlaceKind `json:"place"`
	File  string    `json:"file,omitempty"`  // the file that it stands in
	Where string    `json:"where,omitempty"` // in the file: "Salaries", "slide 3"
}

// PlaceKind is where in a mail something stands.
type PlaceKind string

// Places.
const (
	InSubject  PlaceKind = "subject"
	InText     PlaceKind = "text"  // what the writer wrote
	InQuote    PlaceKind = "quote" // what is quoted below
	InFile     PlaceKind = "file"
	InFileName PlaceKind = "file-name"
	InAddress  PlaceKind = "address" // of a recipient, or their name
)

// Hit is one rule that matched.
type Hit struct {
	Name   string        `json:"name"`
	Action Action        `json:"action"`
	Delay  time.Duration `json:"delay,omitempty"`
	// Recipients are the recipients it matched for; empty is the whole message.
	Recipients []string `json:"recipients,omitempty"`
	// Reason is the sentence that stands beside the hold where no rule of the
	// configuration says it: "author over the limit of 500 messages an hour".
	// Of a rule that rejects, it is what the sender is told.
	Reason string `json:"reason,omitempty"`
	// Of are the addresses of those who may answer (ask, approve).
	Of []string `json:"of,omitempty"`
	// Need is how many different people must approve; 0 is one.
	Need int `json:"need,omitempty"`
	// Copy are the addresses of those who are told beforehand.
	Copy []string `json:"copy,omitempty"`
	// Observed marks a rule that only watches: it is listed and does nothing.
	Observed bool `json:"observed,omitempty"`
	// Late is when each of Recipients has its own delay (a range); the same
	// length as Recipients, else empty.
	Late []time.Duration `json:"late,omitempty"`
}

// Verdict is what is to happen to a message, and why.
type Verdict struct {
	Action  Action        `json:"action"`
	Delay   time.Duration `json:"delay,omitempty"` // the longest of the hits'
	Scope   Scope         `json:"scope,omitempty"`
	Rules   []Hit         `json:"rules"`
	Signals []Signal      `json:"signals,omitempty"`
	// Ratings are how sure belay is about recipients; those of whom nothing is
	// known that a Closer could weigh have none.
	Ratings   []Rating   `json:"ratings,omitempty"`
	Questions []Question `json:"questions,omitempty"`
	Copies    []Copy     `json:"copies,omitempty"`
}

// Silence is what happens to mail whose question nobody answers (P6).
type Silence string

const (
	SilenceReturn  Silence = "return"  // the sender gets it back
	SilenceRelease Silence = "release" // it leaves
)

// Question is what somebody has to answer before deliveries may leave. Several
// rules that ask the same people about the same recipients make one question;
// where an approval covers a recipient, no ask does: the stricter word counts
// for both. Questions do not shorten delays: who is answered early still waits
// for them.
type Question struct {
	Kind       Action    `json:"kind"`                 // Ask or Approve
	Of         []string  `json:"of"`                   // who may answer: main addresses as mail.Key, best first; never empty
	Need       int       `json:"need"`                 // how many different people must say yes, at least 1
	Recipients []string  `json:"recipients,omitempty"` // as in the envelope; empty is all
	Rules      []string  `json:"rules"`                // names of the rules behind it
	Codes      []string  `json:"codes,omitempty"`      // what "it is right" makes them not ask again: signal codes, or "rule:" and a rule's name
	Silence    Silence   `json:"silence"`
	Expires    time.Time `json:"expires"`        // when Silence happens
	Show       bool      `json:"show,omitempty"` // those asked may read the mail: it is attached to the notice
}

// Copy is an advance notice: somebody is told before the mail arrives.
type Copy struct {
	To         string   `json:"to"`              // the assistant, mail.Key
	Recipients []string `json:"recipients"`      // whose mail it is about, as in the envelope
	Whole      bool     `json:"whole,omitempty"` // the mail itself is attached
	Rule       string   `json:"rule"`
}
