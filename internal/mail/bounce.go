package mail

import (
	"bytes"
	"strconv"
	"strings"
)

// Bounce is what a report of failed delivery says (RFC 3464).
type Bounce struct {
	MessageID string    // of the mail that it is about, without brackets
	To        []string  // whom the report goes to, by its header, as mail.Key
	Failed    []Failure // those who did not get it
}

// Failure is one recipient who did not get a mail.
type Failure struct {
	Addresses []string // as the sender wrote it, and as it was in the end; mail.Key
	Code      int      // the last server's reply; 0 where it is not given
	Status    string   // "5.1.1"; "" where there is none
}

// How much of a report is looked at.
const (
	maxFailures = 100
	maxReportTo = 5
)

// BounceOf reads a report of failed delivery; false where a message is none, or
// does not say which mail it is about. message need only be its beginning.
func BounceOf(message []byte) (b Bounce, ok bool) {
	if !IsReport("", message) {
		return b, false
	}
	for _, to := range ParseHeader(message).Summary().To {
		if key := Key(to.Address); key != "" && len(b.To) < maxReportTo {
			b.To = append(b.To, key)
		}
	}
	siblings := 0
	walkParts(message, false, func(p *part) bool {
		if p.depth != 1 {
			return true
		}
		switch siblings++; {
		case siblings == 2 && strings.HasSuffix(p.mediaType, "delivery-status"):
			b.Failed = failures(p.body)
		case siblings == 3:
			b.MessageID = ParseHeader(append(bytes.Clone(p.body), "\r\n\r\n"...)).Summary().MessageID
		}
		return siblings < 3
	})
	return b, b.MessageID != "" && len(b.Failed) > 0
}

// failures are those of the part for programs: one about the message, and one
// about each recipient, with an empty line between.
func failures(body []byte) (list []Failure) {
	for group := range bytes.SplitSeq(bytes.ReplaceAll(body, []byte("\r\n"), []byte("\n")), []byte("\n\n")) {
		h := ParseHeader(append(bytes.Clone(group), "\n\n"...))
		if len(list) == maxFailures || !strings.EqualFold(strings.TrimSpace(h.Get("Action")), "failed") {
			continue
		}
		var f Failure
		for _, name := range []string{"Original-Recipient", "Final-Recipient"} {
			kind, address, _ := strings.Cut(h.Get(name), ";")
			if address = strings.Trim(strings.TrimSpace(address), "<>"); strings.TrimSpace(kind) != "" && ValidAddress(address) {
				f.Addresses = append(f.Addresses, Key(address))
			}
		}
		if len(f.Addresses) == 0 {
			continue
		}
		f.Code, f.Status = diagnosis(h.Get("Diagnostic-Code"))
		if status := enhanced(h.Get("Status")); status != "" && status != "5.0.0" {
			f.Status = status
		}
		list = append(list, f)
	}
	return list
}

// diagnosis reads "smtp; 550 5.1.1 no such user", and "smtp;550-5.1.1 …".
func diagnosis(text string) (code int, status string) {
	kind, reply, _ := strings.Cut(text, ";")
	reply = strings.TrimSpace(reply)
	if !strings.EqualFold(strings.TrimSpace(kind), "smtp") || len(reply) < 3 {
		return 0, ""
	}
	code, err := strconv.Atoi(reply[:3])
	if err != nil || code < 400 || code > 599 {
		return 0, ""
	}
	return code, enhanced(strings.TrimLeft(reply[3:], " -#"))
}

// enhanced is the status code (RFC 3463) that a text begins with, "" where it has
// none.
func enhanced(text string) string {
	word, _, _ := strings.Cut(strings.TrimSpace(text), " ")
	parts := strings.Split(word, ".")
	if len(parts) != 3 || len(word) > 9 {
		return ""
	}
	for _, p := range parts {
		if _, err := strconv.ParseUint(p, 10, 16); err != nil {
			return ""
		}
	}
	return word
}
