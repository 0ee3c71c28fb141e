package queue

import "testing"

// The whole state machine, as docs/states.md shows it: what each verb does in
// each state.
func TestEveryVerbInEveryState(t *testing.T) {
	type answer struct {
		to  State
		out Outcome
	}
	stay := func(s State, o Outcome) answer { return answer{s, o} }
	tests := []struct {
		from                    State
		stop, release, postpone answer
	}{
		{Held, answer{Stopped, OutStopped}, answer{Ready, OutReleased}, answer{Held, OutPostponed}},
		{Ready, answer{Stopped, OutStopped}, answer{Ready, OutReleased}, answer{Held, OutPostponed}},
		{Deferred, answer{Stopped, OutStopped}, answer{Ready, OutReleased}, answer{Held, OutPostponed}},
		{Sending, stay(Sending, OutTooLate), stay(Sending, OutNotHeld), stay(Sending, OutTooLate)},
		{Sent, stay(Sent, OutTooLate), stay(Sent, OutNotHeld), stay(Sent, OutTooLate)},
		{Failed, stay(Failed, OutTooLate), stay(Failed, OutNotHeld), stay(Failed, OutTooLate)},
		{Stopped, stay(Stopped, OutAlreadyStopped), stay(Stopped, OutAlreadyStopped), stay(Stopped, OutAlreadyStopped)},
		{Returned, stay(Returned, OutAlreadyStopped), stay(Returned, OutAlreadyStopped), stay(Returned, OutAlreadyStopped)},
	}
	if len(tests) != len(States()) {
		t.Fatalf("%d states are tested, there are %d", len(tests), len(States()))
	}
	for _, test := range tests {
		for v, want := range map[verb]answer{verbStop: test.stop, verbRelease: test.release, verbPostpone: test.postpone} {
			to, out := test.from.act(v)
			if to != want.to || out != want.out {
				t.Errorf("%s of what is %s: %s and %q, want %s and %q", v, test.from, to, out, want.to, want.out)
			}
		}
	}
}

// P3: what ended stays ended; what has not can still end.
func TestP3_EndsAreEnds(t *testing.T) {
	for _, s := range States() {
		if s.Ended() == (s.Waiting() || s == Sending) {
			t.Errorf("%s is both an end and no end", s)
		}
		for _, v := range []verb{verbStop, verbRelease, verbPostpone} {
			if to, _ := s.act(v); !s.Waiting() && to != s {
				t.Errorf("%s changes what is %s to %s", v, s, to)
			}
		}
	}
	for _, s := range []State{Held, Sending, Stopped, Returned} {
		if mayEnd(s) {
			t.Errorf("an attempt may leave a delivery %s", s)
		}
	}
}

func TestStateWordsReadBack(t *testing.T) {
	for _, s := range States() {
		if back, ok := ParseState(s.String()); !ok || back != s {
			t.Errorf("%d is written %q and read %d", s, s, back)
		}
	}
	if _, ok := ParseState("unknown"); ok {
		t.Error(`"unknown" is read as a state`)
	}
}
