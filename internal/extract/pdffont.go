package extract

import (
	"strconv"
	"strings"
	"unicode/utf16"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/unicode/norm"
)

// maxGlyphs is how many characters of one font are known.
const maxGlyphs = 70_000

// pdfFont tells which characters the codes in a text are, and how wide
// (ISO 32000-1, 9).
type pdfFont struct {
	wide   bool           // codes of two octets
	known  map[int]string // by ToUnicode, or by the names of Differences
	page   *charmap.Charmap
	mute   bool // nobody knows what its codes are
	widths map[int]float64
	usual  float64 // of a code that widths does not have; in thousandths
}

// font reads a font.
func (f *pdfFile) font(v any) *pdfFont {
	d := f.dict(v)
	t := &pdfFont{known: map[int]string{}, page: charmap.Windows1252, widths: map[int]float64{}, usual: 500}
	if d == nil {
		return t
	}
	if s, ok := f.get(d["ToUnicode"]).(*pdfStream); ok {
		if b, err := f.decode(s, 1<<20); err == nil || len(b) > 0 {
			f.readCMap(b, t)
		}
	}
	if d["Subtype"] == pdfName("Type0") {
		t.wide = true
		t.mute = len(t.known) == 0
		if a := f.array(d["DescendantFonts"]); len(a) > 0 {
			f.wideWidths(f.dict(a[0]), t)
		}
		return t
	}
	f.encoding(d["Encoding"], t)
	first := int(f.float(d["FirstChar"]))
	for i, w := range f.array(d["Widths"]) {
		if i < 256 {
			t.widths[first+i] = f.float(w)
		}
	}
	if d["Subtype"] == pdfName("Type3") {
		t.widths = map[int]float64{} // in a measure of its own
	}
	return t
}

// encoding reads which characters the codes of a simple font are.
func (f *pdfFile) encoding(v any, t *pdfFont) {
	v = f.get(v)
	base, _ := v.(pdfName)
	d, _ := v.(pdfDict)
	if d != nil {
		base, _ = f.get(d["BaseEncoding"]).(pdfName)
	}
	if base == "MacRomanEncoding" {
		t.page = charmap.Macintosh
	}
	code := 0
	for _, item := range f.array(d["Differences"]) {
		switch item := f.get(item).(type) {
		case float64:
			code = int(item)
		case pdfName:
			if _, there := t.known[code]; !there && code >= 0 && code < 256 {
				if s := glyphText(string(item)); s != "" {
					t.known[code] = s
				}
			}
			code++
		}
	}
}

// wideWidths reads the widths of a font of two octets (9.7.4.3).
func (f *pdfFile) wideWidths(d pdfDict, t *pdfFont) {
	t.usual = 1000
	if w := f.float(d["DW"]); w > 0 {
		t.usual = w
	}
	list := f.array(d["W"])
	for i := 0; i+1 < len(list) && len(t.widths) < maxGlyphs; {
		first := int(f.float(list[i]))
		if each := f.array(list[i+1]); each != nil {
			for k, w := range each {
				t.widths[first+k] = f.float(w)
			}
			i += 2
			continue
		}
		if i+2 >= len(list) {
			return
		}
		last := min(int(f.float(list[i+1])), first+maxGlyphs)
		w := f.float(list[i+2])
		for c := first; c <= last && len(t.widths) < maxGlyphs; c++ {
			t.widths[c] = w
		}
		i += 3
	}
}

// readCMap reads what the codes of a font are in Unicode (9.10.3).
func (f *pdfFile) readCMap(b []byte, t *pdfFont) {
	l := &pdfLexer{b: b}
	var held []any
	for len(t.known) < maxGlyphs && f.j.tick() == nil {
		v, ok := l.next()
		if !ok && l.at >= len(l.b) {
			return
		}
		word, isWord := v.(pdfWord)
		if !isWord {
			if len(held) < 1000 {
				held = append(held, v)
			}
			continue
		}
		switch word {
		case "endbfchar":
			for i := 0; i+1 < len(held); i += 2 {
				code, _ := held[i].(pdfString)
				t.learn(codeOf(code), held[i+1])
			}
		case "endbfrange":
			for i := 0; i+2 < len(held); i += 3 {
				t.learnRange(held[i], held[i+1], held[i+2])
			}
		}
		held = held[:0]
	}
}

// learn notes that a code is a text.
func (t *pdfFont) learn(code int, v any) {
	if s, ok := v.(pdfString); ok && len(t.known) < maxGlyphs {
		t.known[code] = utf16Text(string(s))
	}
}

