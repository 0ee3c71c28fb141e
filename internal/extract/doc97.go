package extract

import (
	"encoding/binary"
	"fmt"
	"strings"
	"unicode/utf16"

	"golang.org/x/text/encoding/charmap"
)

// readDoc reads the words of a Word 97 document ([MS-DOC]): its table of pieces
// says where they stand. Its remarks are told apart, hidden words and changes
// are not.
func (j *job) readDoc(p *paper, o *oleFile) error {
	main := o.stream(0, "WordDocument")
	if len(main) < 0x1aa {
		return fmt.Errorf("%w: a Word document without its head", ErrDamaged)
	}
	flags := binary.LittleEndian.Uint16(main[10:])
	if flags&0x0100 != 0 { // fEncrypted
		return ErrEncrypted
	}
	table := o.stream(0, map[bool]string{true: "1Table", false: "0Table"}[flags&0x0200 != 0])
	at, size := int(binary.LittleEndian.Uint32(main[0x1a2:])), int(binary.LittleEndian.Uint32(main[0x1a6:]))
	if at < 0 || size <= 0 || at+size > len(table) || at+size < at {
		return fmt.Errorf("%w: a Word document without its table of pieces", ErrDamaged)
	}
	pieces := findPieces(table[at : at+size])
	n := (len(pieces) - 4) / 12
	if n <= 0 {
		return fmt.Errorf("%w: a Word document without pieces", ErrDamaged)
	}
	out := &wordMarks{p: p, parts: wordParts(main)}
	for i := range n {
		if err := j.tick(); err != nil {
			return err
		}
		from, to := binary.LittleEndian.Uint32(pieces[4*i:]), binary.LittleEndian.Uint32(pieces[4*i+4:])
		where := binary.LittleEndian.Uint32(pieces[4*(n+1)+8*i+2:])
		if to < from {
			break
		}
		out.write(pieceText(main, where, int(to-from)))
		if p.full() {
			break
		}
	}
	p.newline()
	if text := strings.TrimSpace(out.remarks.String()); text != "" {
		p.hide(HiddenComment, "", text, max(1, strings.Count(text, "\n")+1))
	}
	return nil
}

// wordParts are the ends of the parts of the text, in characters: the words,
// footnotes, headers, macros, remarks, and the rest (2.5.4, FibRgLw97).
func wordParts(main []byte) []int {
	var ends []int
	end := 0
	for at := 0x4c; at <= 0x5c; at += 4 {
		end += int(min(binary.LittleEndian.Uint32(main[at:]), 1<<28))
		ends = append(ends, end)
	}
	return ends
}

// findPieces finds the table of pieces behind the formats before it (2.9.38).
func findPieces(clx []byte) []byte {
	for len(clx) >= 5 {
		switch clx[0] {
		case 1:
			n := int(binary.LittleEndian.Uint16(clx[1:])) + 3
			if n > len(clx) {
				return nil
			}
			clx = clx[n:]
		case 2:
			n := int(binary.LittleEndian.Uint32(clx[1:]))
			return clx[5:min(len(clx), 5+max(0, n))]
		default:
			return nil
		}
	}
	return nil
}

// pieceText is a piece: of one octet a character where bit 30 says so (2.9.73).
func pieceText(main []byte, where uint32, length int) string {
	if where&(1<<30) != 0 {
		at := int(where&^(1<<30)) / 2
		if at >= len(main) {
			return ""
		}
		b, _ := charmap.Windows1252.NewDecoder().Bytes(main[at:min(len(main), at+length)])
		return string(b)
	}
	at := int(where & (1<<30 - 1))
	if at >= len(main) {
		return ""
	}
	return utf16LE(main[at:min(len(main), at+2*length)])
}

// wordMarks writes Word's text without its marks: what stands between the mark
// of a field's beginning and its middle is its code.
type wordMarks struct {
	p       *paper
	parts   []int // where the parts end
	at      int   // characters so far
	remarks strings.Builder
	code    int
	cell    bool // a cell has just ended
}

func (w *wordMarks) write(s string) {
	var b strings.Builder
	for _, r := range s {
		w.at += utf16.RuneLen(r)
		if w.at > w.parts[3] && w.at <= w.parts[4] {
			if w.remarks.Len() < 8*maxHiddenText {
				w.remarks.WriteString(wordMark(r))
			}
			continue
		}
		switch r {
		case 0x13:
			w.code++
		case 0x14, 0x15:
			w.code = max(0, w.code-1)
		default:
			switch {
			case w.code > 0:
			case r == 0x07 && w.cell: // a row ends as a cell does, behind its last cell
				b.WriteByte('\n')
				r = 0
			default:
				b.WriteString(wordMark(r))
			}
			w.cell = r == 0x07
		}
	}
	w.p.add(b.String())
}

func wordMark(r rune) string {
	switch r {
	case '\r', 0x0b, 0x0c:
		return "\n"
	case 0x07:
		return "\t"
	case 0x1e:
		return "-"
	case '\t':
		return "\t"
	}
	if r < ' ' {
		return ""
	}
	return string(r)
}

// readPpt reads the words of a PowerPoint 97 presentation ([MS-PPT]): the text
// atoms, wherever they stand.
func (j *job) readPpt(p *paper, o *oleFile) error {
	if o.find(0, "EncryptedSummary") >= 0 {
		return ErrEncrypted
	}
	b := o.stream(0, "PowerPoint Document")
	for len(b) >= 8 {
		if err := j.tick(); err != nil {
			return err
		}
		kind, size := binary.LittleEndian.Uint16(b[2:]), int(binary.LittleEndian.Uint32(b[4:]))
		if b[0]&0xf == 0xf { // a container: what is in it follows
			b = b[8:]
			continue
		}
		if size < 0 || size > len(b)-8 {
			break
		}
		content := b[8 : 8+size]
		b = b[8+size:]
		switch kind {
		case 0x0fa0: // TextCharsAtom
			p.add(strings.ReplaceAll(utf16LE(content), "\r", "\n") + "\n")
		case 0x0fa8: // TextBytesAtom
			latin, _ := charmap.Windows1252.NewDecoder().Bytes(content)
			p.add(strings.ReplaceAll(string(latin), "\r", "\n") + "\n")
		}
	}
	return nil
}
