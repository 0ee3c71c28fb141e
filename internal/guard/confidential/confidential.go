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
	"sync"

	"belay/internal/guard"
	"belay/internal/guard/lexicon"
	"belay/internal/reading"
)

//go:embed phrases/*.txt
var phraseFiles embed.FS

// builtIn are the phrases of all languages.
var builtIn = sync.OnceValues(func() ([]lexicon.Entry, error) { return lexicon.ReadPhrases(phraseFiles, "phrases") })

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
	entries = slices.Clone(entries)
	for _, w := range o.Words {
		entries = append(entries, lexicon.Entry{Phrase: w.Text, Language: w.Language, Kind: kindOwn, Weight: lexicon.Weigh(w.Weight)})
	}
	return &Detector{phrases: lexicon.New(entries), patterns: lexicon.PatternsOf(o, Code), err: err}
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

// longPaper is how much of a file is looked at, in octets: what it is about stands
// at its beginning.
const longPaper = 24 << 10

// Detect implements guard.Detector.
func (d *Detector) Detect(ctx context.Context, l *guard.Look) ([]guard.Signal, error) {
	if d.err != nil {
		return nil, fmt.Errorf("look for confidential words: %w", d.err)
	}
	c := collecting{d: d}
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
}

type collecting struct {
	d      *Detector
	all    []phrase
	public int // signs that it is for everybody
}

// text looks through one text.
func (c *collecting) text(text string, words []reading.Word, language string, place guard.Found, factor float64) {
	for _, p := range c.d.patterns {
		for _, m := range p.Re.FindAllString(text, 20) {
			place.Text = lexicon.Shorten(m)
			c.put(phrase{kindOwn, p.Name, lexicon.Weigh(p.Weight) * factor, place})
		}
	}
	matches := c.d.phrases.Find(text, words)
	for i := range matches {
		m := &matches[i]
		switch {
		case !speaks(m.Entry, language):
		case m.Entry.Kind == kindPublic:
			if place.Place != guard.InQuote {
				c.public++
			}
		case m.Entry.Kind != kindNot && !c.denied(text, words, matches, m, language):
			place.Text = lexicon.Shorten(text[words[m.From].Start:words[m.To-1].End])
			c.put(phrase{m.Entry.Kind, m.Entry.Phrase, m.Entry.Weight * factor, place})
		}
	}
}

// speaks tells whether a phrase counts in a text of a language: an admin's words
// without a language everywhere, others in their own, and where it is not known
// those of several words.
func speaks(e *lexicon.Entry, language string) bool {
	return e.Language == "" || e.Language == language || language == "" && (e.Words > 1 || e.Weight >= 0.8 || e.Kind == kindNot || e.Kind == kindPublic) ||
		e.Language == "en" && e.Kind == "secrecy" && e.Words > 1
}

// denied tells whether a phrase is part of one that says the opposite or means
// something else, or stands close behind one.
func (c *collecting) denied(text string, words []reading.Word, matches []lexicon.Match, m *lexicon.Match, language string) bool {
	for i := range matches {
		o := &matches[i]
		if o.Entry.Kind != kindNot || o.Entry.Language != m.Entry.Language && m.Entry.Kind != kindOwn {
			continue
		}
		if o.From < m.To && m.From < o.To {
			return true
		}
	}
	return false
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
	slices.SortStableFunc(c.all, func(a, b phrase) int { return cmp.Compare(b.weight, a.weight) })
	none := 1.0
	seen := map[string]int{}
	for _, p := range c.all {
		w := p.weight
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
