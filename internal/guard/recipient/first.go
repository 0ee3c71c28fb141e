package recipient

import (
	"slices"

	"belay/internal/directory"
	"belay/internal/guard"
	"belay/internal/guard/names"
	"belay/internal/guard/parties"
	"belay/internal/history"
)

// From how many learned mails on a first contact says something: the author's
// own, or some of theirs where the organisation's are many.
const (
	enoughMails     = 15
	enoughSome      = 5
	enoughEverybody = 500
)

// How sure it is that somebody would want to know of a first contact.
const (
	strange    = 0.9  // nothing speaks for them
	privately  = 0.85 // a private mailbox
	atKnown    = 0.6  // at a firm that is known
	barely     = 0.55 // a colleague wrote there, or had a mail from there, once or twice
	introduced = 0.4  // something speaks for them
	expected   = 0.1  // they belong here
)

// firstContact notices somebody to whom the author never wrote, and of whom they
// never heard.
func (k *looking) firstContact(p *parties.Party, known *history.Contact) {
	past := k.Past
	if past == nil || past.Mails < enoughMails && (past.All < enoughEverybody || past.Mails < enoughSome) {
		return
	}
	if p.Ours || p.Domain == "" || p.Kind != directory.KindUnknown || known != nil && known.Sent+known.Received > 0 {
		return
	}
	score, say := strange, ""
	switch d := past.Domains[p.Domain]; {
	case parties.IsFreeMail(p.Domain):
		score, say = privately, "private"
	case d != nil && d.Sent+d.Received > 0, k.Directory.Organisation(p.Key) != nil:
		score, say = atKnown, "domain"
	}
	if c := past.Colleague(p.Key); c != nil {
		if s := ofColleagues(c); s < score {
			score, say = s, "colleague"
		}
	}
	if score >= introduced {
		score = min(score, k.introduction(p))
	}
	k.note(guard.Signal{Code: CodeFirstContact, Recipient: p.Key, Score: score, Say: say,
		Facts: map[string]string{"Recipient": p.Shown(), "Domain": parties.Readable(p.Domain)}})
}

// ofColleagues is how strange somebody is whom colleagues know.
func ofColleagues(c *history.Acquaintance) float64 {
	const regularly = 3
	mails := c.Sent + c.Received
	switch {
	case c.Others >= 2 && mails >= regularly:
		return expected
	case mails >= regularly:
		return introduced
	case mails > 0:
		return barely
	}
	return 1
}

// introduction is how strange somebody can be who was introduced; 1 where they
// were not.
func (k *looking) introduction(p *parties.Party) float64 {
	if k.onThread(p.Main) || k.introducedOnThread(p) {
		return expected
	}
	said := k.text()
	if slices.Contains(said.OwnAddresses, p.Key) || slices.Contains(said.QuotedAddresses, p.Key) {
		return expected
	}
	name := k.nameOf(p)
	if speaksOf(said.Quoted, &name) {
		return expected
	}
	if len(k.list.Recipients) > 1 && speaksOf(said.Talk(), &name) {
		return expected // "I copy Marta from our accountants"
	}
	if k.otherAddress(p, &name) {
		return introduced
	}
	if len(k.list.Recipients) == 1 && k.Past.Thread == nil && len(k.Summary.InReplyTo) > 0 {
		return introduced // an answer to a mail that never passed here: most likely theirs
	}
	return 1
}

// onThread tells whether somebody wrote or got a mail of the thread.
func (k *looking) onThread(main string) bool {
	if k.Past == nil || k.Past.Thread == nil {
		return false
	}
	for i := range k.Past.Thread.Mails {
		m := &k.Past.Thread.Mails[i]
		if m.Author == main || slices.Contains(m.To, main) {
			return true
		}
	}
	return false
}

// introducedOnThread tells whether a mail of the thread gave the address.
func (k *looking) introducedOnThread(p *parties.Party) bool {
	if k.Past == nil || k.Past.Thread == nil {
		return false
	}
	return slices.ContainsFunc(k.Past.Thread.Mails, func(m history.ThreadMail) bool {
		return slices.Contains(m.Introduced, p.Main) || slices.Contains(m.Introduced, p.Key)
	})
}

// otherAddress tells whether the author writes to the same person under another
// address of the same organisation.
func (k *looking) otherAddress(p *parties.Party, name *names.Name) bool {
	firm := parties.Organisation(k.Directory, p.Key)
	for _, c := range k.contacts() {
		if parties.Organisation(k.Directory, c.Address) == firm && samePerson(name, c.named()) {
			return true
		}
	}
	return false
}
