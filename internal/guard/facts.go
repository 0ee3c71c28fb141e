package guard

import (
	"slices"

	"belay/internal/directory"
	"belay/internal/guard/rules"
	"belay/internal/mail"
)

// facts are what conditions are told.
func (j *judging) facts() *rules.Facts {
	f, s := j.f, j.f.Summary
	out := &rules.Facts{
		Time:       f.Time.UTC(),
		Principal:  f.Principal,
		Author:     j.mailbox(f.Author, s.Author().Name),
		Recipients: make([]rules.Mailbox, len(f.Envelope.Recipients)),
		Message: rules.Message{
			Size: f.Size, Subject: s.Subject, ID: s.MessageID, Listener: f.Listener, MediaType: s.MediaType,
			Sensitivity: s.Sensitivity, Reply: len(s.InReplyTo)+len(s.References) > 0, Automatic: s.IsAutomatic(),
			Encrypted: j.protected.Encrypted != "", Signed: j.protected.Signed != "",
		},
	}
	if j.people.program && out.Author.Kind == "" {
		out.Author.Kind = string(directory.KindProgram)
	}
	names := map[string]string{}
	for _, list := range [][]mail.Mailbox{s.To, s.Cc, s.Bcc} {
		for _, m := range list {
			if m.Name != "" {
				names[mail.Key(m.Address)] = m.Name
			}
		}
	}
	for i, key := range j.keys {
		out.Recipients[i] = j.mailbox(key, names[key])
		out.Recipients[i].Known = out.Recipients[i].Known || j.knows(key)
	}
	if j.g.rules.Needs().Attachments {
		j.attachments(out)
	}
	j.addSignals(out)
	return out
}

// mailbox is an address as conditions see it. One without a domain
// ("postmaster") is ours.
func (j *judging) mailbox(key, name string) rules.Mailbox {
	domain := mail.Domain(key)
	m := rules.Mailbox{Address: key, Name: name, Domain: domain, Main: mail.Base(key), External: domain != "" && !j.g.own[domain]}
	d := j.dir
	if d == nil {
		return m
	}
	if o := d.Organisation(key); o != nil {
		m.Organisation, m.Known = o.Name, true
	}
	kind := d.Kind(key)
	if kind == directory.KindUnknown {
		return m
	}
	m.Kind, m.Person, m.Main, m.Known = string(kind), d.Name(key), d.Main(key), true
	m.Groups, m.Manager = rules.GroupNames(d.Groups(key)), d.Manager(key)
	if box := d.Mailbox(key); box != nil {
		m.Members = len(d.Members(key))
		m.External = m.External || box.Outside
	}
	return m
}

// severalColleagues are enough for an address to be known to the organisation.
const severalColleagues = 3

// knows tells whether the author wrote to an address or heard from it before, or
// several colleagues write there.
func (j *judging) knows(key string) bool {
	if c := j.past.Contact(key); c != nil && c.Trusted()+c.Received > 0 {
		return true
	}
	a := j.past.Colleague(key)
	return a != nil && a.Others >= severalColleagues
}

// attachments lists the files, from the message itself where nobody did.
func (j *judging) attachments(out *rules.Facts) {
	files, all := j.f.Attachments, j.f.Listed
	if !all && files == nil && j.f.Whole {
		l := mail.NewPartLister()
		_, _ = l.Write(j.f.Head) // never fails
		_ = l.Close()
		files, all = l.Attachments(), !l.Truncated()
	}
	out.PartsFailed = !all
	for _, a := range files {
		out.Attachments = append(out.Attachments, rules.Attachment{Name: a.Name, Type: a.Type, Size: a.Size,
			Extension: a.Extension(), Encrypted: a.Encrypted})
		out.Message.AttachmentsSize += a.Size
	}
}

// addSignals tells the conditions what was noticed.
func (j *judging) addSignals(out *rules.Facts) {
	out.Failed = j.failed
	for _, s := range j.signals[:j.counted] {
		out.Signals = append(out.Signals, rules.Signal{Code: s.Code, Recipient: s.Recipient, Score: s.Score, Evidence: s.Evidence})
		if i := slices.Index(j.keys, s.Recipient); i >= 0 {
			for ; i < len(j.keys); i++ { // an address may be there twice
				if j.keys[i] == s.Recipient {
					out.Recipients[i].Score = max(out.Recipients[i].Score, j.says(&s))
				}
			}
		}
	}
}
