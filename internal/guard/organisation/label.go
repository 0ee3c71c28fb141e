package organisation

import (
	"strings"

	"belay/internal/guard"
	"belay/internal/guard/lexicon"
	"belay/internal/guard/names"
	"belay/internal/guard/parties"
	"belay/internal/history"
	"belay/internal/mail"
	"belay/internal/reading"
)

// How sure it is that a mail is about a house whose name stands in it.
const (
	byLabel    = 0.55
	labelToo   = 0.15 // more where other words speak for that house
	leastLabel = 4    // letters of such a name
)

// label is a house that the author knows well and whose name stands in the mail.
type label struct {
	house string
	term  uint16
	found guard.Found
}

// labels finds the houses whose domain is called by a word of the mail: "Falcon"
// of falcon.test.
func (s *hearsay) labels() (list []label) {
	capital := s.capitals()
	if len(capital) == 0 {
		return nil
	}
	sent, called := map[string]int{}, map[string]string{} // by domain: what it is called, where the mail says that
	for _, c := range s.l.Past.Contacts {
		domain := c.Address[strings.LastIndexByte(c.Address, '@')+1:]
		word, seen := called[domain]
		if !seen {
			word, _ = parties.Label(domain)
			word = reading.Fold(word)
			if _, there := capital[word]; !there {
				word = ""
			}
			called[domain] = word
		}
		if word != "" {
			sent[domain] += c.Sent
		}
	}
	for domain, n := range sent {
		word, name := called[domain], s.houseOf("x@"+domain)
		term, ok := history.TermOf(word)
		if n < known || !ok || name == "" || name == s.to || names.Known(word) || reading.IsSmallWord(word) || !s.isClientAt(name) || s.isTheirs(word) {
			continue
		}
		list = append(list, label{name, term, capital[word]})
	}
	return list
}

// isTheirs tells whether a word is part of the name or address of somebody who is
// on the mail.
func (s *hearsay) isTheirs(word string) bool {
	if strings.Contains(s.to, word) || strings.Contains(s.l.Author, word) {
		return true
	}
	for _, list := range [][]mail.Mailbox{s.l.Summary.From, s.l.Summary.To, s.l.Summary.Cc} {
		for _, b := range list {
			if strings.Contains(mail.Key(b.Address), word) || strings.Contains(reading.Fold(b.Name), word) {
				return true
			}
		}
	}
	return false
}

// namedHouse is the house whose name speaks for it, once it is known who heard
// that name before: nobody but its own people.
func (s *hearsay) namedHouse(labels []label) (best *verdict) {
	for _, n := range labels {
		if s.mixed[n.term] > 0 || s.elsewhere(n.term, s.houseAt(n.house)) {
			continue
		}
		if best == nil || n.house < best.of {
			best = &verdict{of: n.house, score: byLabel, found: []guard.Found{n.found}, say: "label"}
		}
	}
	return best
}

// with joins what is known by the name of a house and by other words. Of a house
// that nothing was learned of a name alone says little: what it hears of is not
// known.
func (v *verdict) with(words *verdict, mails int) *verdict {
	switch {
	case words != nil && words.of == v.of:
		v.score = max(v.score, words.score) + labelToo
		v.found = append(v.found, words.found...)
		v.found = v.found[:min(maxShown, len(v.found))]
	case words != nil && words.score > v.score:
		return words
	case mails < known:
		v.score = doubtful
	}
	return v
}

// capitals are the words of subject and text that begin with a capital letter and
// are long enough to be the name of a house.
func (s *hearsay) capitals() map[string]guard.Found {
	found := map[string]guard.Found{}
	add := func(words []reading.Word, place guard.PlaceKind) {
		for i := range words {
			w := &words[i]
			if !w.Capital || len(w.Folded) < leastLabel {
				continue
			}
			if _, there := found[w.Folded]; !there {
				found[w.Folded] = guard.Found{Text: lexicon.Shorten(w.Text), Place: place}
			}
		}
	}
	add(s.l.Mail.SubjectWords(), guard.InSubject)
	add(s.l.Mail.Words(), guard.InText)
	return found
}
