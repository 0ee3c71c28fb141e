package explain

import (
	"cmp"
	"slices"

	"belay/internal/guard"
	"belay/internal/locale"
	"belay/internal/mail"
)

// Codes that this file tells apart.
const (
	firstContact = "recipient.first-contact" // says the least, about the most recipients
	unlikely     = "recipient.unlikely"
	lookalike    = "recipient.lookalike"
	twin         = "recipient.twin"
)

// apart is how many recipients are told of one by one.
const apart = 2

// InOrder are signals as people read them: of a recipient the strongest first,
// without those that it implies (Telling); what is only watched stands last, and
// first contacts stand behind what says more. More than two of those are one
// signal, so that a mail to many is not a page of them.
func InOrder(say *locale.Locale, signals []guard.Signal) []guard.Signal {
	var more, first []guard.Signal
	signals = Telling(signals)
	for _, observed := range []bool{false, true} {
		first = first[:0]
		for _, s := range signals {
			switch {
			case s.Observed != observed:
			case s.Code == firstContact:
				first = append(first, s)
			default:
				more = append(more, s)
			}
		}
		more = append(more, together(say, first)...)
	}
	return more
}

// Telling are the signals that tell a reader something. Several detectors may
// notice the same about a recipient: that address, and who is meant instead. It
// is said once, by the one that says it best. Those about one recipient stand
// together, where the first of them stood, the strongest first. The verdict
// keeps them all: this is for people.
func Telling(signals []guard.Signal) []guard.Signal {
	about := map[string][]guard.Signal{}
	for _, s := range signals {
		if s.Recipient != "" {
			about[s.Recipient] = append(about[s.Recipient], s)
		}
	}
	list := make([]guard.Signal, 0, len(signals))
	for _, s := range signals {
		if s.Recipient == "" {
			list = append(list, s)
			continue
		}
		list = append(list, telling(about[s.Recipient])...)
		delete(about, s.Recipient)
	}
	return list
}

// telling is Telling for one recipient.
func telling(list []guard.Signal) (kept []guard.Signal) {
	if len(list) < 2 {
		return list
	}
	slices.SortStableFunc(list, func(a, b guard.Signal) int {
		return cmp.Or(cmp.Compare(vagueness(&a), vagueness(&b)), cmp.Compare(b.Score, a.Score))
	})
	for i := range list {
		if s := &list[i]; !slices.ContainsFunc(kept, func(k guard.Signal) bool { return implies(&k, s) }) {
			kept = append(kept, *s)
		}
	}
	slices.SortStableFunc(kept, func(a, b guard.Signal) int { return cmp.Compare(b.Score, a.Score) })
	return kept
}

// vagueness is in which turn a signal may speak: those that show what they
// noticed, then what the rating as a whole says in other words, then that
// somebody is new.
func vagueness(s *guard.Signal) int {
	switch {
	case s.Code == firstContact:
		return 2
	case s.Code == unlikely && !slices.Contains(plainSays, s.Say):
		return 1
	}
	return 0
}

// plainSays are the sentences of the rating that show what they noticed.
var plainSays = []string{"slip", "near", "beside", "twin", "doubted"}

// repeats are the sentences of the rating that say what another detector says of
// the same recipient.
var repeats = map[string]string{"greeted": "greeting.mismatch", "returned": "thread.returned", "thread": "thread.outsider"}

// implies tells whether a signal that is said says what another about the same
// recipient would: nothing is left out because of one that is only watched.
func implies(said, s *guard.Signal) bool {
	switch {
	case said.Observed && !s.Observed:
		return false
	case s.Code == firstContact:
		return ofAddress(said)
	case s.Say == "doubted" || said.Say == "doubted":
		return false // what came of earlier mail is told by nothing else
	case s.Code == unlikely && (s.Say == "" || s.Say == "stranger"):
		return sameMeant(said, s) // it gives no reason, the other does
	case s.Code == unlikely && repeats[s.Say] == said.Code:
		return true
	}
	return ofAddress(said) && ofAddress(s) && sameMeant(said, s)
}

// ofAddress tells whether a signal says that this address is hardly the one.
func ofAddress(s *guard.Signal) bool {
	return s.Code == unlikely || s.Code == lookalike || s.Code == twin
}

// sameMeant tells whether both say that the same one was meant.
func sameMeant(a, b *guard.Signal) bool {
	best := func(of, in *guard.Signal) bool {
		return len(of.Instead) > 0 && slices.ContainsFunc(in.Instead, func(i string) bool { return mail.Key(i) == mail.Key(of.Instead[0]) })
	}
	return best(a, b) || best(b, a)
}

// together brings many first contacts into one.
func together(say *locale.Locale, list []guard.Signal) []guard.Signal {
	if len(list) <= apart {
		return list
	}
	all := guard.Signal{Code: firstContact, Say: "several", Count: len(list), Observed: list[0].Observed}
	var who []string
	for _, s := range list {
		all.Score = max(all.Score, s.Score)
		who = add(who, s.Recipient)
	}
	t := &teller{say: say}
	all.Facts = map[string]string{"List": t.list(who)}
	return []guard.Signal{all}
}
