// Package confidential notices what is confidential by its own words: words for
// secrecy ("do not forward"), and subjects that are nobody else's business: staff,
// pay, savings, health, disputes, takeovers. Each language has its phrases with
// weights (phrases/*.txt), an admin may add more. The writer's own words and the
// subject count, files somewhat less, quoted mail little, signatures and the
// disclaimers in them not at all. What is for the public (an advertisement for a
// job, a newsletter) counts less, and a phrase in a sentence that says that
// nothing is confidential does not.
//
// Say: what it is about: "secrecy", "staff", "pay", "savings", "health", "legal",
// "deal", or "own" where an admin's words decided it. Facts: "Word" is the
// strongest phrase as it stands there. Found are the phrases. Count is how many.
package confidential

import (
	"cmp"
	"context"
	"embed"
	"fmt"
	"slices"
	"strings"
	"sync"

	"belay/internal/guard"
	"belay/internal/guard/lexicon"
	"belay/internal/reading"
)

//go:embed phrases/*.txt
var phraseFiles embed.FS

// builtIn are the phrases of all languages.
var builtIn = sync.OnceValues(func() ([]lexicon.Entry, error) { return lexicon.ReadPhrases(phraseFiles, "phrases") })

// plain is the matcher of the built-in phrases alone, which most detectors share.
var plain = sync.OnceValue(func() *lexicon.Matcher {
	entries, _ := builtIn() // New tells the error
	return lexicon.New(entries)
})

// Options are what the detector is told by the configuration.
type Options = lexicon.Options

// Code is its only signal.
const Code = "content.confidential"

// Kinds of phrases beside the subjects.
const (
	kindNot    = "not"    // says that it is not confidential, or means something else
	kindPublic = "public" // says that it is for everybody
	kindOwn    = "own"    // an admin's
)

// What may stand behind the kind of a section. Doctors share their words with
// other trades: there are test results of a weld seam, and a diagnosis of an
// engine.
const (
	unsure  = "?"  // such a word: it counts whole where the mail has another of its kind that is sure
	steady  = "+"  // a weak word that is sure, as all strong ones are
	aloneBy = 0.25 // what the first counts by where there is none
)

// Detector looks for such words.
type Detector struct {
	phrases  *lexicon.Matcher
	patterns []lexicon.Pattern
	err      error
}

var _ guard.Detector = (*Detector)(nil)

// New makes one.
func New(o Options) *Detector {
	entries, err := builtIn()
	d := &Detector{patterns: lexicon.PatternsOf(o, Code), err: err}
	if len(o.Words) == 0 {
		d.phrases = plain()
		return d
	}
	entries = slices.Clone(entries)
	for _, w := range o.Words {
		entries = append(entries, lexicon.Entry{Phrase: w.Text, Language: w.Language, Kind: kindOwn, Weight: lexicon.Weigh(w.Weight)})
	}
	d.phrases = lexicon.New(entries)
	return d
}

// Name implements guard.Detector.
func (*Detector) Name() string { return "confidential" }

// Codes implements guard.Detector.
func (*Detector) Codes() []string { return []string{Code} }

// CodesOfFiles are those that need files to be read.
func (*Detector) CodesOfFiles() []string { return []string{Code} }

// What phrases count by where they stand.
const (
	ofQuotes = 0.3
	ofFiles  = 0.8
)

const (
	certain  = 0.6 // what counts more says something by itself
	longText = 400 // words
)

// longPaper is how much of a file is looked at, in octets: what it is about stands
// at its beginning.
const longPaper = 24 << 10

