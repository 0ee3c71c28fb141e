package extract

import (
	"encoding/binary"
	"fmt"
	"strings"
)

// Records of a workbook ([MS-XLS] 2.3).
const (
	xlsFormula  = 0x0006
	xlsEOF      = 0x000a
	xlsFilePass = 0x002f
	xlsContinue = 0x003c
	xlsSheet    = 0x0085 // BoundSheet8
	xlsMulRk    = 0x00bd
	xlsShared   = 0x00fc // SST
	xlsLabelSST = 0x00fd
	xlsNumber   = 0x0203
	xlsLabel    = 0x0204
	xlsString   = 0x0207
	xlsRow      = 0x0208
	xlsRk       = 0x027e
	xlsBOF      = 0x0809
	xlsColumns  = 0x007d // ColInfo
	xlsNote     = 0x001c
	xlsObject   = 0x005d
	xlsTextBox  = 0x01b6 // TxO
)

// xlsReader reads a workbook of Excel 97.
type xlsReader struct {
	p      *paper
	b      []byte
	shared []string
	sheets []xlsSheetInfo
}

type xlsSheetInfo struct {
	bookSheet
	at   int
	data bool // cells; else a chart, or macros
}

// readXls reads the cells of an Excel 97 workbook, and what is hidden in it.
func (j *job) readXls(p *paper, o *oleFile) error {
	b := o.stream(0, "Workbook")
	if b == nil {
		b = o.stream(0, "Book") // Excel 95: its texts are not of this form
		if len(b) < 6 || binary.LittleEndian.Uint16(b[4:]) < 0x0600 {
			return ErrUnknown
		}
	}
	r := &xlsReader{p: p, b: b}
	if err := r.globals(j); err != nil {
		return err
	}
	if len(r.sheets) == 0 {
		return fmt.Errorf("%w: a workbook without sheets", ErrDamaged)
	}
	for i, s := range r.sheets {
		if i >= j.limits.Entries {
			p.doc.Cut = true
			break
		}
		if !s.data {
			continue
		}
		if !s.hidden {
			p.newline()
			p.add(s.name + "\n")
		}
		one := &xlsSheetReader{p: p, shared: r.shared, sheet: s, hiddenRows: map[int]bool{}, boxes: map[int]string{}, number: -1, formula: [2]int{-1, -1}}
		if err := one.read(j, r); err != nil {
			return err
		}
	}
	return nil
}

// record reads the record at a place; next is where the one behind it begins,
// -1 at the end.
func (r *xlsReader) record(at int) (kind uint16, content []byte, next int) {
	if at < 0 || at+4 > len(r.b) {
		return 0, nil, -1
	}
	kind = binary.LittleEndian.Uint16(r.b[at:])
	size := int(binary.LittleEndian.Uint16(r.b[at+2:]))
	if at+4+size > len(r.b) {
		return 0, nil, -1
	}
	return kind, r.b[at+4 : at+4+size], at + 4 + size
}

// globals reads what belongs to the whole workbook.
func (r *xlsReader) globals(j *job) error {
	for at := 0; ; {
		if err := j.tick(); err != nil {
			return err
		}
		kind, c, next := r.record(at)
		if next < 0 || kind == xlsEOF {
			return nil
		}
		switch {
		case kind == xlsFilePass:
			return ErrEncrypted
		case kind == xlsSheet && len(c) >= 8 && len(r.sheets) < maxRelations:
			name := xlsText(c[6:], 1)
			r.sheets = append(r.sheets, xlsSheetInfo{bookSheet: bookSheet{name: name, hidden: c[4]&3 != 0}, at: int(binary.LittleEndian.Uint32(c)), data: c[5] == 0})
		case kind == xlsShared:
			parts := [][]byte{c}
			for {
				k, more, after := r.record(next)
				if after < 0 || k != xlsContinue {
					break
				}
				parts = append(parts, more)
				next = after
			}
			r.shared = readSST(parts)
		}
		at = next
	}
}

// xlsText is a text with its length in one octet or two.
func xlsText(b []byte, width int) string {
	if len(b) < width+1 {
		return ""
	}
	n := int(b[0])
	if width == 2 {
		n = int(binary.LittleEndian.Uint16(b))
	}
	flags := b[width]
	b = b[width+1:]
	if flags&1 != 0 {
		n = min(2*n, len(b)&^1)
		return utf16LE(b[:n])
	}
	n = min(n, len(b))
	return latin1(b[:n])
}

func latin1(b []byte) string {
	runes := make([]rune, len(b))
	for i, c := range b {
		runes[i] = rune(c)
	}
	return string(runes)
}

// sstReader reads the shared strings; a text may go on in the next record, and
// says there anew how wide its characters are (2.5.293).
type sstReader struct {
	parts [][]byte
	b     []byte
}

func (s *sstReader) more() bool {
	for len(s.b) == 0 {
		if len(s.parts) == 0 {
			return false
		}
		s.b, s.parts = s.parts[0], s.parts[1:]
	}
	return true
}

// take reads n octets; where they are parted, they are put together.
func (s *sstReader) take(n int) []byte {
	var out []byte
	for n > 0 && s.more() {
		k := min(n, len(s.b))
		out = append(out, s.b[:k]...)
		s.b = s.b[k:]
		n -= k
	}
	return out
}

func readSST(parts [][]byte) []string {
	s := &sstReader{parts: parts}
	head := s.take(8)
	if len(head) < 8 {
		return nil
	}
	count := min(int(binary.LittleEndian.Uint32(head[4:])), maxShared)
	var all []string
	size := 0
	for len(all) < count && size < maxSharedText && s.more() {
		text, ok := s.text()
		if !ok {
			break
		}
		size += len(text)
		all = append(all, text)
	}
	return all
}

func (s *sstReader) text() (string, bool) {
	head := s.take(3)
	if len(head) < 3 {
		return "", false
	}
	n, flags := int(binary.LittleEndian.Uint16(head)), head[2]
	runs, sound := 0, 0
	if flags&8 != 0 {
		if b := s.take(2); len(b) == 2 {
			runs = int(binary.LittleEndian.Uint16(b))
		}
	}
	if flags&4 != 0 {
		if b := s.take(4); len(b) == 4 {
			sound = int(min(binary.LittleEndian.Uint32(b), 1<<20))
		}
	}
	var b strings.Builder
	for n > 0 {
		if len(s.b) == 0 {
			if !s.more() {
				return "", false
			}
			flags = flags&^1 | s.b[0]&1
			s.b = s.b[1:]
			continue
		}
		width := 1 + int(flags&1)
		k := min(n, len(s.b)/width)
		if k == 0 {
			return "", false
		}
		if width == 2 {
			b.WriteString(utf16LE(s.b[:2*k]))
		} else {
			b.WriteString(latin1(s.b[:k]))
		}
		s.b = s.b[width*k:]
		n -= k
	}
	s.take(4*runs + sound)
	return b.String(), true
}
