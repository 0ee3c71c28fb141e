package identifier

import "strings"

// The check digits of each kind of number. All take the bare number: digits and
// capital letters, no spaces.

func digit(c byte) int { return int(c - '0') }

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isUpper(c byte) bool { return 'A' <= c && c <= 'Z' }

func allDigits(s string) bool {
	for i := range len(s) {
		if !isDigit(s[i]) {
			return false
		}
	}
	return s != ""
}

// weigh sums digits by weights.
func weigh(s string, weights ...int) (sum int) {
	for i, w := range weights {
		sum += digit(s[i]) * w
	}
	return sum
}

// oneDigit tells numbers such as 00000000000, which pass many checks and are
// nobody's.
func oneDigit(s string) bool { return strings.Count(s, s[:1]) == len(s) }

// ibanLengths are how long each country's IBAN is (ISO 13616 registry).
var ibanLengths = map[string]int{
	"AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22, "BI": 27, "BR": 29, "BY": 28,
	"CH": 21, "CR": 22, "CY": 28, "CZ": 24, "DE": 22, "DJ": 27, "DK": 18, "DO": 28, "EE": 20, "EG": 29, "ES": 24, "FI": 18,
	"FK": 18, "FO": 18, "FR": 27, "GB": 22, "GE": 22, "GI": 23, "GL": 18, "GR": 27, "GT": 28, "HN": 28, "HR": 21, "HU": 28,
	"IE": 22, "IL": 23, "IQ": 23, "IS": 26, "IT": 27, "JO": 30, "KW": 30, "KZ": 20, "LB": 28, "LC": 32, "LI": 21, "LT": 20,
	"LU": 20, "LV": 21, "LY": 25, "MC": 27, "MD": 24, "ME": 22, "MK": 19, "MN": 20, "MR": 27, "MT": 31, "MU": 30, "NI": 28,
	"NL": 18, "NO": 15, "OM": 23, "PK": 24, "PL": 28, "PS": 29, "PT": 25, "QA": 29, "RO": 24, "RS": 22, "RU": 33, "SA": 24,
	"SC": 31, "SD": 18, "SE": 24, "SI": 19, "SK": 24, "SM": 27, "SO": 23, "ST": 25, "SV": 28, "TL": 23, "TN": 24, "TR": 26,
	"UA": 29, "VA": 22, "VG": 24, "XK": 20, "YE": 30,
}

// isIBAN checks by ISO 7064 (mod 97-10).
func isIBAN(s string) bool {
	if len(s) < 15 || ibanLengths[s[:2]] != len(s) || !isDigit(s[2]) || !isDigit(s[3]) {
		return false
	}
	rest := 0
	for _, part := range [...]string{s[4:], s[:4]} {
		for i := range len(part) {
			switch c := part[i]; {
			case isDigit(c):
				rest = (rest*10 + digit(c)) % 97
			case isUpper(c):
				rest = (rest*100 + int(c-'A') + 10) % 97
			default:
				return false
			}
		}
	}
	return rest == 1
}

