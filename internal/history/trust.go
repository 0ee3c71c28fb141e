package history

// doubtWeighs is how many mails that were sent a doubt weighs as much as.
const doubtWeighs = 10

// Trusted is how many of the mails that the author sent to a contact speak for
// them: none where their server knew no such mailbox, and fewer while they are
// doubted. A wrong address that was used for long stays suspect; a right one that
// was stopped once does not. nil is nobody.
func (c *Contact) Trusted() int {
	if c == nil || c.Bounced {
		return 0
	}
	return max(0, c.Sent-doubtWeighs*c.Doubted)
}
