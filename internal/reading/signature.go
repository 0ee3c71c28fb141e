package reading

import "strings"

// markSignature finds the signature in lines that somebody wrote one after the
// other: what stands below "-- ", below a closing ("Best regards"), lines that
// telephones and mailing lists add, disclaimers, and a visiting card at the
// end. quoted tells that something is quoted above or below.
func markSignature(lines []line, quoted bool) {
	s := signing{lines: lines, quoted: quoted}
	s.byMarks()
	s.paragraphs()
	s.disclaimers()
	if !s.closing() {
		s.card()
	}
	s.lateDisclaimers()
}

// signing is a run of lines whose signature is looked for.
type signing struct {
	lines  []line
	quoted bool
	paras  []para

	parting parting // memory for wordsOf
}

// para is a paragraph: the lines from from to before to.
type para struct{ from, to int }

// byMarks goes by lines that say what they are.
func (s *signing) byMarks() {
	for i := range s.lines {
		l := &s.lines[i]
		switch {
		case l.kind == isSignature, l.blank() && l.hint == noHint:
		case l.hint == signatureLine, len(l.text) <= maxMobile && isMobile(l.text):
			l.kind = isSignature
		case isDelimiter(l.text) && s.fewBelow(i), isListFooter(l.text), isRuler(l.text) && s.footerBelow(i):
			s.mark(i, len(s.lines))
			return
		}
	}
}

// isDelimiter tells the line above a signature (RFC 3676 §4.3); the blank
// behind it is gone already.
func isDelimiter(s string) bool { return s == "--" || s == "—" || s == "- --" }

// fewBelow tells whether so few lines are left that they may be a signature.
func (s *signing) fewBelow(i int) bool {
	n := 0
	for _, l := range s.lines[i+1:] {
		if !l.blank() {
			n++
		}
	}
	return n <= 40
}

// footerBelow tells whether what a rule parts off is the footer of a mailing
// list, or a disclaimer.
func (s *signing) footerBelow(i int) bool {
	n, link := 0, false
	for _, l := range s.lines[i+1:] {
		if l.blank() {
			continue
		}
		n++
		link = link || strings.Contains(l.text, "http") || strings.Contains(Fold(l.text), "mailing list")
	}
	return n > 0 && n <= 8 && link
}

func isListFooter(s string) bool {
	return strings.HasPrefix(s, "You received this message because you are subscribed to")
}

func (s *signing) mark(from, to int) {
	for i := from; i < to; i++ {
		s.lines[i].kind = isSignature
	}
}

// paragraphs parts what is left.
func (s *signing) paragraphs() {
	for i := 0; i < len(s.lines); i++ {
		if s.lines[i].kind != isOwn || s.lines[i].blank() {
			continue
		}
		from := i
		for i < len(s.lines) && s.lines[i].kind == isOwn && !s.lines[i].blank() {
			i++
		}
		s.paras = append(s.paras, para{from, i})
	}
}

// maxDisclaimers is how many paragraphs from the end are looked at for those of
// lawyers; the first one is, too.
const maxDisclaimers = 7

// disclaimers takes out the paragraphs that lawyers wrote.
func (s *signing) disclaimers() {
	left := s.paras[:0]
	for n, p := range s.paras {
		if (n == 0 || n >= len(s.paras)-maxDisclaimers) && s.isDisclaimer(p) {
			s.mark(p.from, p.to)
			continue
		}
		left = append(left, p)
	}
	s.paras = left
}

// maxClosing is how many paragraphs from the end a closing is looked for, and
// in how many lines of each.
const maxClosing = 14

// How long a visiting card is, and a slogan in it, in lines.
const (
	maxCard   = 14
	maxSlogan = 4
)

// closing looks for the first closing with nothing but a signature below.
func (s *signing) closing() (found bool) {
	for n := max(0, len(s.paras)-maxClosing); n < len(s.paras); n++ {
		p := s.paras[n]
		for i := max(p.from, p.to-maxClosing); i < p.to; i++ {
			kind := closingOf(s.lines[i].text)
			if kind == noClosing || i == s.paras[0].from && !s.onlyName(n, i) {
				continue
			}
			if s.signed(n, i, kind) {
				return true
			}
		}
	}
	return false
}

// onlyName tells of a closing on the first line, which might be a greeting,
// whether nothing but a name stands below it.
func (s *signing) onlyName(n, at int) bool {
	rest := s.paras[n+1:]
	below := para{at + 1, s.paras[n].to}
	if below.from == below.to && len(rest) > 0 {
		below, rest = rest[0], rest[1:]
	}
	if len(rest) > 0 || below.from == below.to {
		return len(rest) == 0 && !greetsToo[firstWord(s.lines[at].text)]
	}
	return below.to-below.from <= 3 && s.isName(below) && s.looksSigned(below)
}

