package organisation

import (
	"slices"
	"strings"

	"belay/internal/directory"
	"belay/internal/guard"
	"belay/internal/guard/lexicon"
	"belay/internal/guard/parties"
	"belay/internal/history"
	"belay/internal/mail"
	"belay/internal/reading"
)

// enough is how many past mails to somebody have to name a client before it is
// plain that they work together.
const enough = 3

// aList is from how many organisations on a text is a list of references.
const aList = 4

// How much of a file, and of all files, is looked through, in octets.
const (
	maxFile  = 64 << 10
	maxFiles = 256 << 10
)

// named is a client that a mail names.
type named struct {
	of    *directory.Organisation
	by    directory.Naming // the surest
	found []guard.Found
	count int
	file  string     // of the first file, where only files name it
	lines []position // where it stands
}

// position is a line of one of the texts.
type position struct{ text, line int }

// wrong finds recipients who read about another client.
func (r *readers) wrong() (signals []guard.Signal) {
	all := r.named()
	if len(all) == 0 {
		return nil
	}
	for _, n := range all {
		if !isClient(n.of) || r.reads(n.of) {
			continue
		}
		for _, one := range r.list {
			score := r.score(n, one, all)
			if score < 0.2 {
				continue
			}
			instead := r.instead(n.of)
			for _, key := range one.keys {
				s := guard.Signal{Code: Wrong, Recipient: key, Score: score, Found: n.found, Instead: instead,
					Facts: map[string]string{"Named": n.of.Name, "Other": one.of.Name}}
				if n.file != "" {
					s.Say, s.Facts["File"] = "file", n.file
				}
				signals = append(signals, s)
			}
		}
	}
	return best(signals)
}

// best keeps one signal for each recipient.
func best(signals []guard.Signal) (kept []guard.Signal) {
	for _, s := range signals {
		i := slices.IndexFunc(kept, func(k guard.Signal) bool { return k.Recipient == s.Recipient })
		switch {
		case i < 0:
			kept = append(kept, s)
		case kept[i].Score < s.Score:
			kept[i] = s
		}
	}
	return kept
}

// reads tells whether somebody of an organisation gets the mail.
func (r *readers) reads(o *directory.Organisation) bool {
	return slices.ContainsFunc(r.list, func(one *reader) bool { return one.of == o })
}

// score is how sure it is that a mail that names a client does not belong with
// an organisation.
func (r *readers) score(n *named, to *reader, all []*named) float64 {
	score := map[directory.Naming]float64{directory.ByDomain: 0.7, directory.ByKeyword: 0.75, directory.ByName: 0.7, directory.ByPerson: 0.55, directory.ByShort: 0.4}[n.by]
	if n.by == directory.ByShort && n.count > 1 {
		score = 0.55
	}
	if n.file != "" {
		score -= 0.1
	}
	if len(all) >= aList || r.inOneLine(n, to.of, all) {
		return 0 // a list of references, a cutting: both are spoken of
	}
	if slices.ContainsFunc(all, func(m *named) bool { return m.of == to.of }) {
		score -= 0.1
	}
	knows := r.knows(n.of, to)
	switch {
	case knows >= enough:
		return 0
	case knows > 0:
		score -= 0.15
	}
	if r.toldUs(n.of, to) {
		return 0
	}
	if !isClient(to.of) && !r.worked(to) {
		score -= 0.25 // a supplier of whom nothing was learned may well work for that client
	}
	return score
}

// inOneLine tells whether both organisations are named side by side.
func (r *readers) inOneLine(n *named, other *directory.Organisation, all []*named) bool {
	for _, m := range all {
		if m.of == other {
			return slices.ContainsFunc(m.lines, func(p position) bool { return slices.Contains(n.lines, p) })
		}
	}
	return false
}

// knows is in how many past mails to an organisation a client was named.
func (r *readers) knows(client *directory.Organisation, to *reader) (n int) {
	past := r.l.Past
	if past == nil {
		return 0
	}
	for _, d := range to.all() {
		n += past.Named(d, client.Name)
	}
	return n
}

