package reading

import (
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// Word is a word of a text: a run of letters and digits. Apostrophes, hyphens
// and everything else part words: "don't" is "don" and "t", "l'allegato" is "l"
// and "allegato", "FE-2219" is "FE" and "2219".
type Word struct {
	Text    string // as it stands
	Folded  string // the form to compare: see Fold
	Start   int    // where it begins in the text, in octets
	End     int    // and where it ends
	Line    int    // in which line it stands, from 0
	Capital bool   // it begins with a capital letter
}

// lazyWords are words that are parted when first asked for.
type lazyWords struct {
	once sync.Once
	list []Word
}

func (l *lazyWords) of(text string) []Word {
	if l == nil {
		return WordsOf(text)
	}
	l.once.Do(func() { l.list = WordsOf(text) })
	return l.list
}

// lazyText are the words of a text's pieces.
type lazyText struct{ own, quoted, signature lazyWords }

// Words are the words of Own. They are parted and folded once, however many
// ask; nobody may change them.
func (t *Text) Words() []Word {
	if t.lazy == nil {
		return WordsOf(t.Own)
	}
	return t.lazy.own.of(t.Own)
}

// QuotedWords are the words of Quoted.
func (t *Text) QuotedWords() []Word {
	if t.lazy == nil {
		return WordsOf(t.Quoted)
	}
	return t.lazy.quoted.of(t.Quoted)
}

// SignatureWords are the words of Signature.
func (t *Text) SignatureWords() []Word {
	if t.lazy == nil {
		return WordsOf(t.Signature)
	}
	return t.lazy.signature.of(t.Signature)
}

// Words are the writer's own words in all texts, one after the other; their
// places count in the text that each stands in. Mostly there is just one text.
func (m *Mail) Words() []Word {
	if len(m.Texts) == 1 {
		return m.Texts[0].Words()
	}
	if m.lazy == nil {
		return m.allWords()
	}
	m.lazy.all.once.Do(func() { m.lazy.all.list = m.allWords() })
	return m.lazy.all.list
}

func (m *Mail) allWords() []Word {
	var all []Word
	for i := range m.Texts {
		all = append(all, m.Texts[i].Words()...)
	}
	return all
}

// SubjectWords are the words of the subject.
func (m *Mail) SubjectWords() []Word {
	if m.lazy == nil {
		return WordsOf(m.Subject)
	}
	return m.lazy.subject.of(m.Subject)
}

// lazyMail are the words of a mail beyond its texts.
type lazyMail struct{ subject, all lazyWords }

// What an ASCII octet is to words.
const (
	between = iota
	small   // a small letter or a digit
	capital
	lineEnd
	beyond // not ASCII
)

var octetKinds = func() (kinds [256]byte) {
	for c := range kinds {
		switch {
		case c >= utf8.RuneSelf:
			kinds[c] = beyond
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9':
			kinds[c] = small
		case 'A' <= c && c <= 'Z':
			kinds[c] = capital
		case c == '\n':
			kinds[c] = lineEnd
		}
	}
	return kinds
}()

// WordsOf parts any text into words. It is for texts that have no Words of
// their own, such as names and files.
func WordsOf(text string) []Word {
	if text == "" {
		return nil
	}
	p := parting{text: text, words: make([]Word, 0, countWords(text)+4)}
	p.all()
	return p.words
}

// countWords tells how many words a text has, nearly: marks beyond ASCII count as
// letters.
func countWords(text string) (n int) {
	before := uint8(between)
	for i := range len(text) {
		kind := wordOctets[text[i]]
		n += int(kind &^ before)
		before = kind
	}
	return n
}

// wordOctets is 1 for the octets of which words are made, 0 for others.
var wordOctets = func() (is [256]uint8) {
	for c, kind := range octetKinds {
		if kind != between && kind != lineEnd {
			is[c] = 1
		}
	}
	return is
}()

// all parts the whole text.
func (p *parting) all() {
	for i := 0; i < len(p.text); {
		switch octetKinds[p.text[i]] {
		case small, capital:
			i = p.word(i)
		case lineEnd:
			p.line++
			i++
		case beyond:
			r, n := utf8.DecodeRuneInString(p.text[i:])
			if unicode.IsLetter(r) || unicode.IsDigit(r) {
				i = p.word(i)
			} else {
				i += n
			}
		default:
			i++
		}
	}
}

// parting is a text being parted into words.
type parting struct {
	text   string
	words  []Word
	line   int
	folded strings.Builder // where folded words lie that are not the same as in the text
	piece  []byte
}

// word takes the word that begins at, and gives where it ends.
func (p *parting) word(at int) int {
	same, first, end := true, octetKinds[p.text[at]], at
loop:
	for end < len(p.text) {
		switch octetKinds[p.text[end]] {
		case small:
			end++
		case capital:
			same = false
			end++
		case beyond:
			r, n := utf8.DecodeRuneInString(p.text[end:])
			if !isWordRune(r) {
				break loop
			}
			same = false
			if end == at && (unicode.IsUpper(r) || unicode.IsTitle(r)) {
				first = capital
			}
			end += n
		default:
			break loop
		}
	}
	text := p.text[at:end]
	w := Word{Text: text, Folded: text, Start: at, End: end, Line: p.line, Capital: first == capital}
	if !same {
		w.Folded = p.fold(text)
	}
	p.words = append(p.words, w)
	return end
}

// fold folds a word into memory that many words share.
func (p *parting) fold(s string) string {
	p.piece = unmix(appendFolded(p.piece[:0], s))
	if p.folded.Cap()-p.folded.Len() < len(p.piece) {
		p.folded = strings.Builder{} // the full one stays with its words
		p.folded.Grow(max(64, len(p.text)/8, len(p.piece)))
	}
	from := p.folded.Len()
	p.folded.Write(p.piece)
	return p.folded.String()[from:]
}

// isWordRune tells letters, digits and the marks that belong to them.
func isWordRune(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) || r == '\u00AD' || r == '\u200C' || r == '\u200D'
}
