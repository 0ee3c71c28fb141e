package reading

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Fold brings words into the form in which they are compared: lower case, no
// diacritics, "ł" as "l", "ø" as "o", "ı" and "İ" as "i", "ß" as "ss", "æ" as
// "ae". "AŁŁA Øster" becomes "alla oster". Other scripts are only put in lower
// case.
func Fold(s string) string {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c >= utf8.RuneSelf || 'A' <= c && c <= 'Z' {
			return string(appendFolded(make([]byte, 0, len(s)+4), s))
		}
	}
	return s
}

// appendFolded is Fold onto the end of b.
func appendFolded(b []byte, s string) []byte {
	// It and what it calls must not call itself: then b may lie on the stack.
	begin, i := len(b), 0
	b = append(b, s...)
	for ; i < len(s) && s[i] < utf8.RuneSelf; i++ {
		b[begin+i] = lower[s[i]]
	}
	b = b[:begin+i]
	for i < len(s) {
		c := s[i]
		if c < utf8.RuneSelf {
			b = append(b, lower[c])
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		i += n
		b = appendFoldedRune(b, r)
	}
	return b
}

// lower are the small letters of ASCII.
var lower = func() (small [utf8.RuneSelf]byte) {
	for c := range small {
		small[c] = byte(c)
		if 'A' <= c && c <= 'Z' {
			small[c] += 'a' - 'A'
		}
	}
	return small
}()

func appendFoldedRune(b []byte, r rune) []byte {
	if r < rune(len(folds)) && folds[r] != "" {
		return append(b, folds[r]...)
	}
	switch {
	case r >= 0x1E00 && r <= 0x1EFF:
		if t := foldsAdditional[r-0x1E00]; t != "" {
			return append(b, t...)
		}
	case r >= 0x0300 && r <= 0x036F || r == '\u00AD' || r == '\u200D' || r == '\u200C' || r == '\uFEFF':
		return b // combining marks, soft hyphens, joiners
	case r >= 0xFF01 && r <= 0xFF5E:
		return append(b, lower[r-0xFEE0]) // full width
	case r == 'ﬁ':
		return append(b, "fi"...)
	case r == 'ﬂ':
		return append(b, "fl"...)
	}
	return utf8.AppendRune(b, unicode.ToLower(r))
}

// twins are small letters of other scripts that look like ours.
var twins = map[rune]byte{'а': 'a', 'в': 'b', 'с': 'c', 'ԁ': 'd', 'е': 'e', 'ɡ': 'g', 'н': 'h', 'һ': 'h', 'і': 'i', 'ї': 'i', 'ј': 'j', 'к': 'k',
	'ӏ': 'l', 'м': 'm', 'о': 'o', 'р': 'p', 'ԛ': 'q', 'ѕ': 's', 'т': 't', 'ѵ': 'v', 'ԝ': 'w', 'х': 'x', 'у': 'y',
	'α': 'a', 'β': 'b', 'ε': 'e', 'η': 'h', 'ι': 'i', 'κ': 'k', 'μ': 'm', 'ν': 'v', 'ο': 'o', 'ρ': 'p', 'τ': 't', 'υ': 'u', 'χ': 'x', 'ζ': 'z'}

// unmix puts our letters for those of other scripts that look like them into a
// folded word that has some of ours: nobody writes so but to be misread.
func unmix(b []byte) []byte {
	theirs := slices.ContainsFunc(b, func(c byte) bool { return c >= 0xC9 && (c == 0xC9 || 0xCE <= c && c <= 0xD4) })
	if !theirs || !slices.ContainsFunc(b, func(c byte) bool { return 'a' <= c && c <= 'z' }) {
		return b
	}
	out := b[:0] // what is put in is never longer
	for i := 0; i < len(b); {
		r, n := utf8.DecodeRune(b[i:])
		if c, ok := twins[r]; ok {
			out = append(out, c)
		} else {
			out = append(out, b[i:i+n]...)
		}
		i += n
	}
	return out
}

// foldTable says which letters are written for which, both cases in a row.
const foldTable = `a ÀÁÂÃÄÅàáâãäåĀāĂăĄąǍǎǞǟǠǡǺǻȀȁȂȃȦȧȺḀḁẠạẢảẤấẦầẨẩẪẫẬậẮắẰằẲẳẴẵẶặẚ
b ḂḃḄḅḆḇƀƁƂƃɃ
c ÇçĆćĈĉĊċČčƇƈȻȼḈḉ
d ÐðĎďĐđƊƋƌḊḋḌḍḎḏḐḑḒḓ
e ÈÉÊËèéêëĒēĔĕĖėĘęĚěȄȅȆȇȨȩɆḔḕḖḗḘḙḚḛḜḝẸẹẺẻẼẽẾếỀềỂểỄễỆệ
f Ƒƒḟḟ
g ĜĝĞğĠġĢģƓǤǥǦǧǴǵḠḡ
h ĤĥĦħȞȟḢḣḤḥḦḧḨḩḪḫẖ
i ÌÍÎÏìíîïĨĩĪīĬĭĮįİıƗǏǐȈȉȊȋḬḭḮḯỈỉỊị
j ĴĵǰɈ
k ĶķĸƘƙǨǩḰḱḲḳḴḵ
l ĹĺĻļĽľĿŀŁłƚȽḶḷḸḹḺḻḼḽ
m ḾḿṀṁṂṃ
n ÑñŃńŅņŇňŉŊŋƝƞǸǹȠṄṅṆṇṈṉṊṋ
o ÒÓÔÕÖØòóôõöøŌōŎŏŐőƆƠơǑǒǪǫǬǭǾǿȌȍȎȏȪȫȬȭȮȯȰȱṌṍṎṏṐṑṒṓỌọỎỏỐốỒồỔổỖỗỘộỚớỜờỞởỠỡỢợ
p ƤƥṔṕṖṗ
q Ɋ
r ŔŕŖŗŘřȐȑȒȓɌṘṙṚṛṜṝṞṟ
s ŚśŜŝŞşŠšſȘșṠṡṢṣṤṥṦṧṨṩẛ
t ŢţŤťŦŧƫƬƭƮȚțȾṪṫṬṭṮṯṰṱẗ
u ÙÚÛÜùúûüŨũŪūŬŭŮůŰűŲųƯưǓǔǕǖǗǘǙǚǛǜȔȕȖȗɄṲṳṴṵṶṷṸṹṺṻỤụỦủỨứỪừỬửỮữỰự
v ƲṼṽṾṿ
w ŴŵẀẁẂẃẄẅẆẇẈẉẘ
x ẊẋẌẍ
y ÝýÿŶŷŸƳƴȲȳɎẎẏẙỲỳỴỵỶỷỸỹ
z ŹźŻżŽžƵƶȤȥẐẑẒẓẔẕ
ae ÆæǢǣǼǽ
oe Œœ
ss ßẞ
th Þþ
ij Ĳĳ
dz ǄǅǆǱǲǳ
lj Ǉǈǉ
nj Ǌǋǌ
`

var folds, foldsAdditional = makeFolds()

// makeFolds lays foldTable out by character: Latin-1 to Latin Extended-B, and
// Latin Extended Additional.
func makeFolds() (low [0x0250]string, additional [0x100]string) {
	for line := range strings.Lines(foldTable) {
		letters, all, _ := strings.Cut(strings.TrimSpace(line), " ")
		for _, r := range all {
			if r < rune(len(low)) {
				low[r] = letters
			} else if r >= 0x1E00 && r <= 0x1EFF {
				additional[r-0x1E00] = letters
			}
		}
	}
	return low, additional
}
