package attachment

import (
	"cmp"
	"context"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"belay/internal/directory"
	"belay/internal/extract"
	"belay/internal/guard"
	"belay/internal/guard/lexicon"
	"belay/internal/guard/parties"
	"belay/internal/reading"
)

// beginning is how much of a document is looked at, in octets: there stands whom
// it is for.
const beginning = 700

// maxFiles bounds how many files are looked at.
const maxFiles = 50

// place is a text by which a file says whom it is for.
type place struct {
	text  string
	words []reading.Word
	found guard.Found
	score float64
}

// wrong notices files for somebody else.
func (d *Detector) wrong(ctx context.Context, l *guard.Look) []guard.Signal {
	list := parties.Of(l)
	w := &wrongly{d: d, l: l, list: list}
	w.whom()
	if len(w.outside) == 0 && !w.isPersonal() {
		return nil // colleagues send each other everybody's files
	}
	for i := range l.Mail.Files[:min(len(l.Mail.Files), maxFiles)] {
		f := &l.Mail.Files[i]
		if f.Inline || ctx.Err() != nil {
			continue
		}
		w.file(f)
	}
	return w.signals
}

// wrongly looks for files for somebody else.
type wrongly struct {
	d       *Detector
	l       *guard.Look
	list    *parties.List
	outside []parties.Party
	signals []guard.Signal
	best    map[string]int // by recipient: its signal
	spoken  []*directory.Organisation
	own     []reading.Word // the writer's words and the subject's
	persons []person
	read    bool
	// personal tells a paper of somebody's own on its way to a colleague. Else our
	// own people's names in files tell who wrote them.
	personal bool
}

// personalWords are words for papers that are one person's own, folded, as words
// begin.
var personalWords = strings.Fields(`payslip payroll salary nomina busta cedolino pasek wynagrodzen bordro lonnsslipp lonnslipp appraisal sickness medical zwolnienie baja rapor
	certificato referto zaswiadczenie legeerklaering pit p45 p60 cud irpf skattekort`)

// isPersonal tells a mail to one colleague alone with a paper of somebody's own.
func (w *wrongly) isPersonal() bool {
	if len(w.list.Recipients) != 1 {
		return false
	}
	for i := range w.l.Mail.Files {
		for _, word := range reading.WordsOf(lexicon.FileWords(w.l.Mail.Files[i].Name)) {
			if slices.ContainsFunc(personalWords, func(p string) bool { return strings.HasPrefix(word.Folded, p) }) {
				w.outside, w.personal = w.list.Recipients, true
				return true
			}
		}
	}
	return false
}

// whom finds out who gets the mail.
func (w *wrongly) whom() {
	for _, p := range w.list.Recipients {
		if !p.Ours {
			w.outside = append(w.outside, p)
		}
	}
}

// file looks at one file.
func (w *wrongly) file(f *reading.File) {
	places := placesOf(f)
	if len(places) == 0 {
		return
	}
	if !w.read {
		w.read = true
		w.readOwn()
	}
	for _, p := range places {
		if o := w.organisation(places, p); o != nil {
			w.about(guard.Signal{Say: "organisation", Score: p.score, Facts: map[string]string{"Organisation": o.Name, "File": f.Name},
				Found: []guard.Found{p.found}, Instead: w.peopleOf(o)}, func(r *parties.Party) bool { return !w.worksFor(r, o) })
			return
		}
	}
	for _, p := range places {
		if who := w.person(places, p); who != nil {
			w.about(guard.Signal{Say: "person", Score: p.score, Facts: map[string]string{"Person": who.name, "File": f.Name},
				Found: []guard.Found{p.found}, Instead: []string{who.address}}, func(*parties.Party) bool { return true })
			return
		}
	}
}

// readOwn reads what the writer says about the files.
func (w *wrongly) readOwn() {
	m := w.l.Mail
	text := m.Subject
	for i := range m.Texts {
		text += "\n" + m.Texts[i].Own
	}
	w.own = reading.WordsOf(text)
	w.spoken = w.d.organisations.Named(w.l.Directory, text)
	w.persons = w.others()
}

// about puts a signal for each recipient outside whom it concerns.
func (w *wrongly) about(s guard.Signal, concerns func(*parties.Party) bool) {
	if s.Score < 0.2 {
		return
	}
	s.Code = CodeWrong
	for i := range w.outside {
		r := &w.outside[i]
		if !concerns(r) {
			continue
		}
		one := s
		one.Recipient = r.Key
		if w.best == nil {
			w.best = map[string]int{}
		}
		at, ok := w.best[r.Key]
		switch {
		case !ok:
			w.best[r.Key] = len(w.signals)
			w.signals = append(w.signals, one)
		case one.Score > w.signals[at].Score:
			w.signals[at] = one
		}
	}
}

