package recipient

import (
	"slices"
	"strings"

	"belay/internal/directory"
	"belay/internal/guard"
	"belay/internal/guard/names"
	"belay/internal/guard/parties"
	"belay/internal/history"
	"belay/internal/reading"
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
	if p.Ours || p.Domain == "" || p.Kind != directory.KindUnknown || known != nil && known.Trusted()+known.Received > 0 {
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
	if speaksOf(said.Quoted, name) {
		return expected
	}
	if len(k.list.Recipients) > 1 && speaksOf(said.Talk(), name) {
		return expected // "I copy Marta from our accountants"
	}
	if k.otherAddress(p, name) {
		return introduced
	}
	if knowsItIsNew(said.Own) {
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
	return slices.ContainsFunc(k.alike(p), func(c *acquainted) bool { return samePerson(name, c.named()) && k.sameFirm(c.Address, p.Key) })
}

// knowsItIsNew tells whether the writer says that this is the first word between
// them: who gave them the address, or who they are.
func knowsItIsNew(words []reading.Word) bool {
	for i := range words {
		for _, p := range newcomers[words[i].Folded] {
			if begins(words[i:], p) {
				return true
			}
		}
	}
	return false
}

func begins(words []reading.Word, phrase []string) bool {
	if len(words) < len(phrase) {
		return false
	}
	for i := range phrase {
		if words[i].Folded != phrase[i] {
			return false
		}
	}
	return true
}

// newcomers are such phrases in the six languages, folded, by their first word.
var newcomers = func() map[string][][]string {
	m := map[string][][]string{}
	for p := range strings.SplitSeq(`my name is|we have not met|we haven t met|we have never met|let me introduce myself|allow me to introduce|got your contact|
		got your address|got your name|got your details|gave me your|passed me your|passed on your|suggested i contact|suggested i write|suggested that i|
		recommended you|was given your|found your address|found your details|referred me to you|put me in touch|i am writing to you because|
		nazywam sie|jeszcze sie nie znamy|nie mielismy okazji|pozwole sobie przedstawic|dostalem kontakt|dostalam kontakt|otrzymalem kontakt|
		otrzymalam kontakt|dostalem pani|dostalem pana|dostalam pani|dostalam pana|dal mi pani|dal mi pana|dala mi pani|dala mi pana|polecil pana|
		polecila pana|polecil pania|polecila pania|pani adres otrzymal|pana adres otrzymal|zwracam sie do pana|zwracam sie do pani|
		me llamo|mi nombre es|no nos conocemos|permitame presentarme|me presento|me dio su|me dio tu|me ha dado su|me ha dado tu|me paso su|me paso tu|
		me ha pasado su|me ha pasado tu|he conseguido su|me recomendo|me ha recomendado|le escribo porque|
		mi chiamo|il mio nome e|non ci conosciamo|mi presento|mi permetta di presentarmi|ho avuto il suo|ho avuto il tuo|ho ricevuto il suo|
		mi ha dato il suo|mi ha dato il tuo|mi ha passato il suo|mi ha passato il tuo|il suo nominativo|il suo contatto|mi e stato consigliato|
		benim adim|ben adim|adim soyadim|henuz tanismadik|tanismiyoruz|kendimi tanitmak|kendimi tanitayim|iletisim bilgilerinizi|adresinizi bana|
		sizi bana|numaranizi ve adresinizi|sizi tavsiye|
		mitt navn er|jeg heter|vi kjenner ikke hverandre|vi har ikke mottes|vi har ikke truffet|vi har ikke hilst|fikk kontakten din|fikk navnet ditt|
		fikk adressen din|fikk din adresse|fikk ditt navn|fatt navnet ditt|fatt adressen din|anbefalte meg|anbefalte deg|tipset meg om deg`, "|") {
		if words := strings.Fields(reading.Fold(p)); len(words) > 0 {
			m[words[0]] = append(m[words[0]], words)
		}
	}
	return m
}()
