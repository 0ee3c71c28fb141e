package notice

import (
	"strings"

	"github.com/emersion/go-msgauth/authres"

	"belay/internal/mail"
)

// Proof says how sure it is that the author of a mail is the person who wrote
// it. More is better.
type Proof int

const (
	ByNobody  Proof = iota // incoming mail, or a sign-in that may not use the address
	ByNetwork              // a trusted network handed it in
	Vouched                // a configured authserv-id vouches for an aligned DMARC pass
	SignedIn               // AUTH with an account that may use the author's address
	ByToken                // a token out of a notice
)

// String is the word for logs and the journal.
func (p Proof) String() string {
	return [...]string{"nobody", "network", "dmarc", "signed-in", "token"}[p]
}

// proofOf weighs a mail without its token.
func (s *Service) proofOf(m *ServiceMail) Proof {
	switch m.Client.Listener {
	case "submission":
		if m.Client.Principal != "" && (s.options.MayUse(m.Client.Principal, m.author) || s.aliasOf(m.Client.Principal, m.author)) {
			return SignedIn
		}
	case "relay":
		if s.vouched(m) {
			return Vouched
		}
		return ByNetwork
	}
	return ByNobody
}

// aliasOf tells whether an address is one more of the person's who signed in.
func (s *Service) aliasOf(principal, address string) bool {
	p := s.people().Person(principal)
	return p != nil && p == s.people().Person(address)
}

// vouched looks at the topmost Authentication-Results alone: what stands below
// came with the mail, and a mail can say anything (RFC 8601 §5, §7.1). The
// domain that DMARC passed must be the author's own, and the author one
// mailbox in one From field, else it is not clear who passed.
func (s *Service) vouched(m *ServiceMail) bool {
	if len(s.options.AuthservIDs) == 0 || countOf(m.header, "From") != 1 || len(m.summary.From) != 1 {
		return false
	}
	value := m.header.Get("Authentication-Results")
	if value == "" {
		return false
	}
	id, results, err := authres.Parse(value)
	if err != nil || !s.knownAuthserv(id) {
		return false
	}
	passed := false
	for _, result := range results {
		dmarc, ok := result.(*authres.DMARCResult)
		if !ok {
			continue
		}
		if dmarc.Value != authres.ResultPass || mail.DomainKey(strings.TrimSpace(dmarc.From)) != mail.Domain(m.author) {
			return false // one that failed outweighs one that passed
		}
		passed = true
	}
	return passed
}

// countOf tells how many fields have that name.
func countOf(h mail.Header, name string) int {
	n := 0
	for _, f := range h.Fields {
		if f.Is(name) {
			n++
		}
	}
	return n
}

func (s *Service) knownAuthserv(id string) bool {
	for _, known := range s.options.AuthservIDs {
		if strings.EqualFold(known, id) {
			return true
		}
	}
	return false
}
