package attachment

import (
	"embed"
	"regexp"
	"strings"
	"sync"

	"belay/internal/guard"
	"belay/internal/guard/lexicon"
	"belay/internal/guard/parties"
	"belay/internal/reading"
)

//go:embed phrases/*.txt
var phraseFiles embed.FS

// announcements are the phrases of all languages: those that announce a file,
// with how sure they are, and those that speak against it in the same sentence.
var announcements = sync.OnceValues(func() (*lexicon.Matcher, error) {
	entries, err := lexicon.ReadPhrases(phraseFiles, "phrases")
	return lexicon.New(entries), err
})

// Kinds of phrases.
const (
	announce = "announce" // a file goes with this mail
	files    = "file"     // a word for a file, which a weak announcement needs
	weak     = "weak"     // an announcement where a file's word stands in the sentence
	against  = "against"  // none goes with it: negations, other times, other people's files, links
	near     = "near"     // the same, between the same commas
	before   = "before"   // the same, between the same commas and before the announcement
)

// missing notices an announced file that is not there.
func missing(l *guard.Look) ([]guard.Signal, error) {
	m := l.Mail
	if !m.Listed || l.Protected.Encrypted != "" {
		return nil, nil
	}
	phrases, err := announcements()
	if err != nil {
		return nil, err
	}
	s := guard.Signal{Code: CodeMissing}
	look := func(text string, words []reading.Word, language string, place guard.PlaceKind, factor float64) {
		score, found := announced(phrases, text, words, language)
		if score *= factor; score > s.Score {
			s.Score = score
			s.Found = []guard.Found{{Text: lexicon.Shorten(found), Place: place}}
		}
	}
	language := ""
	for i := range m.Texts {
		t := &m.Texts[i]
		language = t.Language
		look(t.Own, t.Words(), t.Language, guard.InText, 1)
	}
	if parties.SubjectSays(m.Subject) == "" && len(m.Texts) > 0 { // else somebody else wrote it first
		factor := 0.7
		if own := len(strings.TrimSpace(m.Texts[0].Own)); own < shortText {
			factor = 0.9
		}
		look(m.Subject, m.SubjectWords(), language, guard.InSubject, factor)
	}
	if s.Score < 0.2 {
		return nil, nil
	}
	return []guard.Signal{s}, nil
}

// shortText is how long a text may be that says nothing beside the subject, in
// octets.
const shortText = 60

// announced gives the surest announcement in a text.
func announced(phrases *lexicon.Matcher, text string, words []reading.Word, language string) (best float64, found string) {
	matches := phrases.Find(text, words)
	for i := range matches {
		m := &matches[i]
		if m.Entry.Kind != announce && m.Entry.Kind != weak || !speaks(m.Entry, language) {
			continue
		}
		score := m.Entry.Weight
		from, to := lexicon.Sentence(text, words, m.From)
		if isQuoted(text, words, m.From, m.To) || isOver(text, words, matches, m, from, to) {
			continue
		}
		if m.Entry.Kind == weak && !hasKind(matches, files, from, to, language) {
			continue
		}
		if hasLink(text[words[from].Start:min(len(text), words[to-1].End+120)]) {
			score *= 0.4
		}
		if score > best {
			best, found = score, text[words[m.From].Start:words[m.To-1].End]
		}
	}
	return best, found
}

// speaks tells whether a phrase counts in a text of a language: its own, and any
// where that is not known. Phrases of several words are not mistaken for another
// language's.
func speaks(e *lexicon.Entry, language string) bool {
	return language == "" || e.Language == language || e.Words > 1 && e.Kind == announce
}

// isOver tells whether something in the sentence speaks against an announcement.
func isOver(text string, words []reading.Word, matches []lexicon.Match, m *lexicon.Match, from, to int) bool {
	for i := range matches {
		o := &matches[i]
		if o.Entry.Language != m.Entry.Language || o.From < from || o.To > to {
			continue
		}
		switch o.Entry.Kind {
		case against:
			return true
		case near, before:
			if (o.From < m.From || o.Entry.Kind == near) && sameClause(text, words, o, m) {
				return true
			}
		}
	}
	return false
}

// maxClause is how far from each other two phrases of a clause may stand, in words.
const maxClause = 10

// sameClause tells whether no comma stands between two phrases.
func sameClause(text string, words []reading.Word, a, b *lexicon.Match) bool {
	far := maxClause
	if a.From > b.From { // what comes behind is about the next verb sooner
		a, b, far = b, a, maxClause/2
	}
	if b.From <= a.To {
		return true
	}
	return b.From-a.To <= far && !strings.ContainsAny(text[words[a.To-1].End:words[b.From].Start], ",()–—")
}

func hasKind(matches []lexicon.Match, kind string, from, to int, language string) bool {
	for i := range matches {
		if o := &matches[i]; o.Entry.Kind == kind && o.From >= from && o.To <= to && speaks(o.Entry, language) {
			return true
		}
	}
	return false
}

// isQuoted tells words in quotation marks.
func isQuoted(text string, words []reading.Word, from, to int) bool {
	line := strings.LastIndexByte(text[:words[from].Start], '\n') + 1
	before, after := text[line:words[from].Start], text[words[to-1].End:]
	if i := strings.IndexByte(after, '\n'); i >= 0 {
		after = after[:i]
	}
	for _, marks := range [...][2]string{{"“", "”"}, {"„", "”"}, {"«", "»"}, {"‘", "’"}} {
		if strings.LastIndex(before, marks[0]) > strings.LastIndex(before, marks[1]) && strings.Contains(after, marks[1]) {
			return true
		}
	}
	return strings.Count(before, `"`)%2 == 1 && strings.Contains(after, `"`)
}

func hasLink(text string) bool {
	return strings.Contains(text, "://") || strings.Contains(text, "www.") || strings.Contains(text, "<http")
}

// pictureShape are names that mail programs give to pictures in signatures.
var pictureShape = regexp.MustCompile(`(?i)^(?:image\d{1,3}|(?:logo|outlook|sig|signature|firma|podpis|stopka|banner|icon|att|pastedgraphic|mailsign|footer|facebook|linkedin|instagram|twitter)[\w()+ -]{0,40})\.(?:png|gif|jpe?g|bmp|svg|wmz|emz)$`)

// hasFile tells whether a mail has a file that may be the announced one: no
// picture in the text, no logo, no signature of a program, no visiting card.
func hasFile(m *reading.Mail) bool {
	for i := range m.Files {
		f := &m.Files[i]
		switch {
		case f.Inline, pictureShape.MatchString(f.Name) && !isPhotoMail(m):
		case f.Extension() == "p7s" || f.Extension() == "asc" && strings.HasPrefix(f.Name, "signature") || f.Extension() == "vcf":
		default:
			return true
		}
	}
	return false
}

// isPhotoMail tells a mail that speaks of pictures: there a file called IMG_2041
// is what was announced.
func isPhotoMail(m *reading.Mail) bool {
	for _, w := range m.Words() {
		for _, p := range [...]string{"photo", "picture", "foto", "zdjec", "image", "imagen", "immagin", "resim", "resmi", "fotograf", "bilde", "skjermbilde", "screenshot", "zrzut", "captura", "schermata", "skan", "scan"} {
			if strings.HasPrefix(w.Folded, p) {
				return true
			}
		}
	}
	return false
}