// Detect implements guard.Detector.
func (d *Detector) Detect(ctx context.Context, l *guard.Look) ([]guard.Signal, error) {
	if d.err != nil {
		return nil, fmt.Errorf("look for confidential words: %w", d.err)
	}
	c := collecting{d: d, steady: map[string]bool{}}
	m := l.Mail
	for i := range m.Texts {
		t := &m.Texts[i]
		c.text(t.Own, t.Words(), t.Language, guard.Found{Place: guard.InText}, 1)
		c.text(t.Quoted, t.QuotedWords(), t.Language, guard.Found{Place: guard.InQuote}, ofQuotes)
	}
	language := ""
	if len(m.Texts) > 0 {
		language = m.Texts[0].Language
	}
	c.text(m.Subject, m.SubjectWords(), language, guard.Found{Place: guard.InSubject}, 1)
	for i := range m.Files {
		if name := m.Files[i].Name; name != "" && !m.Files[i].Inline {
			words := lexicon.FileWords(name)
			c.text(words, reading.WordsOf(words), "", guard.Found{Place: guard.InFileName, File: name}, ofFiles)
		}
	}
	for _, p := range lexicon.Papers(m) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		text := p.Text[:min(len(p.Text), longPaper)]
		c.text(text, reading.WordsOf(text), reading.LanguageOf(text), guard.Found{Place: guard.InFile, File: p.File, Where: p.Where}, ofFiles)
	}
	return c.signals(), nil
}

// phrase is one that counts.
type phrase struct {
	topic  string
	text   string // folded words, by which it counts once
	weight float64
	found  guard.Found
	unsure bool
}

type collecting struct {
	d      *Detector
	all    []phrase
	public int             // signs that it is for everybody
	steady map[string]bool // kinds of which there is a word that is sure
}

// text looks through one text.
func (c *collecting) text(text string, words []reading.Word, language string, place guard.Found, factor float64) {
	for _, p := range c.d.patterns {
		for _, m := range p.Re.FindAllString(text, 20) {
			place.Text = lexicon.Shorten(m)
			c.put(phrase{topic: kindOwn, text: p.Name, weight: lexicon.Weigh(p.Weight) * factor, found: place})
		}
	}
	matches := c.d.phrases.Find(text, words)
	if len(matches) == 0 {
		return
	}
	slices.SortStableFunc(matches, func(a, b lexicon.Match) int { return cmp.Compare(b.Entry.Weight, a.Entry.Weight) })
	var taken []lexicon.Match // the words of a stronger phrase are not counted again
	for i := range matches {
		m := &matches[i]
		switch {
		case !speaks(m.Entry, language):
		case m.Entry.Kind == kindPublic:
			if place.Place != guard.InQuote {
				c.public++
			}
		case m.Entry.Kind != kindNot && m.Entry.Kind != kindOwn && inCode(text, words, m):
		case m.Entry.Kind != kindNot && !denied(matches, m) && !overlaps(taken, m):
			taken = append(taken, *m)
			weight := m.Entry.Weight
			if weight < certain && len(words) > longText && m.Entry.Kind != kindOwn {
				weight *= longText / float64(len(words)) // in a long text any word stands somewhere
			}
			if m.Entry.Kind == "secrecy" && weight < 0.6 && isMark(text, words, m) {
				weight = 0.9
			}
			place.Text = lexicon.Shorten(text[words[m.From].Start:words[m.To-1].End])
			c.put(c.phrase(m.Entry, weight*factor, place))
		}
	}
}

// phrase is one that was found; it notes whether that makes others of its kind
// sure.
func (c *collecting) phrase(e *lexicon.Entry, weight float64, found guard.Found) phrase {
	topic, isUnsure := strings.CutSuffix(e.Kind, unsure)
	topic, isSteady := strings.CutSuffix(topic, steady)
	if isSteady || !isUnsure && e.Weight >= certain {
		c.steady[topic] = true
	}
	return phrase{topic, e.Phrase, weight, found, isUnsure}
}

// inCode tells a word that is part of a name in a program: CLIENT_SECRET.
func inCode(text string, words []reading.Word, m *lexicon.Match) bool {
	begin, end := words[m.From].Start, words[m.To-1].End
	return begin > 0 && text[begin-1] == '_' || end < len(text) && text[end] == '_'
}

