// Package hidden notices what files carry along without showing it: hidden
// sheets, rows and columns, the data behind pivot tables, tracked changes,
// comments, speaker notes, hidden text and slides, and properties that name
// another client. What stays among our own people counts less: they mostly know.
//
// Say: the kind of the worst one ("sheet", "rows", "columns", "pivot", "changes",
// "comments", "notes", "text", "slide"), "property" (Facts "Organisation"), or
// "several" where kinds differ. Facts: "File"; "Part" is the sheet, column or
// slide, where it has a name. Count is how many of the kind there are, of "several"
// in how many places.
package hidden

import (
	"context"
	"maps"
	"slices"
	"strings"

	"belay/internal/directory"
	"belay/internal/extract"
	"belay/internal/guard"
	"belay/internal/guard/lexicon"
	"belay/internal/mail"
)

// Code is its only signal.
const Code = "content.hidden"

// Detector looks into files.
type Detector struct{ organisations lexicon.Organisations }

var _ guard.Detector = (*Detector)(nil)

// New makes one.
func New() *Detector { return &Detector{} }

// Name implements guard.Detector.
func (*Detector) Name() string { return "hidden" }

// Codes implements guard.Detector.
func (*Detector) Codes() []string { return []string{Code} }

// CodesOfFiles are those that need files to be read.
func (*Detector) CodesOfFiles() []string { return []string{Code} }

// weights say how much people would want to know.
var weights = map[extract.HiddenKind]float64{
	extract.HiddenSheet: 0.85, extract.HiddenPivot: 0.8, extract.HiddenChanges: 0.8, extract.HiddenText: 0.75, extract.HiddenRows: 0.7,
	extract.HiddenColumns: 0.7, extract.HiddenComment: 0.65, extract.HiddenNotes: 0.6, extract.HiddenSlide: 0.6,
}

// ofOwn is what it counts among our own people.
const ofOwn = 0.55

const (
	maxFound = 5
	maxDepth = 5
)

// Detect implements guard.Detector.
func (d *Detector) Detect(_ context.Context, l *guard.Look) ([]guard.Signal, error) {
	c := collecting{d: d, l: l}
	for i := range l.Mail.Files {
		if f := &l.Mail.Files[i]; f.Doc != nil && !f.Inline {
			c.file(f.Doc, f.Name, 0)
		}
	}
	if len(c.all) == 0 {
		return nil, nil
	}
	return []guard.Signal{c.signal(isInside(l))}, nil
}

// isInside tells whether a mail stays among our own people.
func isInside(l *guard.Look) bool {
	for _, k := range l.Keys {
		if !l.Own(mail.Domain(k)) || l.Directory.External(k) {
			return false
		}
	}
	return true
}

// one is a hidden thing in a file.
type one struct {
	say, file, where, text, organisation string
	score                                float64
	count                                int
}

type collecting struct {
	d   *Detector
	l   *guard.Look
	all []one
}

// file looks through a file, and those inside it.
func (c *collecting) file(d *extract.Document, file string, depth int) {
	for _, h := range d.Hidden {
		if weight := weights[h.Kind]; weight > 0 && h.Count > 0 {
			count := h.Count
			if h.Kind == extract.HiddenSheet {
				count = 1 // it counts the rows in it
			}
			c.all = append(c.all, one{say: string(h.Kind), file: file, where: h.Where, text: h.Text, score: weight, count: count})
		}
	}
	if o := c.stranger(d); o != nil {
		c.all = append(c.all, one{say: "property", file: file, text: o.Name, organisation: o.Name, score: 0.75, count: 1})
	}
	if depth < maxDepth {
		for _, e := range d.Inside {
			if e.Doc != nil {
				c.file(e.Doc, file, depth+1)
			}
		}
	}
}

// stranger is a client whom a file's properties name, and who does not get the
// mail. One whom the file's visible text names too is nothing hidden:
// organisation.wrong and attachment.wrong say that. Of several it is the one in
// the first property, so that the same file always says the same.
func (c *collecting) stranger(d *extract.Document) *directory.Organisation {
	properties := d.Properties
	if len(properties) == 0 || c.l.Directory == nil {
		return nil
	}
	for _, key := range slices.Sorted(maps.Keys(properties)) {
		if key == "from" || key == "to" { // an attached mail shows them
			continue
		}
		for _, o := range c.d.organisations.Named(c.l.Directory, lexicon.FileWords(properties[key])) {
			if isClient(o) && !c.goesTo(o) && !slices.Contains(c.d.organisations.Named(c.l.Directory, d.Text), o) {
				return o
			}
		}
	}
	return nil
}

func (c *collecting) goesTo(o *directory.Organisation) bool {
	for _, k := range c.l.Keys {
		if c.l.Directory.Organisation(k) == o {
			return true
		}
	}
	return false
}

// isClient goes by the admin's own word for the kind; where there is none it may
// be one.
func isClient(o *directory.Organisation) bool {
	kind := strings.ToLower(o.Kind)
	for _, w := range [...]string{"client", "customer", "klient", "cliente", "müşteri", "musteri", "kunde", "patient", "pacjent", "mandant", "prospect", "lead"} {
		if strings.HasPrefix(kind, w) {
			return true
		}
	}
	return kind == ""
}

// signal puts together what was found.
func (c *collecting) signal(inside bool) guard.Signal {
	worst := &c.all[0]
	for i := range c.all {
		if c.all[i].score > worst.score {
			worst = &c.all[i]
		}
	}
	s := guard.Signal{Code: Code, Score: worst.score, Say: worst.say, Facts: map[string]string{"File": worst.file}}
	put := func(o *one) {
		if len(s.Found) < maxFound {
			s.Found = append(s.Found, guard.Found{Text: lexicon.Shorten(o.text), Place: guard.InFile, File: o.file, Where: o.where})
		}
	}
	put(worst)
	for i := range c.all {
		o := &c.all[i]
		if o != worst {
			put(o)
		}
		if o.say == worst.say {
			s.Count += o.count
		} else {
			s.Say = "several"
		}
	}
	if s.Say == "several" {
		s.Count = len(c.all)
		s.Score = min(0.95, s.Score+0.05)
	}
	if worst.where != "" {
		s.Facts["Part"] = worst.where
	}
	if worst.organisation != "" && s.Say == "property" {
		s.Facts["Organisation"] = worst.organisation
	}
	if inside {
		s.Score *= ofOwn
	}
	return s
}