// worked tells whether enough mail went to an organisation to know what it works
// on.
func (r *readers) worked(to *reader) bool {
	return r.l.Past != nil && slices.ContainsFunc(to.domains, func(d string) bool {
		a := r.l.Past.Domains[d]
		return a != nil && a.Sent >= enough
	})
}

// toldUs tells whether it was the recipients who spoke of the client: it is in
// what is quoted of them, or in the subject that is answered, and nothing of the
// client's own mail is quoted.
func (r *readers) toldUs(client *directory.Organisation, to *reader) bool {
	quoted, theirs := false, false
	for i := range r.l.Mail.Texts {
		words := r.l.Mail.Texts[i].QuotedWords()
		for _, m := range r.l.Directory.Named(words) {
			quoted = quoted || m.Organisation == client
			theirs = theirs || m.Organisation == client && m.By == directory.ByDomain
		}
	}
	if theirs {
		return false
	}
	if quoted {
		return true
	}
	answer := parties.SubjectSays(r.l.Summary.Subject) == "re"
	if !answer || !slices.ContainsFunc(r.l.Directory.Named(r.l.Mail.SubjectWords()), func(m directory.Mention) bool { return m.Organisation == client }) {
		return false
	}
	return slices.ContainsFunc(to.keys, func(key string) bool {
		c := r.l.Past.Contact(key)
		return c != nil && c.Received > 0
	})
}

// named are the clients that the subject, the writer's own words and the files
// name.
func (r *readers) named() (all []*named) {
	m := r.l.Mail
	add := func(text int, source string, words []reading.Word, f guard.Found) {
		for _, mention := range r.l.Directory.Named(words) {
			f.Text = lexicon.Shorten(source[words[mention.From].Start:words[mention.To-1].End])
			all = note(all, mention, f, position{text, words[mention.From].Line})
		}
	}
	add(0, m.Subject, m.SubjectWords(), guard.Found{Place: guard.InSubject})
	for i := range m.Texts {
		add(1+i, m.Texts[i].Own, m.Texts[i].Words(), guard.Found{Place: guard.InText})
	}
	left := maxFiles
	for i := range m.Files {
		f, at := &m.Files[i], 1+len(m.Texts)+2*i
		add(at, f.Name, reading.WordsOf(f.Name), guard.Found{Place: guard.InFileName, File: f.Name})
		if f.Doc != nil {
			text := f.Doc.Title + "\n" + f.Doc.Text[:min(len(f.Doc.Text), maxFile, left)]
			left = max(0, left-len(text))
			add(at+1, text, reading.WordsOf(text), guard.Found{Place: guard.InFile, File: f.Name})
		}
	}
	return all
}

// surest orders namings, the surest first.
var surest = []directory.Naming{directory.ByKeyword, directory.ByDomain, directory.ByName, directory.ByPerson, directory.ByShort}

// note takes down a mention.
func note(all []*named, m directory.Mention, f guard.Found, at position) []*named {
	inFile := f.Place == guard.InFile || f.Place == guard.InFileName
	i := slices.IndexFunc(all, func(n *named) bool { return n.of == m.Organisation })
	if i < 0 {
		i = len(all)
		n := &named{of: m.Organisation, by: m.By}
		if inFile {
			n.file = f.File
		}
		all = append(all, n)
	}
	n := all[i]
	n.count++
	n.lines = append(n.lines, at)
	if slices.Index(surest, m.By) < slices.Index(surest, n.by) {
		n.by = m.By
	}
	if len(n.found) < 3 && !slices.Contains(n.found, f) {
		n.found = append(n.found, f)
	}
	return all
}

// instead are the author's contacts at an organisation, those first to whom most
// goes.
func (r *readers) instead(o *directory.Organisation) (addresses []string) {
	if r.l.Past == nil {
		return nil
	}
	var found []*history.Contact
	for _, c := range r.l.Past.Contacts {
		if _, domain := mail.Split(c.Address); slices.Contains(o.Domains, domain) {
			found = append(found, c)
		}
	}
	slices.SortFunc(found, func(a, b *history.Contact) int {
		if a.Sent != b.Sent {
			return b.Sent - a.Sent
		}
		return strings.Compare(a.Address, b.Address)
	})
	for _, c := range found[:min(3, len(found))] {
		addresses = append(addresses, c.Address)
	}
	return addresses
}
