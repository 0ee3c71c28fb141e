// Package guard gives the verdict: it asks the rules what is to happen to a
// message and says why. It decides; it keeps nothing and sends nothing.
package guard

import (
	"time"
)

// Action is what a verdict does, the strictest last.
type Action string

const (
	Pass  Action = "pass"
	Delay Action = "delay"
)

// Scope says what waits together: the whole message, or each recipient alone.
type Scope string

const (
	ScopeMessage   Scope = "message"
	ScopeRecipient Scope = "recipient"
)

// Signal is one thing a detector noticed, above its threshold.
type Signal struct {
	Code      string   `json:"code"`
	Recipient string   `json:"recipient,omitempty"`
	Score     float64  `json:"score"`
	Evidence  string   `json:"evidence,omitempty"`
	Advice    string   `json:"advice,omitempty"`
	Instead   []string `json:"instead,omitempty"`
}

// Hit is one rule that matched.
type Hit struct {
	Name   string        `json:"name"`
	Action Action        `json:"action"`
	Delay  time.Duration `json:"delay,omitempty"`
	// Recipients are the recipients it matched for; empty is the whole message.
	Recipients []string `json:"recipients,omitempty"`
	// Reason is the sentence that stands beside the hold where no rule of the
	// configuration says it: "author over the limit of 500 messages an hour".
	Reason string `json:"reason,omitempty"`
}

// Verdict is what is to happen to a message, and why.
type Verdict struct {
	Action  Action        `json:"action"`
	Delay   time.Duration `json:"delay,omitempty"` // the longest of the hits'
	Scope   Scope         `json:"scope,omitempty"`
	Rules   []Hit         `json:"rules"`
	Signals []Signal      `json:"signals,omitempty"`
}
