package notice

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"belay/internal/guard"
	"belay/internal/locale"
	"belay/internal/mail"
	"belay/internal/queue"
)

// letter is a mail of ours before it is text and HTML.
type letter struct {
	subject string
	blocks  []block
	// done tells that something was done in the author's name, so that they
	// are told in any case.
	done bool
	// quiet marks one that only asks again, or says that there was nothing to
	// do: nobody gets many of those, proved or not. A program that hides being
	// one would go on for ever.
	quiet      bool
	replyTo    string         // a token address, "" for none
	references []string       // Message-IDs that it is about, beside the mail it answers
	draft      *queue.Message // attached as a draft to be sent again
	shown      *queue.Message // attached to be read
}

// attached is the mail that goes with the letter, nil for none.
func (l *letter) attached() *queue.Message {
	if l.draft != nil {
		return l.draft
	}
	return l.shown
}

type kind int

const (
	lead   kind = iota // the answer, in a sentence
	para               // more of it
	table              // recipients and what became of them
	list               // mails, each with an address to write to
	choice             // buttons
	quote              // somebody's own words
	fine               // small print
)

// block is one part of a letter. Templates read its fields.
type block struct {
	Kind kind
	Text string
	Rows []line
}

// line is a row of a table or an item of a list.
type line struct {
	Left, Right string
	Address     string // to write to or to open, "" for none
	Link        string // where a button leads
}

func (l *letter) add(k kind, text string) {
	l.blocks = append(l.blocks, block{Kind: k, Text: tame(text, k == quote)})
}

func (l *letter) addRows(k kind, text string, rows []line) {
	if len(rows) == 0 {
		return
	}
	tamed := make([]line, len(rows))
	for i, row := range rows {
		tamed[i] = line{Left: tame(row.Left, false), Right: tame(row.Right, false), Address: row.Address, Link: row.Link}
	}
	l.blocks = append(l.blocks, block{Kind: k, Text: tame(text, false), Rows: tamed})
}

// tame takes out of a text what would make a letter look like another one:
// much of it comes from strangers. Control characters go, line ends too unless
// the text has lines; what turns the direction of writing, so that an address
// reads as a different one, is shown as a mark.
func tame(text string, lines bool) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' && lines:
			return r
		case r == '\u2028', r == '\u2029', unicode.IsControl(r) && unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), r == '\u200e', r == '\u200f', r == '\u061c':
			return -1
		case unicode.Is(unicode.Bidi_Control, r):
			return utf8.RuneError
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
}

// subjectOf is a message's subject as a notice shows it.
func subjectOf(say *locale.Locale, m *queue.Message) string {
	subject := strings.Join(strings.Fields(m.Subject), " ")
	if subject == "" {
		return say.T("notice.nosubject")
	}
	if runes := []rune(subject); len(runes) > 200 {
		subject = strings.TrimSpace(string(runes[:200])) + "…"
	}
	return subject
}

// start begins a letter about a message.
func start(r *request, name string, m *queue.Message) *letter {
	data := map[string]any{"Subject": subjectOf(r.say, m)}
	l := &letter{subject: r.say.T("notice.subject."+name, data)}
	l.add(lead, r.say.T("notice.lead."+name, data))
	if m.MessageID != "" {
		l.references = []string{m.MessageID}
	}
	return l
}

// instead says, before all else, that the mail that was named is not here and
// that m was stopped in its place.
func (l *letter) instead(r *request, m *queue.Message) {
	l.subject = r.say.T("notice.subject.instead", "Subject", subjectOf(r.say, m))
	l.blocks = append([]block{{Kind: lead, Text: r.say.T("notice.lead.missing") + " " + r.say.T("notice.lead.instead")}}, l.blocks...)
}