// isLuhn checks by ISO/IEC 7812-1.
func isLuhn(s string) bool {
	sum := 0
	for i := range len(s) {
		d := digit(s[len(s)-1-i])
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}

// cardBrands are the ranges of issuers: the first digits from and to, and the
// lengths.
var cardBrands = []struct {
	name     string
	from, to string
	lengths  []int
}{
	{"Visa", "4", "4", []int{13, 16, 19}},
	{"Mastercard", "51", "55", []int{16}},
	{"Mastercard", "2221", "2720", []int{16}},
	{"American Express", "34", "34", []int{15}},
	{"American Express", "37", "37", []int{15}},
	{"Diners Club", "36", "36", []int{14}},
	{"Diners Club", "38", "39", []int{14}},
	{"Diners Club", "300", "305", []int{14}},
	{"Discover", "6011", "6011", []int{16}},
	{"Discover", "644", "659", []int{16}},
	{"JCB", "3528", "3589", []int{16}},
	{"UnionPay", "62", "62", []int{16, 17, 18, 19}},
	{"Troy", "9792", "9792", []int{16}},
	{"Maestro", "5018", "5018", []int{16}},
	{"Maestro", "5020", "5020", []int{16}},
	{"Maestro", "5038", "5038", []int{16}},
	{"Maestro", "6304", "6304", []int{16}},
	{"Maestro", "6759", "6763", []int{16}},
}

// cardBrand is who issued a payment card, "" where it is none.
func cardBrand(s string) string {
	if len(s) < 13 || len(s) > 19 || !isLuhn(s) || oneDigit(s[1:]) {
		return ""
	}
	for _, b := range cardBrands {
		if begin := s[:len(b.from)]; begin < b.from || begin > b.to {
			continue
		}
		for _, n := range b.lengths {
			if n == len(s) {
				return b.name
			}
		}
	}
	return ""
}

// testCards are those that payment providers document for tests.
var testCards = map[string]bool{
	"4111111111111111": true, "4242424242424242": true, "4012888888881881": true, "4000056655665556": true, "4222222222222": true,
	"4000000000000002": true, "4000002500003155": true, "4000000000003220": true, "4917610000000000": true, "4988438843884305": true,
	"5555555555554444": true, "5105105105105100": true, "5200828282828210": true, "5454545454545454": true, "2223003122003222": true,
	"2223000048400011": true, "5555341244441115": true, "378282246310005": true, "371449635398431": true, "378734493671000": true,
	"6011111111111117": true, "6011000990139424": true, "3056930009020004": true, "30569309025904": true, "38520000023237": true,
	"36227206271667": true, "3566002020360505": true, "3530111333300000": true, "6200000000000005": true, "6304000000000000": true,
	"5528790000000008": true, "4766620000000001": true, "5890040000000016": true, "9792030394440796": true,
}

// day tells whether there is such a day, from 1900 on and not after the last
// year that may be.
func day(year, month, d, last int) bool {
	if year < 1900 || year > last || month < 1 || month > 12 || d < 1 {
		return false
	}
	days := [...]int{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}[month-1]
	if month == 2 && (year%4 == 0 && year%100 != 0 || year%400 == 0) {
		days = 29
	}
	return d <= days
}

// isPESEL checks a Polish person's number: a birthday, in whose month the
// century hides, and a check digit.
func isPESEL(s string, last int) bool {
	if weigh(s, 1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1)%10 != 0 {
		return false
	}
	year, month, d := weigh(s, 10, 1), weigh(s[2:], 10, 1), weigh(s[4:], 10, 1)
	switch month / 20 {
	case 0:
		return day(1900+year, month, d, last)
	case 1:
		return day(2000+year, month-20, d, last)
	}
	return false
}

// isNIP checks a Polish tax number.
func isNIP(s string) bool {
	return s[0] != '0' && !oneDigit(s) && weigh(s, 6, 5, 7, 2, 3, 4, 5, 6, 7)%11 == digit(s[9])
}

const dniLetters = "TRWAGMYFPDXBNJZSQVHLCKE"

// isDNI checks a Spanish person's number: eight digits and a letter.
func isDNI(s string) bool {
	return !oneDigit(s[:8]) && dniLetters[number(s[:8])%23] == s[8]
}

// isNIE checks a foreigner's number in Spain: X, Y or Z, seven digits, a letter.
func isNIE(s string) bool {
	return !oneDigit(s[1:8]) && dniLetters[(int(s[0]-'X')*10_000_000+number(s[1:8]))%23] == s[8]
}

func number(s string) (n int) {
	for i := range len(s) {
		n = n*10 + digit(s[i])
	}
	return n
}

// isCIF checks a Spanish firm's number: a letter for its kind, seven digits, and
// a digit or letter.
func isCIF(s string) bool {
	if oneDigit(s[1:8]) {
		return false
	}
	sum := 0
	for i := range 7 {
		d := digit(s[1+i])
		if i%2 == 0 {
			d = d*2/10 + d*2%10
		}
		sum += d
	}
	check := (10 - sum%10) % 10
	byDigit, byLetter := s[8] == byte('0'+check), s[8] == "JABCDEFGHI"[check]
	switch {
	case strings.IndexByte("PQRSNW", s[0]) >= 0:
		return byLetter
	case strings.IndexByte("ABEH", s[0]) >= 0:
		return byDigit
	}
	return byDigit || byLetter
}

// oddValues are what characters at odd places of a codice fiscale count.
var oddValues = [26]int{1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23}

// omocodia are the letters that stand for digits where two people would have
// the same codice fiscale.
const omocodia = "LMNPQRSTUV"

// isCodiceFiscale checks an Italian person's number: letters of the names, year,
// month letter, day (women +40), place, and a check letter.
func isCodiceFiscale(s string) bool {
	if len(s) != 16 {
		return false
	}
	var plain [16]byte // with digits where omocodia put letters
	sum := 0
	for i := range 16 {
		c := s[i]
		switch i {
		case 6, 7, 9, 10, 12, 13, 14:
			plain[i] = c
			if n := strings.IndexByte(omocodia, c); n >= 0 {
				plain[i] = byte('0' + n)
			}
			if !isDigit(plain[i]) {
				return false
			}
		default:
			if !isUpper(c) {
				return false
			}
		}
		if i == 15 {
			break
		}
		value := int(c - 'A')
		if isDigit(c) {
			value = digit(c)
		}
		if i%2 == 0 {
			value = oddValues[value]
		}
		sum += value
	}
	d := digit(plain[9])*10 + digit(plain[10])
	return s[15] == byte('A'+sum%26) && strings.IndexByte("ABCDEHLMPRST", s[8]) >= 0 && (d >= 1 && d <= 31 || d >= 41 && d <= 71)
}

// isPartitaIVA checks an Italian firm's number.
func isPartitaIVA(s string) bool { return isLuhn(s) && !oneDigit(s) && s[:7] != "0000000" }

// isKimlikNo checks a Turkish person's number.
func isKimlikNo(s string) bool {
	if s[0] == '0' || oneDigit(s[:9]) {
		return false
	}
	odd, even := weigh(s, 1, 0, 1, 0, 1, 0, 1, 0, 1), weigh(s, 0, 1, 0, 1, 0, 1, 0, 1)
	tenth := (odd*7 - even) % 10
	if tenth < 0 {
		tenth += 10
	}
	return tenth == digit(s[9]) && (odd+even+tenth)%10 == digit(s[10])
}

// isFodselsnummer checks a Norwegian person's number; a D-number has 40 more in
// its day, an H-number 40 more in its month. From 2032 on the first check digit
// may leave a rest of up to 3, and the digits after the birthday no longer tell
// the century; old is false of those that only the new rule admits.
func isFodselsnummer(s string, last int) (ok, old bool) {
	if weigh(s, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)%11 != 0 {
		return false, false
	}
	rest := weigh(s, 3, 7, 6, 1, 8, 9, 4, 5, 2, 1) % 11
	if rest > 3 {
		return false, false
	}
	d, month, year := weigh(s, 10, 1), weigh(s[2:], 10, 1), weigh(s[4:], 10, 1)
	if d > 40 {
		d -= 40
	} else if month > 40 {
		month -= 40
	}
	return day(1900+year, month, d, last) || day(2000+year, month, d, last), rest == 0
}

// isOrgnr checks a Norwegian firm's number.
func isOrgnr(s string) bool {
	return (s[0] == '8' || s[0] == '9') && weigh(s, 3, 2, 7, 6, 5, 4, 3, 2, 1)%11 == 0
}

// isSSN checks what can be checked of a US social security number: parts that
// were never given out, and those of advertisements.
func isSSN(s string) bool {
	return s[:3] != "000" && s[:3] != "666" && s[0] != '9' && s[3:5] != "00" && s[5:] != "0000" &&
		s != "078051120" && s != "219099999" && s != "123456789" && s != "987654321" && !oneDigit(s)
}
