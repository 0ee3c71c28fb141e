package guard

import (
	"slices"
	"strings"

	"golang.org/x/net/idna"

	"belay/internal/mail"
)

// Erased stands in a sentence in place of somebody who was erased; in every language.
const Erased = "[…]"

// Spellings are how an address stands in a verdict, in small letters: as a key, and
// with its domain in the letters that people see.
func Spellings(address string) []string {
	key := mail.Base(mail.Key(address))
	if local, domain := mail.Split(key); strings.Contains(domain, "xn--") {
		if shown, err := idna.ToUnicode(domain); err == nil && local != "" {
			return []string{key, local + "@" + strings.ToLower(shown)}
		}
	}
	return []string{key}
}

// Forget takes an address out of what a verdict says of others: out of those who may
// have been meant, and out of the sentences that name it as usual, or as missing.
// present tells that it is the author's or a recipient's: then sentences are left as
// they are, since they are about this very mail. Neither what is to happen to the
// mail changes, nor who is asked. describe is Options.Describe. It tells whether
// anything was there.
func (v *Verdict) Forget(address string, present bool, describe func(*Signal)) (changed bool) {
	key := mail.Base(mail.Key(address))
	if key == "" {
		return false
	}
	is := func(a string) bool { return mail.Base(mail.Key(a)) == key }
	without := func(list []string) []string {
		left := slices.DeleteFunc(slices.Clone(list), is)
		changed = changed || len(left) < len(list)
		return left
	}
	for i := range v.Ratings {
		v.Ratings[i].Instead = without(v.Ratings[i].Instead)
	}
	for i := range v.Signals {
		s := &v.Signals[i]
		best := len(s.Instead) > 0 && is(s.Instead[0])
		s.Instead = without(s.Instead)
		if !present && s.forget(key, best, is) {
			changed = true
			if describe != nil {
				describe(s)
			}
		}
	}
	return changed
}

// forget takes somebody out of a signal's sentences. best tells that it is they whom
// the sentence takes for meant: it may call them by their name alone.
func (s *Signal) forget(key string, best bool, is func(string) bool) (touched bool) {
	missing := s.Recipient != "" && is(s.Recipient) // those who get the mail are present
	if missing {
		s.Recipient = ""
	}
	spellings := Spellings(key)
	in := func(text string) bool {
		return slices.ContainsFunc(spellings, func(a string) bool { return stands(text, a) })
	}
	for name, value := range s.Facts {
		if value == "" || value == Erased {
			continue
		}
		if in(value) || best && (name == "Usual" || name == "Like") || missing && name == "Name" {
			s.Facts[name], touched = Erased, true
			s.Evidence, s.Advice = strings.ReplaceAll(s.Evidence, value, Erased), strings.ReplaceAll(s.Advice, value, Erased)
		}
	}
	for _, text := range []*string{&s.Evidence, &s.Advice} {
		if in(*text) {
			*text, touched = Erased, true
		}
	}
	found := len(s.Found)
	s.Found = slices.DeleteFunc(s.Found, func(f Found) bool { return in(f.Text) })
	return touched || missing || best || len(s.Found) < found
}

// stands tells whether a text has an address in it, not only a longer one that ends or
// begins like it.
func stands(text, address string) bool {
	text = strings.ToLower(text)
	for {
		at := strings.Index(text, address)
		if at < 0 {
			return false
		}
		before, after := text[:at], text[at+len(address):]
		if !endsInside(before) && !goesOn(after) {
			return true
		}
		text = after
	}
}

// endsInside tells whether a text ends within a local part.
func endsInside(text string) bool {
	return text != "" && (isWord(text[len(text)-1]) || strings.IndexByte(".+-_", text[len(text)-1]) >= 0)
}

// goesOn tells whether a text goes on with a domain.
func goesOn(text string) bool {
	if text == "" {
		return false
	}
	return isWord(text[0]) || text[0] == '-' || text[0] == '.' && len(text) > 1 && isWord(text[1])
}

func isWord(b byte) bool { return b >= 'a' && b <= 'z' || b >= '0' && b <= '9' || b >= 0x80 }
