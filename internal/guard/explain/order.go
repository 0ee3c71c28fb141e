package explain

import (
	"belay/internal/guard"
	"belay/internal/locale"
)

// firstContact is the signal that says the least, about the most recipients.
const firstContact = "recipient.first-contact"

// apart is how many recipients are told of one by one.
const apart = 2

// InOrder are signals as people read them: what is only watched stands last, and
// first contacts stand behind what says more. More than two of those are one
// signal, so that a mail to many is not a page of them.
func InOrder(say *locale.Locale, signals []guard.Signal) []guard.Signal {
	var more, first []guard.Signal
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
