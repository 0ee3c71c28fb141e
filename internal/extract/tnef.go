package extract

import (
	"encoding/binary"
	"errors"
	"strings"
)

// What is read of a TNEF stream ([MS-OXTNEF] 2.1.3).
const (
	tnefMessageProps = 0x00069003
	tnefBody         = 0x0002800c
	tnefSubject      = 0x00018004
	tnefRendering    = 0x00069002 // a file begins
	tnefFileTitle    = 0x00018010
	tnefFileData     = 0x0006800f
	tnefFileProps    = 0x00069005
)

// MAPI properties ([MS-OXPROPS]).
const (
	mapiBody         = 0x1000
	mapiHTML         = 0x1013
	mapiLongFileName = 0x3707
	mapiFileData     = 0x3701
)

var errTNEF = errors.New("its attributes run over its end")

// readTNEF reads what Outlook packs into winmail.dat for another Outlook: the
// text, and the files.
func (j *job) readTNEF(p *paper, data []byte) error {
	p.doc.Kind = KindTNEF
	if len(data) < 6 {
		return errTNEF
	}
	var one *file
	files := 0
	end := func() {
		if one != nil {
			p.inside(*one)
		}
		one = nil
	}
	defer end()
	for data = data[6:]; len(data) >= 11; { // level, attribute, length; checksum behind
		if err := j.late(); err != nil {
			return err
		}
		attribute, length := binary.LittleEndian.Uint32(data[1:]), int64(binary.LittleEndian.Uint32(data[5:]))
		if length > int64(len(data)-11) {
			return errTNEF
		}
		value := data[9 : 9+length]
		data = data[11+length:]
		switch attribute {
		case tnefSubject, tnefBody:
			p.add(strings.TrimRight(decodeText(value, ""), "\x00") + "\n")
		case tnefMessageProps:
			if err := j.tnefProps(value, func(tag uint16, v []byte, text string) error { return j.tnefText(p, tag, v, text) }); err != nil {
				return err
			}
		case tnefRendering:
			end()
			if files++; files > j.limits.Entries {
				p.doc.Cut = true
				return nil
			}
			one = &file{}
		}
		if one == nil {
			continue
		}
		switch attribute {
		case tnefFileTitle:
			if one.name == "" {
				one.name = oneLine(strings.TrimRight(decodeText(value, ""), "\x00"))
			}
		case tnefFileData:
			one.data = value
		case tnefFileProps:
			if err := j.tnefProps(value, one.take); err != nil {
				return err
			}
		}
	}
	return nil
}

// tnefText takes the text of the mail.
func (j *job) tnefText(p *paper, tag uint16, value []byte, text string) error {
	switch tag {
	case mapiBody:
		p.add(text + "\n")
	case mapiHTML:
		err := j.readHTML(p, value)
		p.doc.Kind = KindTNEF
		return err
	}
	return nil
}

// take takes what the properties of an attached file say.
func (f *file) take(tag uint16, value []byte, text string) error {
	switch tag {
	case mapiLongFileName:
		f.name = oneLine(text)
	case mapiFileData:
		if len(f.data) == 0 {
			f.data = value[min(16, len(value)):] // behind the interface that it is an object of
		}
	}
	return nil
}

// tnefFixed are the sizes of properties that have a size of their own, as stored.
var tnefFixed = map[uint16]int{0x01: 4, 0x02: 4, 0x03: 4, 0x04: 4, 0x05: 8, 0x06: 8, 0x07: 8, 0x0a: 4, 0x0b: 4, 0x14: 8, 0x40: 8, 0x48: 16}

// tnefProps goes through a list of MAPI properties ([MS-OXTNEF] 2.1.3.4); text is
// that of those which are texts.
func (j *job) tnefProps(b []byte, visit func(tag uint16, value []byte, text string) error) error {
	take := func(n int) []byte {
		if n < 0 || n > len(b) {
			b = nil
			return nil
		}
		v := b[:n]
		b = b[n:]
		return v
	}
	number := func() int {
		if v := take(4); v != nil {
			return int(binary.LittleEndian.Uint32(v))
		}
		return 0
	}
	padded := func(n int) []byte {
		v := take(n)
		if v != nil {
			take((4 - n%4) % 4)
		}
		return v
	}
	for count := number(); count > 0 && len(b) >= 4; count-- {
		if err := j.tick(); err != nil {
			return err
		}
		head := take(4)
		kind, tag := binary.LittleEndian.Uint16(head), binary.LittleEndian.Uint16(head[2:])
		if tag >= 0x8000 { // a named one: whose it is, and its number or name
			take(16)
			if number() == 1 {
				padded(number())
			} else {
				take(4)
			}
		}
		many := kind&0x1000 != 0
		kind &^= 0x1000
		values := 1
		size, fixed := tnefFixed[kind]
		if many || !fixed {
			values = number()
		}
		for ; values > 0 && len(b) > 0; values-- {
			if fixed {
				take(size)
				continue
			}
			value := padded(number())
			text := ""
			switch kind {
			case 0x1e:
				text = strings.TrimRight(decodeText(value, ""), "\x00")
			case 0x1f:
				text = strings.TrimRight(utf16LE(value), "\x00")
			}
			if err := visit(tag, value, text); err != nil {
				return err
			}
		}
	}
	return nil
}