// state says where a delivery stands; outcome, where something was just asked
// for it, what came of that.
func state(r *request, d queue.Delivery, outcome queue.Outcome) string {
	when := map[string]any{"When": r.say.When(d.Due, r.now), "Ago": r.say.Ago(r.now.Sub(d.Due)), "Until": r.say.Until(d.Due.Sub(r.now))}
	switch outcome {
	case queue.OutStopped:
		return r.say.T("notice.row.stopped")
	case queue.OutReleased:
		return r.say.T("notice.row.released")
	case queue.OutTooLate:
		if d.State == queue.Sent {
			return r.say.T("notice.row.left", when)
		}
	}
	switch d.State {
	case queue.Held:
		switch d.Gate {
		case guard.Ask:
			return r.say.T("question.row.ask")
		case guard.Approve:
			return r.say.T("question.row.approve")
		}
		if d.Due.Sub(r.now) > queue.Indefinite {
			return r.say.T("notice.row.indefinite")
		}
		return r.say.T("notice.row.waiting", when)
	case queue.Ready:
		return r.say.T("notice.row.released")
	case queue.Deferred:
		return r.say.T("notice.row.deferred", when)
	case queue.Sending:
		return r.say.T("notice.row.leaving")
	case queue.Failed:
		return r.say.T("notice.row.failed")
	case queue.Returned:
		return r.say.T("notice.row.returned")
	case queue.Stopped:
		return r.say.T("notice.row.already")
	}
	return r.say.T("notice.row.gone", when)
}

// some shortens a list of addresses: "a, b and 38 more".
func some(say *locale.Locale, addresses []string, most int) string {
	if len(addresses) <= most+1 {
		return say.List(addresses)
	}
	return say.N("notice.to", len(addresses)-most, "First", strings.Join(addresses[:most], ", "))
}

// listed are messages as items of a list, each with a token address.
func (s *Service) listed(r *request, messages []*queue.Message, act Act) []line {
	const most = 10
	var rows []line
	for _, m := range messages[:min(most, len(messages))] {
		var to []string
		for _, d := range m.Deliveries {
			if d.State.Waiting() {
				to = append(to, d.Recipient.Address)
			}
		}
		l := line{Left: r.say.T("notice.quoted", "Subject", subjectOf(r.say, m)), Right: some(r.say, to, 3)}
		for _, d := range m.Deliveries {
			if d.State.Waiting() {
				l.Right += " – " + s.standing(r, m, d, "")
				break
			}
		}
		l.Address = s.personal(r, act, m)
		rows = append(rows, l)
	}
	return rows
}

// finish adds what every answer ends with.
func (s *Service) finish(r *request, l *letter) *letter {
	if len(r.others) > 0 {
		l.add(para, r.say.T("notice.named", "Others", some(r.say, r.others, 10), "Address", s.address(r.wing)))
	}
	if len(r.calls) > 1 {
		l.add(para, r.say.T("notice.calls", "Address", s.address(r.wing)))
	}
	for _, b := range l.blocks {
		if len(b.Rows) > 0 {
			l.add(fine, r.say.T("notice.times", "Zone", r.say.Zone(r.now)))
			break
		}
	}
	l.add(fine, s.footer(r.say))
	return l
}

func (s *Service) footer(say *locale.Locale) string {
	return say.T("notice.footer", "Undo", s.address(wingUndo), "Send", s.address(wingSend))
}

// languageOf is the language to answer a mail in, with its writer's clock. Where
// the mail does not show one it is the person's, else that of the house. A clock
// of UTC is that of a mail server or of webmail and nobody's on the wall; times
// are then the house's, as in the letter that was answered.
func (s *Service) languageOf(m *ServiceMail) *locale.Locale {
	otherwise := s.people().Language(m.author)
	if otherwise == "" {
		otherwise = s.options.Language
	}
	say := s.words.OfWriter(locale.Clues(mail.CluesOf(m.Raw)), otherwise)
	if _, offset := s.options.Now().In(say.Location()).Zone(); offset == 0 {
		say = say.In(s.options.Calendar.Zone())
	}
	return say
}

// client names the computer a mail came from.
func client(r *request) string {
	if addr := r.Client.Addr.Addr(); addr.IsValid() {
		return addr.Unmap().WithZone("").String()
	}
	return "?"
}

// why is the reason that the journal keeps.
func (s *Service) why(r *request) string {
	return fmt.Sprintf("by mail to %s, proof: %s, from %s", s.address(r.wing), r.proof, client(r))
}

// who is the actor that the journal keeps.
func who(r *request) string {
	if r.proof == SignedIn {
		return r.Client.Principal
	}
	return r.author
}
