package queue

// The state machine of a delivery. docs/states.md draws it; every change of
// state in this package goes through one of these.

// verb is something a person does to a delivery.
type verb int

const (
	verbStop verb = iota
	verbRelease
	verbPostpone
)

// String is the word that the journal keeps.
func (v verb) String() string {
	return [...]string{"stop", "release", "postpone"}[v]
}

// States lists all states, the least finished first.
func States() []State {
	return []State{Held, Ready, Deferred, Sending, Failed, Returned, Stopped, Sent}
}

// String is the word for a state, as in the API.
func (s State) String() string {
	switch s {
	case Held:
		return "held"
	case Ready:
		return "ready"
	case Deferred:
		return "deferred"
	case Sending:
		return "sending"
	case Failed:
		return "failed"
	case Returned:
		return "returned"
	case Stopped:
		return "stopped"
	case Sent:
		return "sent"
	}
	return "unknown"
}

// ParseState reads a state's word.
func ParseState(word string) (State, bool) {
	for _, s := range States() {
		if s.String() == word {
			return s, true
		}
	}
	return 0, false
}

// Waiting tells whether a delivery waits, so that people may still act on it.
func (s State) Waiting() bool { return s == Held || s == Ready || s == Deferred }

// Ended tells whether nothing more will happen to a delivery (P3).
func (s State) Ended() bool { return s >= Failed }

// act is what a person's verb does to a delivery in state s: the state
// afterwards and the answer.
func (s State) act(v verb) (State, Outcome) {
	switch {
	case s.Waiting() && v == verbStop:
		return Stopped, OutStopped
	case s.Waiting() && v == verbRelease:
		return Ready, OutReleased
	case s.Waiting():
		return Held, OutPostponed
	case s == Stopped || s == Returned:
		return s, OutAlreadyStopped
	case v == verbRelease:
		return s, OutNotHeld
	}
	return s, OutTooLate
}

// mayEnd tells whether an attempt may leave a delivery in state s.
func mayEnd(s State) bool {
	return s == Sent || s == Failed || s == Deferred || s == Ready
}
