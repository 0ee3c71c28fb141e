package reading

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// card takes off a visiting card at the end that no closing stands above: a
// name, and below it telephone, address, company.
func (s *signing) card() {
	s.partLast()
	from, contacts := len(s.paras), 0
	for n := len(s.paras) - 1; n >= 0 && len(s.paras)-n <= 3; n-- {
		p := s.paras[n]
		if !s.looksSigned(p) {
			break
		}
		k := s.contacts(p)
		if k == 0 && !s.isName(p) && !s.saysLittle(p) {
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
	if len(t) > 100 || digits == 0 {
		return false
	}
	words := WordsOf(t)
	for i := range min(len(words), 6) {
		if contactWords[words[i].Folded] {
			return true
		}
	}
	return false
}

var contactWords = set("tel|tlf|telefon|telefono|phone|mob|mobile|movil|cell|cel|cellulare|kom|komorka|gsm|cep|fax|faks|skype|nip|regon|krs|" +
	"piva|iva|cif|nif|vkn|org|orgnr|vat|direct|direkte|mobil|tlf.|ext|dahili|wew|int|ul|nr|centralita|ph|santral")
