package guard

import "belay/internal/mail"

// prior is how often a recipient is wrong where nothing is known: one mail in
// four hundred.
const prior = 1.0 / 400

// weightOfEvidence is by how much a signal with an even score (0.5) raises the
// odds that a recipient is wrong.
const weightOfEvidence = 40

// aboutRecipients are the codes that tell whether a recipient is the one who
// was meant. What a mail says or forgets is another question.
var aboutRecipients = map[string]bool{
	"recipient.unlikely": true, "recipient.first-contact": true, "recipient.lookalike": true, "recipient.twin": true,
	"greeting.mismatch": true, "thread.outsider": true, "thread.returned": true, "organisation.mixed": true,
	"organisation.wrong": true, "attachment.wrong": true,
}

// RecipientScore is the probability that an address among several recipients is
// wrong, as far as signals tell: each raises the odds, from one in four hundred.
// A signal about the whole mail is spread over all its recipients.
func RecipientScore(signals []Signal, address string, recipients int) float64 {
	odds := prior / (1 - prior)
	key := mail.Key(address)
	for _, s := range signals {
		if !aboutRecipients[s.Code] || s.Recipient != "" && s.Recipient != key {
			continue
		}
		score := min(max(s.Score, 0), 0.995)
		ratio := weightOfEvidence * score / (1 - score)
		if s.Recipient == "" && recipients > 1 {
			ratio = 1 + ratio/float64(recipients)
		}
		odds *= max(ratio, 1)
	}
	return odds / (1 + odds)
}

// AboutRecipients tells whether signals of a code say that a recipient may be
// somebody wrong.
func AboutRecipients(code string) bool { return aboutRecipients[code] }
