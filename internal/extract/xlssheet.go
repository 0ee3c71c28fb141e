package extract

import (
	"encoding/binary"
	"math"
	"slices"
	"strconv"
	"strings"
)

// xlsSheetReader reads the records of one sheet of Excel 97. Rows come in
// blocks, each with what it says of its rows before their cells.
type xlsSheetReader struct {
	p      *paper
	shared []string
	sheet  xlsSheetInfo

	hiddenRows    map[int]bool
	columns       hiddenColumns
	number        int // of the row being read
	shown, hidden []string
	formula       [2]int // the place of one whose text follows

	boxes  map[int]string // the texts of boxes and remarks, by number
	object int
	inBox  bool // the text of the box comes next
}

func (s *xlsSheetReader) read(j *job, r *xlsReader) error {
	deep := 0
	for at := s.sheet.at; ; {
		if err := j.tick(); err != nil {
			return err
		}
		kind, c, next := r.record(at)
		if next < 0 {
			break
		}
		at = next
		switch kind {
		case xlsBOF:
			deep++
		case xlsEOF:
			deep--
		default:
			s.record(kind, c)
		}
		if deep <= 0 {
			break
		}
	}
	s.rowEnd()
	s.columns.tell(s.p, s.sheet.name)
	s.texts()
	return nil
}

// record reads a record.
func (s *xlsSheetReader) record(kind uint16, c []byte) {
	u16 := func(at int) int {
		if at+2 > len(c) {
			return 0
		}
		return int(binary.LittleEndian.Uint16(c[at:]))
	}
	switch kind {
	case xlsRow:
		if u16(12)&0x20 != 0 {
			s.hiddenRows[u16(0)] = true
		}
	case xlsColumns:
		if u16(8)&1 != 0 {
			s.columns.hide(u16(0), min(u16(2), 255))
		}
	case xlsString:
		if text := xlsText(c, 2); s.formula[0] >= 0 {
			s.put(s.formula[0], s.formula[1], text)
		}
	case xlsObject: // its number is in the first part (2.5.143)
		s.object, s.inBox = u16(6), false
	case xlsTextBox:
		s.inBox = u16(10) > 0
	case xlsContinue:
		if s.inBox && len(c) > 1 && len(s.boxes) < maxRelations {
			s.boxes[s.object] = boxText(c)
		}
		s.inBox = false
	case xlsNote:
		s.p.hide(HiddenComment, s.sheet.name, s.boxes[u16(6)], 1)
		delete(s.boxes, u16(6))
	default:
		s.formula = [2]int{-1, -1}
		s.cells(kind, c)
	}
}

// boxText is a text whose length stands elsewhere: it fills its record.
func boxText(c []byte) string {
	if c[0]&1 != 0 {
		return utf16LE(c[1:])
	}
	return latin1(c[1:])
}

// texts tells what the boxes say that are no remarks.
func (s *xlsSheetReader) texts() {
	numbers := make([]int, 0, len(s.boxes))
	for n := range s.boxes {
		numbers = append(numbers, n)
	}
	slices.Sort(numbers)
	for _, n := range numbers {
		if s.sheet.hidden {
			s.p.hide(HiddenSheet, s.sheet.name, s.boxes[n], 1)
		} else {
			s.p.add(s.boxes[n] + "\n")
		}
	}
}

// put puts a cell's text where it belongs.
func (s *xlsSheetReader) put(n, column int, text string) {
	if n != s.number {
		s.rowEnd()
		s.number = n
	}
	text = oneLine(text)
	switch {
	case text == "" || len(s.shown)+len(s.hidden) > 1000:
	case s.sheet.hidden || s.hiddenRows[n]:
		s.hidden = append(s.hidden, text)
	case !s.columns.take(s.p, s.sheet.name, column, text):
		s.shown = append(s.shown, text)
	}
}

// rowEnd writes a row where it belongs.
func (s *xlsSheetReader) rowEnd() {
	switch {
	case s.sheet.hidden && len(s.hidden) > 0:
		s.p.hide(HiddenSheet, s.sheet.name, strings.Join(s.hidden, " "), 1)
	case len(s.hidden) > 0:
		s.p.hide(HiddenRows, s.sheet.name, strings.Join(s.hidden, " "), 1)
	}
	if len(s.shown) > 0 {
		s.p.add(strings.Join(s.shown, "\t") + "\n")
	}
	s.shown, s.hidden = s.shown[:0], s.hidden[:0]
}

// cells reads a record of cells.
func (s *xlsSheetReader) cells(kind uint16, c []byte) {
	if len(c) < 6 {
		return
	}
	row, column := int(binary.LittleEndian.Uint16(c)), int(binary.LittleEndian.Uint16(c[2:]))
	switch kind {
	case xlsLabelSST:
		if len(c) >= 10 {
			if n := int(binary.LittleEndian.Uint32(c[6:])); n < len(s.shared) {
				s.put(row, column, s.shared[n])
			}
		}
	case xlsLabel:
		text := xlsText(c[6:], 2)
		s.put(row, column, text)
	case xlsNumber:
		if len(c) >= 14 {
			s.put(row, column, xlsDecimal(math.Float64frombits(binary.LittleEndian.Uint64(c[6:]))))
		}
	case xlsRk:
		if len(c) >= 10 {
			s.put(row, column, xlsDecimal(rkNumber(binary.LittleEndian.Uint32(c[6:]))))
		}
	case xlsMulRk:
		for i := 4; i+8 <= len(c); i += 6 {
			s.put(row, column, xlsDecimal(rkNumber(binary.LittleEndian.Uint32(c[i+2:]))))
			column++
		}
	case xlsFormula:
		if len(c) < 14 {
			break
		}
		if c[12] == 0xff && c[13] == 0xff { // no number (2.5.133)
			if c[6] == 0 {
				s.formula = [2]int{row, column}
			}
			break
		}
		s.put(row, column, xlsDecimal(math.Float64frombits(binary.LittleEndian.Uint64(c[6:]))))
	}
}

// rkNumber is a number packed in four octets (2.5.217).
func rkNumber(v uint32) float64 {
	n := math.Float64frombits(uint64(v&^3) << 32)
	if v&2 != 0 {
		n = float64(int32(v) >> 2)
	}
	if v&1 != 0 {
		n /= 100
	}
	return n
}

func xlsDecimal(n float64) string {
	if math.IsNaN(n) || math.IsInf(n, 0) {
		return ""
	}
	if n == math.Trunc(n) && math.Abs(n) < 1e17 {
		return strconv.FormatFloat(n, 'f', 0, 64)
	}
	return strconv.FormatFloat(n, 'g', -1, 64)
}
