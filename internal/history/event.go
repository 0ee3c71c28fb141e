package history

import (
	"time"

	"belay/internal/directory"
	"belay/internal/mail"
	"belay/internal/reading"
)

// EventOf takes out of a mail what is learned of it. To has one party for each
// recipient of the envelope, in its order, so that positions in the envelope are
// positions in To. m and d may be nil: then less is known. at is when it was
// sent or came in.
func EventOf(s *mail.Summary, env *mail.Envelope, m *reading.Mail, d *directory.Directory, at time.Time) Event {
	e := Event{ID: s.MessageID, Time: at, Author: s.Author(), InReplyTo: s.InReplyTo, References: s.References,
		Subject: s.Subject, Automatic: s.IsAutomatic() || d.Kind(s.Author().Address) == directory.KindProgram}
	visible := map[string]string{}
	for _, list := range [][]mail.Mailbox{s.To, s.Cc} {
		for _, b := range list {
			if key := mail.Key(b.Address); visible[key] == "" {
				visible[key] = b.Name
			}
		}
	}
	e.To = make([]Party, len(env.Recipients))
	for i, r := range env.Recipients {
		name, there := visible[mail.Key(r.Address)]
		e.To[i] = Party{Mailbox: mail.Mailbox{Name: name, Address: r.Address}, Hidden: !there}
	}
	if m != nil {
		e.read(m)
		e.Named = namedIn(m, d)
		e.Terms = TermsOf(m)
	}
	return e
}

// IncomingOf is EventOf for mail that was observed. Who got it stands in its
// header: the envelope of a copy names the mailbox of copies. Only where the
// header names nobody, the envelope counts.
func IncomingOf(s *mail.Summary, env *mail.Envelope, m *reading.Mail, d *directory.Directory, at time.Time) Event {
	e := EventOf(s, env, m, d, at)
	e.Incoming = true
	var named []Party
	for _, list := range [][]mail.Mailbox{s.To, s.Cc} {
		for _, b := range list {
			named = append(named, Party{Mailbox: b})
		}
	}
	if len(named) > 0 {
		e.To = named
	}
	return e
}

// read takes hashes and addresses out of what the mail says.
func (e *Event) read(m *reading.Mail) {
	for i := range m.Texts {
		t := &m.Texts[i]
		e.Lines = append(e.Lines, reading.FirstMarks(t.Own, maxMarks-len(e.Lines))...)
		e.Quotes = append(e.Quotes, reading.FirstMarks(t.Quoted, maxMarks-len(e.Quotes))...)
		e.Introduced = append(e.Introduced, mail.AddressesIn(t.Own, maxIntroduced-len(e.Introduced))...)
	}
}

// How much of a file, and of all files, is looked through for organisations, in
// octets.
const (
	maxFileWords  = 64 << 10
	maxFilesWords = 256 << 10
)

// namedIn are the organisations that the subject, the writer's own words, and
// the files name.
func namedIn(m *reading.Mail, d *directory.Directory) []string {
	if len(d.Organisations()) == 0 {
		return nil
	}
	texts := [][]reading.Word{m.SubjectWords(), m.Words()}
	left := maxFilesWords
	for i := range m.Files {
		f := &m.Files[i]
		texts = append(texts, reading.WordsOf(f.Name))
		if f.Doc != nil {
			text := f.Doc.Text[:min(len(f.Doc.Text), maxFileWords, left)]
			left -= len(text)
			texts = append(texts, reading.WordsOf(f.Doc.Title), reading.WordsOf(text))
		}
	}
	return d.NamesOf(texts...)
}
