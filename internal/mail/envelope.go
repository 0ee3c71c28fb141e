package mail

import "time"

// Envelope is what SMTP says about a message beside its bytes. Addresses are
// kept exactly as they came, quoted local parts with their quotes (RFC 5321
// §4.1.2); compare them by Key.
type Envelope struct {
	ReversePath string      // "" is the null reverse-path
	Body        string      // BODY= of MAIL FROM: "", "7BIT" or "8BITMIME" (RFC 6152)
	SMTPUTF8    bool        // RFC 6531
	Ret         string      // RET= (RFC 3461 §4.3): "", "FULL" or "HDRS"
	EnvID       string      // ENVID= as it came, xtext (RFC 3461 §4.4)
	Recipients  []Recipient // in the order they came

	// HoldUntil is when the client wants the message to leave, from HOLDFOR=
	// (counted from MAIL FROM) or HOLDUNTIL= (RFC 4865); zero where it did not
	// ask. It may lie in the past.
	HoldUntil time.Time
}

// Recipient is one accepted RCPT TO.
type Recipient struct {
	Address string
	Notify  string // NOTIFY= (RFC 3461 §4.1), upper case: "", "NEVER" or a list of "SUCCESS", "FAILURE", "DELAY" with commas
	ORcpt   string // ORCPT= as it came: addr-type ";" xtext (RFC 3461 §4.2)
}
