package reading

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

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

// disclaimers takes out the paragraphs that lawyers wrote.
func (s *signing) disclaimers() {
	left := s.paras[:0]
	for n, p := range s.paras {
		if (n == 0 || n >= len(s.paras)-maxClosing) && s.isDisclaimer(p) {
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

// card takes off a visiting card at the end that no closing stands above: a
// name, and below it telephone, address, company.
func (s *signing) card() {
	s.partLast()
	from, contacts := len(s.paras), 0
	for n := len(s.paras) - 1; n >= 0 && len(s.paras)-n <= 3; n-- {
		p := s.paras[n]
		k := s.contacts(p)
		if !s.looksSigned(p) || k == 0 && !s.isName(p) && !s.saysLittle(p) {
			break
		}
		contacts += k
		if s.isName(p) || k > 0 && (p.to-p.from > 1 && s.isName(para{p.from + 1, p.to}) || isCompany(s.lines[p.from].text)) {
			from = n
		}
	}
	if from == len(s.paras) || contacts == 0 {
		s.lastName()
		return
	}
	if from == 0 && !s.quoted || from > 0 && s.announced(s.paras[from-1]) {
		return // the card is what the mail is about
	}
	for _, p := range s.paras[from:] {
		s.mark(p.from, p.to)
	}
}

// partLast parts the last paragraph where a card stands directly below its last
// sentence.
func (s *signing) partLast() {
	if len(s.paras) == 0 {
		return
	}
	last := &s.paras[len(s.paras)-1]
	for i := max(last.from+1, last.to-maxCard); i+1 < last.to; i++ {
		card := para{i, last.to}
		if endsSentence(s.lines[i-1].text) && s.isName(card) && s.contacts(card) > 0 && s.looksSigned(card) {
			last.to = i
			s.paras = append(s.paras, card)
			return
		}
	}
}

// isCompany tells a line that names a firm by its legal form.
func isCompany(t string) bool {
	return len(t) < 100 && hasAny(" "+Fold(t)+" ", companyForms)
}

var companyForms = list(" sp. z o.o| sp. z o. o| s.a. | s.r.l| srl | s.p.a| spa | a.s. | ltd| ltd. sti| as | asa | gmbh| s.l. | s.l.u| slu | llc | inc | s.c. | s.k. | plc ")

// lastName takes off a name alone on the last line, below a whole sentence.
func (s *signing) lastName() {
	if len(s.paras) == 0 {
		return
	}
	last := s.paras[len(s.paras)-1]
	p := para{last.to - 1, last.to}
	var before string
	switch {
	case p.from > last.from:
		before = s.lines[p.from-1].text
	case len(s.paras) > 1:
		before = s.lines[s.paras[len(s.paras)-2].to-1].text
	default:
		return
	}
	words := 0
	for range strings.FieldsSeq(s.lines[p.from].text) {
		words++
	}
	if words <= 3 && s.isName(p) && (endsSentence(before) || before[len(before)-1] == ')') {
		s.mark(p.from, p.to)
	}
}

// announced tells whether a paragraph leads to the next one: "Her number:".
func (s *signing) announced(p para) bool { return strings.HasSuffix(s.lines[p.to-1].text, ":") }

func (s *signing) contacts(p para) (n int) {
	for i := p.from; i < p.to; i++ {
		if isContact(s.lines[i].text) {
			n++
		}
	}
	return n
}

// isName tells a paragraph that begins with something like a name: up to five
// words that begin with capital letters.
func (s *signing) isName(p para) bool {
	t := s.lines[p.from].text
	if len(t) > 60 || strings.IndexByte(".?!;", t[len(t)-1]) >= 0 || strings.IndexByte(t, ':') >= 0 {
		return false
	}
	words, capitals := 0, 0
	for w := range strings.FieldsSeq(strings.Trim(t, "*-–—/| \t")) {
		words++
		r, _ := utf8.DecodeRuneInString(w)
		if unicode.IsUpper(r) {
			capitals++
		}
		if unicode.IsDigit(r) {
			return false
		}
	}
	return words > 0 && words <= 6 && (capitals == words || words > 2 && capitals >= words-1)
}

// isContact tells a line with an address, a link or a number to call.
func isContact(t string) bool {
	digits, run, dots, plus := 0, 0, 0, false
	for i := 0; i < len(t); i++ {
		switch c := t[i]; {
		case c == '@' && i > 0 && i+1 < len(t) && t[i-1] != ' ' && t[i+1] != ' ':
			return true
		case c == '+' && i+1 < len(t) && (isDigit(t[i+1]) || t[i+1] == '('):
			plus, run, dots = true, 0, 0
		case isDigit(c):
			run++
			if dots != 3 { // 192.168.10.2
				digits = max(digits, run)
			}
		case c == '.':
			dots++
		case strings.IndexByte(" -/()", c) < 0:
			run, dots = 0, 0
		}
	}
	if digits >= 9 || plus && digits >= 7 {
		return true
	}
	if strings.Contains(t, "www.") || strings.Contains(t, "://") {
		return true
	}
	if len(t) > 100 {
		return false
	}
	words := WordsOf(t)
	for i := range min(len(words), 6) {
		if contactWords[words[i].Folded] && digits > 0 {
			return true
		}
	}
	return false
}

var contactWords = set("tel|tlf|telefon|telefono|phone|mob|mobile|movil|cell|cel|cellulare|kom|komorka|gsm|cep|fax|faks|skype|nip|regon|krs|" +
	"piva|iva|cif|nif|vkn|org|orgnr|vat|direct|direkte|mobil|tlf.|ext|dahili|wew|int|ul|nr|centralita|ph|santral")

// closingKind is what sort of closing a line is.
type closingKind uint8

const (
	noClosing closingKind = iota
	regardsClosing
	thanksClosing
)

// maxName is how many words may stand behind a closing on its line.
const maxName = 4

// closingOf tells whether a line is a closing.
func closingOf(t string) closingKind {
	if len(t) > 90 || t == "" {
		return noClosing
	}
	var buffer [256]byte
	begin := 0
	for begin < len(t) && octetKinds[t[begin]] == between {
		begin++
	}
	end := begin
	for end < len(t) && octetKinds[t[end]] != between {
		end++
	}
	if !closingFirst[string(appendFolded(buffer[:0], t[begin:end]))] {
		return noClosing
	}
	folded := appendFolded(buffer[:0], t)
	var phrase [256]byte // words with one blank between them
	out, words := phrase[:0], 0
	var ends [16]int
	inside := false
	for _, c := range folded {
		switch {
		case c >= utf8.RuneSelf, 'a' <= c && c <= 'z', '0' <= c && c <= '9', c == '&':
			if !inside && len(out) > 0 {
				ends[words-1] = len(out)
				out = append(out, ' ')
			}
			if !inside {
				if words++; words > 10 {
					return noClosing
				}
			}
			inside = true
			out = append(out, c)
		default:
			inside = false
		}
	}
	if words == 0 {
		return noClosing
	}
	ends[words-1] = len(out)
	for n := min(words, longestClosing); n > 0; n-- {
		kind, ok := closings[string(out[:ends[n-1]])]
		if !ok || words-n > maxName {
			continue
		}
		if words == n || kind == regardsClosing && !greetsToo[firstWord(t)] || words-n <= 2 && endsInNames(t, words-n) {
			return kind
		}
	}
	return noClosing
}

// endsInNames tells whether the last n words of a line begin with capitals.
func endsInNames(t string, n int) bool {
	words := WordsOf(t)
	for i := range words[max(0, len(words)-n):] {
		if !words[len(words)-1-i].Capital {
			return false
		}
	}
	return true
}

// greetsToo are the first words of closings that people greet with as well.
var greetsToo = set("ciao|saludos|selamlar|selam|iyi|kolay|best|love|yours|hilsen|salu2|buona|buon|god|ha|a|see|talk|speak|take|cheers")

// closings are regards and thanks by their words.
var closings, longestClosing = func() (m map[string]closingKind, longest int) {
	m = map[string]closingKind{}
	for kind, all := range map[closingKind][]string{regardsClosing: regards, thanksClosing: thanks} {
		for _, phrase := range all {
			words := strings.FieldsFunc(phrase, func(r rune) bool { return r == ' ' || r == '.' || r == '-' || r == ',' })
			longest = max(longest, len(words))
			m[strings.Join(words, " ")] = kind
		}
	}
	return m, longest
}()

// closingFirst are the first words of closings.
var closingFirst = func() map[string]bool {
	m := map[string]bool{}
	for phrase := range closings {
		first, _, _ := strings.Cut(phrase, " ")
		m[first] = true
	}
	return m
}()