func firstWord(t string) string {
	if words := WordsOf(cutText(t, 60)); len(words) > 0 {
		return words[0].Folded
	}
	return ""
}

// signed marks what stands below a closing, if it looks like a signature.
func (s *signing) signed(n, at int, kind closingKind) bool {
	below := para{at + 1, s.paras[n].to}
	rest := s.paras[n+1:]
	first := below
	if below.from == below.to {
		if len(rest) == 0 {
			if kind == regardsClosing {
				s.mark(at, at+1)
			}
			return true
		}
		first = rest[0]
	}
	if s.isPostscript(first) {
		s.endAt(at, kind, below)
		return true
	}
	if !s.looksSigned(first) {
		return false
	}
	end, prose := s.lastContact(rest), 0
	for k, p := range rest {
		signed := s.looksSigned(p)
		if !signed {
			prose += p.to - p.from
		}
		if s.isPostscript(p) || k > end && !signed || p.to-p.from > maxCard || prose > maxSlogan || k >= maxClosing {
			rest = rest[:k]
			break
		}
	}
	s.endAt(at, kind, below)
	for _, p := range rest {
		s.mark(p.from, p.to)
	}
	return true
}

// endAt marks a closing and the lines directly below.
func (s *signing) endAt(at int, kind closingKind, below para) {
	if kind == regardsClosing {
		s.mark(at, at+1)
	}
	if !s.isPostscript(below) {
		s.mark(below.from, below.to)
	}
}

// lastContact is the index of the last of the paragraphs with an address or a
// number in it, -1 where none has: slogans stand above it.
func (s *signing) lastContact(paras []para) int {
	for k := min(len(paras), 6) - 1; k >= 0; k-- {
		for i := paras[k].from; i < paras[k].to; i++ {
			if isContact(s.lines[i].text) && !isProse(s.lines[i].text) {
				return k
			}
		}
	}
	return -1
}

// looksSigned tells whether a paragraph is short lines, and no sentences. An
// address may be a long line.
func (s *signing) looksSigned(p para) bool {
	if p.to-p.from > maxCard {
		return false
	}
	long := 0
	for i := p.from; i < p.to; i++ {
		t := s.lines[i].text
		switch {
		case !isProse(t) || isContact(t) && !endsSentence(t), s.saysLittle(para{i, i + 1}):
		case i > p.from && len(t) < 90 && strings.IndexByte(".?!:,", t[len(t)-1]) < 0:
			long++
		default:
			return s.saysLittle(p)
		}
	}
	return long == 0 || long == 1 && s.contacts(p) > 0
}

// isPostscript tells a paragraph that begins with "PS", or a note: "[1] …".
func (s *signing) isPostscript(p para) bool {
	if p.from >= p.to {
		return false
	}
	t := s.lines[p.from].text
	if len(t) > 3 && t[0] == '[' && isDigit(t[1]) {
		return true
	}
	var buffer [16]byte
	folded := string(appendFolded(buffer[:0], t[:min(len(t), 8)]))
	for _, sign := range postscripts {
		if rest, ok := strings.CutPrefix(folded, sign); ok && (rest == "" || strings.IndexByte(" :.,-;", rest[0]) >= 0) {
			return true
		}
	}
	return false
}

var postscripts = list("p.s.|p. s.|ps|p.s|pps|p.d.|pd|ps.|not|edit|nb")

// isProse tells a line that is a sentence, or a piece of a longer one.
func isProse(t string) bool {
	words := 0
	for range strings.FieldsSeq(t) {
		words++
	}
	if words >= 9 {
		return true
	}
	return words >= 4 && strings.IndexByte(".?!…:", t[len(t)-1]) >= 0 && !endsInShortForm(t) || strings.HasSuffix(t, "?")
}

// endsInShortForm tells a line that ends with "o.o.", "S.p.A.", "Ltd.".
func endsInShortForm(t string) bool {
	last := t[strings.LastIndexByte(t, ' ')+1:]
	short := strings.TrimSuffix(last, ".")
	return short != last && (strings.IndexByte(short, '.') > 0 || companyEnds[Fold(short)])
}

var companyEnds = set("ltd|inc|co|corp|sti|san|tic|as|srl|sl|spa|sa|sc|snc|llc|plc|hab|med|mgr|jr|str|tel")