// isMark tells a word for secrecy that stands as a mark: alone on its line, in
// brackets, in capitals, or before a colon.
func isMark(text string, words []reading.Word, m *lexicon.Match) bool {
	begin, end := words[m.From].Start, words[m.To-1].End
	line := strings.LastIndexByte(text[:begin], '\n') + 1
	rest, _, _ := strings.Cut(text[end:], "\n")
	before, rest := strings.TrimSpace(text[line:begin]), strings.TrimSpace(rest)
	switch {
	case before == "" && (rest == "" || rest == "." || rest == "!" || rest[0] == ':' || rest[0] == '-' && len(rest) > 1 && rest[1] == ' '):
		return true
	case strings.HasSuffix(before, "[") && strings.HasPrefix(rest, "]"), strings.HasSuffix(before, "(") && strings.HasPrefix(rest, ")"):
		return true
	}
	word := text[begin:end]
	return len(word) > 4 && strings.ToUpper(word) == word && strings.ToLower(word) != word
}

func overlaps(taken []lexicon.Match, m *lexicon.Match) bool {
	return slices.ContainsFunc(taken, func(o lexicon.Match) bool { return o.From < m.To && m.From < o.To })
}

// speaks tells whether a phrase counts in a text of a language: an admin's words
// without a language everywhere, others in their own, and where it is not known
// those of several words.
func speaks(e *lexicon.Entry, language string) bool {
	return e.Language == "" || e.Language == language || language == "" && (e.Words > 1 || e.Weight >= 0.8 || e.Kind == kindNot || e.Kind == kindPublic) ||
		e.Language == "en" && e.Kind == "secrecy" && e.Words > 1
}

// denied tells whether a phrase is part of one that says the opposite or means
// something else.
func denied(matches []lexicon.Match, m *lexicon.Match) bool {
	return slices.ContainsFunc(matches, func(o lexicon.Match) bool {
		return o.Entry.Kind == kindNot && (o.Entry.Language == m.Entry.Language || m.Entry.Kind == kindOwn) && o.From < m.To && m.From < o.To
	})
}

// put counts a phrase once, where it counts most.
func (c *collecting) put(p phrase) {
	if i := slices.IndexFunc(c.all, func(o phrase) bool { return o.text == p.text && o.topic == p.topic }); i < 0 {
		c.all = append(c.all, p)
	} else if c.all[i].weight < p.weight {
		c.all[i] = p
	}
}

const maxFound = 5

// signals weighs what was found.
func (c *collecting) signals() []guard.Signal {
	if len(c.all) == 0 {
		return nil
	}
	for i := range c.all {
		if p := &c.all[i]; p.unsure && !c.steady[p.topic] {
			p.weight *= aloneBy
		}
	}
	slices.SortStableFunc(c.all, func(a, b phrase) int { return cmp.Compare(b.weight, a.weight) })
	none := 1.0
	seen := map[string]int{}
	for i, p := range c.all {
		w := p.weight
		if p.found.Place == guard.InQuote && i > 0 {
			continue // what is quoted says little, however often
		}
		if seen[p.topic] > 2 {
			w /= 2 // more of the same says less
		}
		seen[p.topic]++
		if p.topic != kindOwn && p.topic != "secrecy" && c.public > 0 {
			w *= max(0.2, 0.6-0.15*float64(c.public-1))
		}
		none *= 1 - w*0.75
	}
	best := c.all[0]
	score := 1 - none
	if best.topic == kindOwn || best.topic == "secrecy" && c.public == 0 {
		score = max(score, best.weight)
	}
	if score < 0.2 {
		return nil
	}
	s := guard.Signal{Code: Code, Score: min(score, 0.99), Say: best.topic, Count: len(c.all), Facts: map[string]string{"Word": best.found.Text}}
	for _, p := range c.all[:min(len(c.all), maxFound)] {
		s.Found = append(s.Found, p.found)
	}
	return []guard.Signal{s}
}
