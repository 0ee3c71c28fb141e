package identifier

import "strings"

// withLetter takes numbers with a letter before or behind: DNI, NIE, CIF, and
// those of firms with their country: "PL5260250274", "IT12345678903".
func (s *scan) withLetter(from, to int) int {
	run := s.text[from:to]
	if c := upper(run[0]); isUpper(c) {
		return s.afterCapital(from)
	}
	if len(run) == 9 && allDigits(run[:8]) && isUpper(upper(run[8])) {
		return s.dni(from, 9)
	}
	// "12.345.678-Z", "12345678-Z", "12345678 Z"
	for _, groups := range [...][]int{{8, 1}, {2, 3, 3, 1}} {
		if end := s.inGroups(from, groups); end > 0 {
			if next := s.dni(from, 9); next > 0 {
				return next
			}
		}
	}
	// A letter alone stands before: "X-1234567-L", "B 12345674".
	if from >= 2 && (s.text[from-1] == '-' || s.text[from-1] == '.' || s.text[from-1] == ' ') && isUpper(s.text[from-2]) && (from == 2 || !isWordByte(s.text[from-3])) {
		if to-from == 7 || to-from == 8 || to-from == 2 {
			return s.afterCapital(from - 2)
		}
	}
	return 0
}

func upper(c byte) byte {
	if 'a' <= c && c <= 'z' {
		return c - 'a' + 'A'
	}
	return c
}

// dni takes eight digits and a letter.
func (s *scan) dni(from, n int) int {
	bare, end := s.collect(from, n, false)
	if bare == "" || !s.ends(end) || !allDigits(bare[:8]) || !isUpper(bare[8]) {
		return 0
	}
	s.shapes[kindDNI]++
	if !isDNI(bare) {
		return 0
	}
	s.hits = append(s.hits, hit{kind: kindDNI, bare: bare, from: from, to: end, base: 0.5})
	return end
}

// afterCapital takes what begins with a letter.
func (s *scan) afterCapital(from int) int {
	add := func(k kind, base float64, bare string, ok bool, end int) int {
		s.shapes[k]++
		if !ok {
			return 0
		}
		s.hits = append(s.hits, hit{kind: k, bare: bare, from: from, to: end, base: base, formatted: true})
		return end
	}
	if second := s.text[min(from+1, len(s.text)-1)]; isUpper(second) {
		switch s.text[from : from+2] {
		case "PL":
			if bare, end := s.collect(from, 12, false); bare != "" && s.ends(end) && allDigits(bare[2:]) {
				return add(kindNIP, 0.65, bare[2:], isNIP(bare[2:]), end)
			}
		case "IT":
			if bare, end := s.collect(from, 13, false); bare != "" && s.ends(end) && allDigits(bare[2:]) {
				return add(kindPartitaIVA, 0.65, bare[2:], isPartitaIVA(bare[2:]), end)
			}
		case "NO":
			if bare, end := s.collect(from, 11, false); bare != "" && allDigits(bare[2:]) {
				return add(kindOrgnr, 0.6, bare[2:], isOrgnr(bare[2:]), end)
			}
		case "ES":
			if bare, end := s.collect(from, 11, false); bare != "" && s.ends(end) {
				return s.spanish(from, end, bare[2:], 0.65)
			}
		}
		return 0
	}
	if bare, end := s.collect(from, 9, false); bare != "" && s.ends(end) && allDigits(bare[1:8]) {
		return s.spanish(from, end, bare, 0)
	}
	return 0
}

// spanish takes a Spanish number that may be a person's or a firm's. base is how
// sure it is, 0 as usual.
func (s *scan) spanish(from, end int, bare string, base float64) int {
	var k kind
	var ok bool
	usual := 0.4
	switch c := bare[0]; {
	case isDigit(c) && allDigits(bare[:8]) && isUpper(bare[8]):
		k, ok, usual = kindDNI, isDNI(bare), 0.5
	case !allDigits(bare[1:8]):
		return 0
	case c >= 'X' && c <= 'Z' && isUpper(bare[8]):
		k, ok, usual = kindNIE, isNIE(bare), 0.6
	case strings.IndexByte("ABCDEFGHJNPQRSUVW", c) >= 0:
		k, ok = kindCIF, isCIF(bare)
	default:
		return 0
	}
	s.shapes[k]++
	if !ok {
		return 0
	}
	s.hits = append(s.hits, hit{kind: k, bare: bare, from: from, to: end, base: max(base, usual), formatted: true})
	return end
}

// inGroups tells whether letters and digits stand in groups of these lengths
// from a place on, and gives where the last ends; 0 where they do not.
func (s *scan) inGroups(from int, groups []int) int {
	i := from
	for g, n := range groups {
		if g > 0 {
			gap := s.skip(i)
			if gap == 0 {
				return 0
			}
			i += gap
		}
		for range n {
			if i >= len(s.text) || !isWordByte(s.text[i]) {
				return 0
			}
			i++
		}
		if i < len(s.text) && isWordByte(s.text[i]) {
			return 0
		}
	}
	return i
}

