package extract

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"

	"golang.org/x/text/encoding/charmap"
)

// maxGroups is how deep the groups of an RTF text may stand in each other.
const maxGroups = 1000

// readRTF reads Rich Text (RTF 1.9.1).
func (j *job) readRTF(p *paper, data []byte) error {
	p.doc.Kind = KindRtf
	r := &rtfReader{p: p, data: data, page: charmap.Windows1252, fonts: map[int]*charmap.Charmap{}}
	r.state.uc = 1
	for r.at < len(r.data) {
		if err := j.tick(); err != nil {
			return err
		}
		if err := r.step(); err != nil {
			return err
		}
		if r.over {
			break
		}
	}
	r.flush()
	p.newline()
	if !r.over {
		return fmt.Errorf("%w: its end is missing", ErrDamaged)
	}
	return nil
}

// rtfState is what a group keeps to itself.
type rtfState struct {
	dest    rtfDest
	name    string // of the property
	uc      int    // fallback characters behind \u
	font    int
	hidden  bool
	deleted bool
	revised bool
}

type rtfDest int

const (
	rtfBody rtfDest = iota
	rtfSkip
	rtfFonts
	rtfInfo
	rtfProperty
	rtfComment
)

// rtfReader is where in a text the reading stands.
type rtfReader struct {
	p     *paper
	data  []byte
	at    int
	over  bool
	state rtfState
	stack []rtfState
	page  *charmap.Charmap
	fonts map[int]*charmap.Charmap

	skip     int // fallback characters to pass over
	high     rune
	run      strings.Builder // text of one state, not written yet
	star     bool            // the group begins with \*
	begins   bool            // the group has just begun
	lastFont int
}

func (r *rtfReader) step() error {
	switch c := r.data[r.at]; c {
	case '{':
		r.flush()
		r.at++
		if len(r.stack) >= maxGroups {
			return fmt.Errorf("%w: groups more than %d deep", ErrTooLarge, maxGroups)
		}
		r.stack = append(r.stack, r.state)
		r.begins, r.star, r.skip = true, false, 0
		return nil
	case '}':
		r.flush()
		r.at++
		r.skip = 0
		if n := len(r.stack); n > 0 {
			r.state = r.stack[n-1]
			r.stack = r.stack[:n-1]
		}
		r.over = len(r.stack) == 0
	case '\\':
		r.at++
		r.control()
		return nil
	case '\r', '\n':
		r.at++
		return nil
	default:
		r.at++
		if r.skip > 0 {
			r.skip--
		} else {
			r.char(c)
		}
	}
	r.begins = false
	return nil
}

// control reads what follows a backslash.
func (r *rtfReader) control() {
	if r.at >= len(r.data) {
		return
	}
	c := r.data[r.at]
	if c|0x20 < 'a' || c|0x20 > 'z' {
		r.at++
		r.symbol(c)
		return
	}
	begin := r.at
	for r.at < len(r.data) && r.at-begin < 32 && r.data[r.at]|0x20 >= 'a' && r.data[r.at]|0x20 <= 'z' {
		r.at++
	}
	word := string(r.data[begin:r.at])
	begin = r.at
	if r.at < len(r.data) && r.data[r.at] == '-' {
		r.at++
	}
	for r.at < len(r.data) && r.at-begin < 11 && r.data[r.at] >= '0' && r.data[r.at] <= '9' {
		r.at++
	}
	n, err := strconv.Atoi(string(r.data[begin:r.at]))
	given := err == nil
	if r.at < len(r.data) && r.data[r.at] == ' ' {
		r.at++
	}
	if word == "bin" {
		r.at = min(len(r.data), r.at+max(0, n))
		return
	}
	r.word(word, n, given)
	r.begins = false
}

// symbol reads a control of one character.
func (r *rtfReader) symbol(c byte) {
	switch c {
	case '*':
		r.star = r.begins
		return
	case '\'':
		if r.at+2 <= len(r.data) {
			if v, err := strconv.ParseUint(string(r.data[r.at:r.at+2]), 16, 8); err == nil {
				r.at += 2
				if r.skip > 0 {
					r.skip--
				} else {
					r.char(byte(v))
				}
			}
		}
	case '~':
		r.put("\u00a0")
	case '_':
		r.put("-")
	case '\\', '{', '}':
		if r.skip > 0 {
			r.skip--
		} else {
			r.put(string(c))
		}
	case '\n', '\r':
		r.put("\n")
	}
	r.begins = false
}

// rtfSkipped are groups in which nothing is written for readers.
var rtfSkipped = map[string]bool{"colortbl": true, "stylesheet": true, "pict": true, "object": true, "themedata": true, "datastore": true,
	"listtable": true, "listoverridetable": true, "generator": true, "xmlnstbl": true, "rsidtbl": true, "latentstyles": true, "filetbl": true,
	"revtbl": true, "atnid": true, "atnauthor": true, "atntime": true, "atndate": true, "atnref": true, "fldinst": true, "bkmkstart": true,
	"bkmkend": true, "colorschememapping": true, "mmathPr": true, "nonshppict": true, "objdata": true, "fldtype": true}

