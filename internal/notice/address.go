package notice

import (
	"strings"

	"belay/internal/mail"
	"belay/internal/smtpd"
)

// wing is what lives behind a service address.
type wing string

const (
	wingUndo       wing = "undo"
	wingSend       wing = "send"
	wingOops       wing = "oops"
	wingListen     wing = "listen"
	wingSpam       wing = "spam"
	wingPostmaster wing = "postmaster"
	wingAnswer     wing = "re" // only with a token: where questions are answered; short, so that the token fits
)

// wings are all of them, the one that decides first: where a mail names
// several, stopping goes before answering and that before sending, since a stop
// can be made good.
var wings = []wing{wingUndo, wingAnswer, wingSend, wingOops, wingListen, wingSpam, wingPostmaster}

// built tells whether mail to the address does something already.
func (w wing) built() bool { return w == wingUndo || w == wingSend || w == wingAnswer }

// call is one service address that a mail names.
type call struct {
	wing  wing
	token string // what stands behind the plus, "" for none
}

// parseCall reads an address of the service domain; false is none that exists.
func (s *Service) parseCall(address string) (call, bool) {
	if !s.IsService(address) {
		return call{}, false
	}
	local, _ := mail.Split(mail.Key(address))
	name, token, _ := strings.Cut(local, "+")
	for _, w := range wings {
		if name == string(w) {
			return call{wing: w, token: token}, true
		}
	}
	return call{}, false
}

// IsService tells whether an address lives in the service domain, so that its
// mail is handled here and travels nowhere, whether the address exists or not.
func (s *Service) IsService(address string) bool {
	return s.domain != "" && mail.Domain(address) == s.domain
}

// CheckRecipient answers RCPT TO for an address of the service domain: nil
// where it exists, else a *smtpd.Reply (550 5.1.1).
func (s *Service) CheckRecipient(address string) error {
	if _, ok := s.parseCall(address); ok {
		return nil
	}
	return &smtpd.Reply{Code: 550, Enhanced: "5.1.1", Text: "no such service address; there are " + s.names()}
}

// names lists the addresses that do something.
func (s *Service) names() string {
	var list []string
	for _, w := range wings {
		if w.built() && w != wingAnswer { // which nobody writes to who was not asked
			list = append(list, s.address(w))
		}
	}
	return strings.Join(list, ", ")
}

func (s *Service) address(w wing) string { return string(w) + "@" + s.domain }

// tokenAddress is a service address that proves who writes to it.
func (s *Service) tokenAddress(w wing, token string) string {
	return string(w) + "+" + token + "@" + s.domain
}