// formats are the groups in which numbers of bare digits are written.
var formats = []struct {
	groups []int
	try    func(s *scan, bare string, from, end, groups int) bool
}{
	{[]int{16}, (*scan).card}, {[]int{4, 4, 4, 4}, (*scan).card}, {[]int{15}, (*scan).card}, {[]int{4, 6, 5}, (*scan).card},
	{[]int{14}, (*scan).card}, {[]int{4, 6, 4}, (*scan).card}, {[]int{13}, (*scan).card}, {[]int{19}, (*scan).card},
	{[]int{4, 4, 4, 4, 3}, (*scan).card}, {[]int{18}, (*scan).card}, {[]int{17}, (*scan).card}, {[]int{8, 8}, (*scan).card},
	{[]int{11}, (*scan).eleven}, {[]int{6, 5}, (*scan).eleven}, {[]int{2, 2, 2, 5}, (*scan).eleven},
	{[]int{3, 3, 3, 2}, (*scan).eleven}, {[]int{6, 3, 2}, (*scan).eleven},
	{[]int{3, 3, 2, 2}, (*scan).nip}, {[]int{3, 2, 2, 3}, (*scan).nip}, {[]int{10}, (*scan).nip},
	{[]int{3, 2, 4}, (*scan).ssn}, {[]int{3, 3, 3}, (*scan).nine}, {[]int{9}, (*scan).nine},
}

// digits takes numbers that are digits only.
func (s *scan) digits(from, to int) int {
	if !allDigits(s.text[from:to]) {
		return 0
	}
	if s.isAmount(from, to) {
		return to
	}
	if end := s.padded(from, to); end > 0 {
		return end
	}
	for _, f := range formats {
		if f.groups[0] != to-from {
			continue
		}
		end := s.inGroups(from, f.groups)
		if end == 0 || s.goesOn(end) {
			continue
		}
		n := 0
		for _, g := range f.groups {
			n += g
		}
		bare, _ := s.collect(from, n, false)
		if bare != "" && allDigits(bare) && f.try(s, bare, from, end, len(f.groups)) {
			return end
		}
	}
	return s.scattered(from)
}

// scattered takes a number in other groups, or parted by the end of a line: it
// counts only behind its label.
func (s *scan) scattered(from int) int {
	for _, n := range [...]int{11, 16} {
		for _, wrap := range [...]bool{false, true} {
			bare, end := s.collect(from, n, wrap)
			if bare == "" || !allDigits(bare) || !s.ends(end) || s.goesOn(end) || strings.Count(s.text[from:end], "\n") > 1 {
				continue
			}
			first, shapes := len(s.hits), s.shapes
			if n == 11 && s.eleven(bare, from, end, 1) || n == 16 && s.card(bare, from, end, 1) {
				for i := first; i < len(s.hits); i++ {
					s.hits[i].base, s.hits[i].scattered = 0.1, true
				}
				return end
			}
			s.shapes = shapes
		}
	}
	return 0
}

// isAmount tells digits behind a point or a comma, which are part of a number
// with decimals, and what hangs on another number: "2024/12345678901".
func (s *scan) isAmount(from, to int) bool {
	if from >= 2 && strings.IndexByte(".,-/_+:", s.text[from-1]) >= 0 && isWordByte(s.text[from-2]) {
		return true
	}
	return to+1 < len(s.text) && (s.text[to] == ',' || s.text[to] == '_') && isDigit(s.text[to+1])
}

// goesOn tells whether more digits hang on what ended: it is part of a longer
// number, an address, or a name of a file.
func (s *scan) goesOn(end int) bool {
	if end+1 >= len(s.text) {
		return false
	}
	c, next := s.text[end], s.text[end+1]
	return strings.IndexByte("-./_@:", c) >= 0 && isWordByte(next) || c == '@' || c == '%'
}

func (s *scan) add(k kind, base float64, bare string, from, end, groups int) {
	s.hits = append(s.hits, hit{kind: k, bare: bare, from: from, to: end, base: base, formatted: groups > 1})
}

func (s *scan) card(bare string, from, end, groups int) bool {
	brand := cardBrand(bare)
	s.shapes[kindCard]++
	if brand == "" || testCards[bare] {
		return false
	}
	base := 0.35
	if groups > 1 {
		base = 0.7
	}
	s.add(kindCard, base, bare, from, end, groups)
	s.hits[len(s.hits)-1].brand = brand
	return true
}

// eleven takes eleven digits: several countries' numbers have them. More than
// one may fit; what stands around decides.
func (s *scan) eleven(bare string, from, end, groups int) bool {
	found := false
	add := func(k kind, base float64) {
		s.add(k, base, bare, from, end, groups)
		found = true
	}
	if ok, old := isFodselsnummer(bare, s.last); ok {
		if old {
			add(kindFodselsnummer, 0.6)
		} else {
			add(kindFodselsnummer, 0.35)
		}
	}
	if isPESEL(bare, s.last) {
		add(kindPESEL, 0.4)
	}
	if isKimlikNo(bare) {
		add(kindKimlikNo, 0.3)
	}
	if isPartitaIVA(bare) {
		add(kindPartitaIVA, 0.15)
	}
	for _, k := range [...]kind{kindFodselsnummer, kindPESEL, kindKimlikNo, kindPartitaIVA} {
		s.shapes[k]++
	}
	return found
}

func (s *scan) nip(bare string, from, end, groups int) bool {
	s.shapes[kindNIP]++
	if !isNIP(bare) {
		return false
	}
	base := 0.15
	if groups > 1 && s.text[from+3] == '-' {
		base = 0.5
	}
	s.add(kindNIP, base, bare, from, end, groups)
	return true
}

func (s *scan) ssn(bare string, from, end, groups int) bool {
	s.shapes[kindSSN]++
	if !isSSN(bare) {
		return false
	}
	base := 0.2
	if s.text[from+3] == '-' {
		base = 0.35
	}
	s.add(kindSSN, base, bare, from, end, groups)
	return true
}

func (s *scan) nine(bare string, from, end, groups int) bool {
	s.shapes[kindOrgnr]++
	found := false
	if isOrgnr(bare) {
		s.add(kindOrgnr, 0.15, bare, from, end, groups)
		found = true
	}
	if groups == 1 && isSSN(bare) {
		s.add(kindSSN, 0.05, bare, from, end, groups)
		found = true
	}
	return found
}