// rtfRead are groups that a reader who does not know them would pass over, and
// that have words in them.
var rtfRead = map[string]bool{"footnote": true, "shptxt": true, "shpinst": true, "nesttableprops": true, "revised": true, "deleted": true}

// rtfProperties are what a text says about itself.
var rtfProperties = map[string]string{"title": "title", "subject": "subject", "author": "author", "operator": "last author",
	"company": "company", "manager": "manager", "keywords": "keywords", "category": "category"}

// word reads a control word.
func (r *rtfReader) word(word string, n int, given bool) {
	if r.begins && r.destination(word) {
		return
	}
	switch word {
	case "par", "line", "row", "sect", "page":
		r.put("\n")
	case "tab", "cell", "nestcell":
		r.put("\t")
	case "emdash":
		r.put("—")
	case "endash":
		r.put("–")
	case "lquote", "rquote":
		r.put("’")
	case "ldblquote", "rdblquote":
		r.put("\"")
	case "bullet":
		r.put("•")
	case "u":
		r.unicode(n)
	case "uc":
		r.state.uc = max(0, min(n, 100))
	case "v":
		r.set(&r.state.hidden, !given || n != 0)
	case "deleted":
		r.set(&r.state.deleted, !given || n != 0)
	case "revised":
		r.set(&r.state.revised, !given || n != 0)
	case "plain":
		r.flush()
		r.state.hidden, r.state.deleted, r.state.revised = false, false, false
	case "ansicpg":
		r.page = pageOf(n, r.page)
	case "f", "deff":
		r.flush()
		r.state.font = n
		r.lastFont = n
	case "fcharset":
		if r.state.dest == rtfFonts && len(r.fonts) < 1000 {
			switch n {
			case 238:
				r.fonts[r.lastFont] = charmap.Windows1250
			case 162:
				r.fonts[r.lastFont] = charmap.Windows1254
			}
		}
	}
}

// destination begins a group of its own kind.
func (r *rtfReader) destination(word string) bool {
	switch {
	case word == "fonttbl":
		r.state.dest = rtfFonts
	case word == "info":
		r.state.dest = rtfInfo
	case r.state.dest == rtfInfo && rtfProperties[word] != "":
		r.state.dest, r.state.name = rtfProperty, rtfProperties[word]
	case r.state.dest == rtfSkip:
	case word == "footnote":
		r.put(" ")
		return false
	case word == "annotation":
		r.state.dest = rtfComment
		r.p.hide(HiddenComment, "", "", 1)
	case rtfSkipped[word], r.star && !rtfRead[word]:
		r.state.dest = rtfSkip
	default:
		return false
	}
	return true
}

// set changes a switch, behind the text that was written before.
func (r *rtfReader) set(to *bool, on bool) {
	if *to != on {
		r.flush()
		*to = on
	}
}

// unicode puts the character of \u, a unit of UTF-16, and has its fallback
// passed over.
func (r *rtfReader) unicode(n int) {
	unit := rune(uint16(n))
	r.skip = r.state.uc
	switch {
	case utf16.IsSurrogate(unit) && r.high == 0:
		r.high = unit
		return
	case r.high != 0:
		unit = utf16.DecodeRune(r.high, unit)
	}
	r.high = 0
	r.put(string(unit))
}

// char puts one octet in the charset of its font.
func (r *rtfReader) char(c byte) {
	if c < 0x80 {
		if c >= ' ' || c == '\t' {
			r.put(string(rune(c)))
		}
		return
	}
	page := r.fonts[r.state.font]
	if page == nil {
		page = r.page
	}
	r.put(string(page.DecodeByte(c)))
}

func (r *rtfReader) put(s string) {
	if r.state.dest == rtfSkip || r.state.dest == rtfFonts || r.state.dest == rtfInfo {
		return
	}
	if r.run.Len() > 32<<10 {
		r.flush()
	}
	r.run.WriteString(s)
}

// flush writes what was collected where it belongs.
func (r *rtfReader) flush() {
	s := r.run.String()
	if s == "" {
		return
	}
	r.run.Reset()
	switch {
	case r.state.dest == rtfProperty:
		r.p.property(r.state.name, s)
	case r.state.dest == rtfComment:
		r.p.hide(HiddenComment, "", s, 0)
	case r.state.deleted:
		r.p.hide(HiddenChanges, "", s, 1)
	case r.state.hidden:
		if strings.TrimSpace(s) != "" {
			r.p.hide(HiddenText, "", s, 1)
		}
	default:
		if r.state.revised {
			r.p.hide(HiddenChanges, "", s, 1)
		}
		r.p.add(s)
	}
}

// pageOf is a code page by its number.
func pageOf(n int, other *charmap.Charmap) *charmap.Charmap {
	switch n {
	case 1250:
		return charmap.Windows1250
	case 1251:
		return charmap.Windows1251
	case 1252:
		return charmap.Windows1252
	case 1253:
		return charmap.Windows1253
	case 1254:
		return charmap.Windows1254
	case 1257:
		return charmap.Windows1257
	case 852:
		return charmap.CodePage852
	}
	return other
}