// placesOf are the name, the title and the beginning of a file.
func placesOf(f *reading.File) (list []place) {
	add := func(text string, kind guard.PlaceKind, score float64) {
		if strings.TrimSpace(text) != "" {
			list = append(list, place{text, reading.WordsOf(text), guard.Found{Text: lexicon.Shorten(text), Place: kind, File: f.Name}, score})
		}
	}
	add(lexicon.FileWords(f.Name), guard.InFileName, 0.8)
	if f.Doc == nil || f.Doc.Kind == extract.KindEml || f.Doc.Kind == extract.KindMsg {
		return list // a forwarded mail names whomever it went to
	}
	add(f.Doc.Title, guard.InFile, 0.7)
	text := f.Doc.Text
	if len(text) > beginning {
		text = text[:beginning]
		for len(text) > 0 && !utf8.ValidString(text[len(text)-min(4, len(text)):]) {
			text = text[:len(text)-1]
		}
	}
	add(text, guard.InFile, 0.65)
	if f.Doc.Kind == extract.KindZip {
		for _, e := range f.Doc.Inside[:min(len(f.Doc.Inside), 20)] {
			add(lexicon.FileWords(e.Name), guard.InFileName, 0.7)
		}
	}
	return list
}

// organisation is one that a place names, and that has nothing to do with the
// mail otherwise; nil where there is none.
func (w *wrongly) organisation(all []place, p place) *directory.Organisation {
	if w.l.Directory == nil {
		return nil
	}
	for _, o := range w.named(p) {
		if slices.Contains(w.spoken, o) || w.goesTo(o) || w.together(o) || w.namesRecipients(all) {
			continue
		}
		return o
	}
	return nil
}

func (w *wrongly) named(p place) []*directory.Organisation {
	if p.found.Place == guard.InFileName && !isPicture(p.found.File) {
		return w.d.organisations.NamedInFileName(w.l.Directory, p.text)
	}
	return w.d.organisations.Named(w.l.Directory, p.text)
}

// isPicture tells pictures by their names: they show things, whatever these are
// called.
func isPicture(file string) bool {
	switch strings.ToLower(path.Ext(file)) {
	case ".jpg", ".jpeg", ".png", ".gif", ".heic", ".webp", ".bmp", ".tif", ".tiff", ".mp4", ".mov":
		return true
	}
	return false
}

// goesTo tells whether somebody of an organisation gets the mail.
func (w *wrongly) goesTo(o *directory.Organisation) bool {
	return slices.ContainsFunc(w.outside, func(r parties.Party) bool { return w.worksFor(&r, o) })
}

func (w *wrongly) worksFor(r *parties.Party, o *directory.Organisation) bool {
	return w.l.Directory.Organisation(r.Key) == o
}

// usual is how often an organisation was named to a domain where that is what
// they work on together.
const usual = 3

// together tells whether the recipients are used to hear of an organisation.
func (w *wrongly) together(o *directory.Organisation) bool {
	for i := range w.outside {
		if w.l.Past.Named(w.outside[i].Domain, o.Name) >= usual {
			return true
		}
	}
	return false
}

// namesRecipients tells whether a file names a recipient's organisation as well:
// a contract between two.
func (w *wrongly) namesRecipients(all []place) bool {
	for _, p := range all {
		for _, o := range w.named(p) {
			if w.goesTo(o) {
				return true
			}
		}
	}
	return false
}

// peopleOf are the author's contacts at an organisation, the most usual first.
func (w *wrongly) peopleOf(o *directory.Organisation) (list []string) {
	if w.l.Past == nil {
		return nil
	}
	type usually struct {
		address string
		n       int
	}
	var all []usually
	for key, c := range w.l.Past.Contacts {
		if w.l.Directory.Organisation(key) == o {
			all = append(all, usually{cmp.Or(c.Address, key), c.Sent*2 + c.Received})
		}
	}
	slices.SortFunc(all, func(a, b usually) int { return cmp.Or(cmp.Compare(b.n, a.n), cmp.Compare(a.address, b.address)) })
	for _, c := range all[:min(len(all), 3)] {
		list = append(list, c.address)
	}
	return list
}
