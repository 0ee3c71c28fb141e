package lexicon

import (
	"belay/internal/extract"
	"belay/internal/reading"
)

// Paper is a text out of a file.
type Paper struct {
	Text   string
	File   string // the file's name as the mail gives it
	Where  string // the file inside it, the sheet
	Hidden bool   // a reader does not see it at once
}

// maxPapers bounds how many texts of files are looked at.
const maxPapers = 500

// Papers are all texts that were read out of a mail's files, also out of files
// inside them, and what is hidden in them. Pictures that stand in the text are
// left aside.
func Papers(m *reading.Mail) (all []Paper) {
	for i := range m.Files {
		if f := &m.Files[i]; f.Doc != nil && !f.Inline {
			all = papersOf(all, f.Doc, f.Name, "", 0)
		}
	}
	return all
}

func papersOf(all []Paper, d *extract.Document, file, where string, depth int) []Paper {
	if len(all) >= maxPapers || depth > 5 {
		return all
	}
	if d.Text != "" {
		all = append(all, Paper{Text: d.Text, File: file, Where: where})
	}
	for _, h := range d.Hidden {
		if h.Text != "" && len(all) < maxPapers {
			all = append(all, Paper{Text: h.Text, File: file, Where: h.Where, Hidden: true})
		}
	}
	for _, e := range d.Inside {
		if e.Doc != nil {
			all = papersOf(all, e.Doc, file, e.Name, depth+1)
		}
	}
	return all
}

// PatternsOf are an admin's patterns for a signal.
func PatternsOf(o Options, code string) (list []Pattern) {
	for _, p := range o.Patterns {
		if p.Code == code && p.Re != nil {
			list = append(list, p)
		}
	}
	return list
}