// learnRange notes what the codes from one to another are.
func (t *pdfFont) learnRange(from, to, what any) {
	a, _ := from.(pdfString)
	b, _ := to.(pdfString)
	first, last := codeOf(a), min(codeOf(b), codeOf(a)+65535)
	switch what := what.(type) {
	case []any:
		for i, v := range what {
			if first+i <= last {
				t.learn(first+i, v)
			}
		}
	case pdfString:
		runes := []rune(utf16Text(string(what)))
		if len(runes) == 0 {
			return
		}
		for code := first; code <= last && len(t.known) < maxGlyphs; code++ {
			t.known[code] = string(runes)
			runes[len(runes)-1]++
		}
	}
}

// codeOf is the number that octets are.
func codeOf(s pdfString) int {
	n := 0
	for i := 0; i < len(s) && i < 4; i++ {
		n = n<<8 | int(s[i])
	}
	return n
}

// utf16Text reads UTF-16BE.
func utf16Text(s string) string {
	units := make([]uint16, 0, len(s)/2)
	for i := 0; i+1 < len(s); i += 2 {
		units = append(units, uint16(s[i])<<8|uint16(s[i+1]))
	}
	return strings.ReplaceAll(string(utf16.Decode(units)), "\x00", "")
}

// text is what a string shows, and how wide it is, in thousandths of the size
// of the font.
func (t *pdfFont) text(s pdfString) (text string, width float64, blanks int) {
	var b strings.Builder
	step := 1
	if t.wide {
		step = 2
	}
	for i := 0; i+step <= len(s); i += step {
		code := codeOf(s[i : i+step])
		w, ok := t.widths[code]
		if !ok {
			w = t.usual
		}
		width += w
		if !t.wide && code == ' ' {
			blanks++
		}
		if known, ok := t.known[code]; ok {
			b.WriteString(known)
		} else if !t.mute && !t.wide && code >= ' ' {
			b.WriteRune(t.page.DecodeByte(byte(code)))
		}
	}
	return b.String(), width, blanks
}

// glyphNames are names of characters that are not built from others
// (Adobe Glyph List).
var glyphNames = map[string]string{
	"space": " ", "exclam": "!", "quotedbl": "\"", "numbersign": "#", "dollar": "$", "percent": "%", "ampersand": "&", "quotesingle": "'",
	"parenleft": "(", "parenright": ")", "asterisk": "*", "plus": "+", "comma": ",", "hyphen": "-", "period": ".", "slash": "/",
	"zero": "0", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9",
	"colon": ":", "semicolon": ";", "less": "<", "equal": "=", "greater": ">", "question": "?", "at": "@", "bracketleft": "[",
	"backslash": "\\", "bracketright": "]", "underscore": "_", "braceleft": "{", "bar": "|", "braceright": "}", "quoteright": "’",
	"quoteleft": "‘", "quotedblleft": "“", "quotedblright": "”", "quotedblbase": "„", "endash": "–", "emdash": "—", "bullet": "•",
	"ellipsis": "…", "Euro": "€", "euro": "€", "sterling": "£", "section": "§", "degree": "°", "copyright": "©", "nbspace": " ",
	"ae": "æ", "AE": "Æ", "oe": "œ", "OE": "Œ", "oslash": "ø", "Oslash": "Ø", "lslash": "ł", "Lslash": "Ł", "germandbls": "ß",
	"dotlessi": "ı", "eth": "ð", "thorn": "þ", "dcroat": "đ", "fi": "fi", "fl": "fl", "ff": "ff", "ffi": "ffi", "ffl": "ffl",
	"exclamdown": "¡", "questiondown": "¿", "ordfeminine": "ª", "ordmasculine": "º", "guillemotleft": "«", "guillemotright": "»",
	"minus": "-", "periodcentered": "·", "multiply": "×", "Idot": "İ",
}

// glyphMarks are what the names of letters with a mark end with.
var glyphMarks = map[string]rune{"acute": 0x301, "grave": 0x300, "circumflex": 0x302, "dieresis": 0x308, "tilde": 0x303, "ring": 0x30a,
	"cedilla": 0x327, "ogonek": 0x328, "caron": 0x30c, "breve": 0x306, "macron": 0x304, "dotaccent": 0x307, "commaaccent": 0x326, "hungarumlaut": 0x30b}

// glyphText is the character that a glyph's name says.
func glyphText(name string) string {
	name, _, _ = strings.Cut(name, ".")
	if s, ok := glyphNames[name]; ok {
		return s
	}
	if len(name) == 1 {
		return name
	}
	if hex, ok := strings.CutPrefix(name, "uni"); ok && len(hex) >= 4 {
		if n, err := strconv.ParseUint(hex[:4], 16, 32); err == nil {
			return string(rune(n))
		}
	}
	if hex, ok := strings.CutPrefix(name, "u"); ok && len(hex) >= 4 && len(hex) <= 6 {
		if n, err := strconv.ParseUint(hex, 16, 32); err == nil {
			return string(rune(n))
		}
	}
	if mark, ok := glyphMarks[name[min(1, len(name)):]]; ok {
		return norm.NFC.String(name[:1] + string(mark))
	}
	return ""
}
