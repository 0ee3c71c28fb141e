package extract

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"unicode/utf16"
)

const oleMagic = "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

// Marks of the sector tables ([MS-CFB] 2.1).
const (
	oleMaxSector = 0xfffffffa
	oleNone      = 0xffffffff
)

// maxOLEEntries is how many streams and folders of a compound file are looked at.
const maxOLEEntries = 20_000

// oleFile is a compound file, in which Office 97 and Outlook keep streams
// ([MS-CFB]).
type oleFile struct {
	data      []byte
	shift     uint // of the sector size
	fat, mini []uint32
	entries   []oleEntry
	small     []byte // the stream of the small sectors
	cutoff    uint32
	short     bool // a stream ends before its end
}

type oleEntry struct {
	name               string
	kind               byte // 1 folder, 2 stream, 5 the root
	left, right, child uint32
	begin              uint32
	size               uint64
	parent             int
}

// openOLE reads the tables of a compound file.
func openOLE(data []byte) (*oleFile, error) {
	if len(data) < 512 {
		return nil, fmt.Errorf("%w: a compound file without its head", ErrDamaged)
	}
	u32 := func(at int) uint32 { return binary.LittleEndian.Uint32(data[at:]) }
	o := &oleFile{data: data, shift: uint(binary.LittleEndian.Uint16(data[30:])), cutoff: u32(56)}
	if o.shift != 9 && o.shift != 12 {
		return nil, fmt.Errorf("%w: a compound file of odd sectors", ErrDamaged)
	}
	var list []uint32 // of the sectors of the table
	for i := range 109 {
		list = append(list, u32(76+4*i))
	}
	for next, n := u32(68), 0; next < oleMaxSector && n < 1000; n++ {
		s := o.sector(next)
		if len(s) < 1<<o.shift {
			o.short = true
			break
		}
		for i := 0; i+8 <= len(s); i += 4 {
			list = append(list, binary.LittleEndian.Uint32(s[i:]))
		}
		next = binary.LittleEndian.Uint32(s[len(s)-4:])
	}
	for _, number := range list {
		if number >= oleMaxSector {
			continue
		}
		s := o.sector(number)
		o.short = o.short || len(s) < 1<<o.shift
		if s == nil || len(o.fat) > len(data)>>o.shift+1024 {
			break
		}
		o.fat = appendNumbers(o.fat, s)
	}
	o.readEntries(o.chain(u32(48), len(data)))
	if len(o.entries) == 0 || o.entries[0].kind != 5 {
		return nil, fmt.Errorf("%w: a compound file without its list", ErrDamaged)
	}
	o.mini = appendNumbers(nil, o.chain(u32(60), len(data)))
	o.small = o.chain(o.entries[0].begin, len(data))
	o.setParents()
	return o, nil
}

func appendNumbers(to []uint32, b []byte) []uint32 {
	for i := 0; i+4 <= len(b); i += 4 {
		to = append(to, binary.LittleEndian.Uint32(b[i:]))
	}
	return to
}

// sector is one by its number; nil where the file ends before it. The last one
// may be short.
func (o *oleFile) sector(n uint32) []byte {
	size := 1 << o.shift
	begin := (int(n) + 1) * size
	if begin >= len(o.data) {
		return nil
	}
	return o.data[begin:min(len(o.data), begin+size)]
}

// chain puts the sectors of a stream together, at most so many octets.
func (o *oleFile) chain(first uint32, most int) []byte {
	var out []byte
	for n := first; n < oleMaxSector && len(out) < most; {
		s := o.sector(n)
		if s == nil || int(n) >= len(o.fat) {
			o.short = true
			out = append(out, s...)
			break
		}
		out = append(out, s...)
		n = o.fat[n]
	}
	return out[:min(len(out), most)]
}

// readEntries reads the list of streams and folders.
func (o *oleFile) readEntries(b []byte) {
	for ; len(b) >= 128 && len(o.entries) < maxOLEEntries; b = b[128:] {
		e := oleEntry{kind: b[66], left: binary.LittleEndian.Uint32(b[68:]), right: binary.LittleEndian.Uint32(b[72:]),
			child: binary.LittleEndian.Uint32(b[76:]), begin: binary.LittleEndian.Uint32(b[116:]), size: binary.LittleEndian.Uint64(b[120:]), parent: -1}
		if o.shift == 9 {
			e.size &= 0xffffffff
		}
		n := min(int(binary.LittleEndian.Uint16(b[64:])), 64)
		e.name = strings.TrimRight(utf16LE(b[:max(0, n)]), "\x00")
		o.entries = append(o.entries, e)
	}
}

// utf16LE reads UTF-16 with the low octet first.
func utf16LE(b []byte) string {
	units := make([]uint16, 0, len(b)/2)
	for i := 0; i+2 <= len(b); i += 2 {
		units = append(units, binary.LittleEndian.Uint16(b[i:]))
	}
	return string(utf16.Decode(units))
}

// setParents finds the folder of each entry: the tree below each is walked
// once, whatever its links say.
func (o *oleFile) setParents() {
	for folder := range o.entries {
		if k := o.entries[folder].kind; k != 1 && k != 5 {
			continue
		}
		todo := []uint32{o.entries[folder].child}
		for len(todo) > 0 {
			n := todo[len(todo)-1]
			todo = todo[:len(todo)-1]
			if n == oleNone || int(n) >= len(o.entries) || n == 0 || o.entries[n].parent >= 0 {
				continue
			}
			o.entries[n].parent = folder
			todo = append(todo, o.entries[n].left, o.entries[n].right)
		}
	}
}

// find is the number of an entry in a folder; -1 where there is none.
func (o *oleFile) find(folder int, name string) int {
	return slices.IndexFunc(o.entries, func(e oleEntry) bool { return e.parent == folder && strings.EqualFold(e.name, name) })
}

// stream is what is in a stream of a folder; nil where there is none.
func (o *oleFile) stream(folder int, name string) []byte {
	i := o.find(folder, name)
	if i < 0 || o.entries[i].kind != 2 {
		return nil
	}
	e := o.entries[i]
	if e.size >= uint64(o.cutoff) {
		return o.chain(e.begin, int(min(e.size, uint64(len(o.data)))))
	}
	var out []byte
	for n := e.begin; n < oleMaxSector && len(out) < int(e.size); {
		at := int(n) * 64
		if at >= len(o.small) {
			break
		}
		out = append(out, o.small[at:min(len(o.small), at+64)]...)
		if int(n) >= len(o.mini) {
			break
		}
		n = o.mini[n]
	}
	return out[:min(len(out), int(e.size))]
}

// readOLE reads a compound file.
func (j *job) readOLE(p *paper, f file) error {
	p.doc.Kind = KindOffice
	said := saidKind(f.name, f.mediaType)
	o, err := openOLE(f.data)
	if err != nil {
		if said != "" {
			p.doc.Kind = said
		}
		return err
	}
	if err := j.readStreams(p, o, said); err != nil {
		return err
	}
	if o.short {
		return fmt.Errorf("%w: its end is missing", ErrDamaged)
	}
	return nil
}

// readStreams reads what stands in a compound file.
func (j *job) readStreams(p *paper, o *oleFile, said string) error {
	has := func(name string) bool { return o.find(0, name) >= 0 }
	switch {
	case has("EncryptedPackage"): // [MS-OFFCRYPTO] 2.3.4
		if isDocument(said) {
			p.doc.Kind = said
		}
		return ErrEncrypted
	case has("__properties_version1.0"):
		return j.readMsg(p, o, 0)
	case has("WordDocument"):
		p.doc.Kind = KindDoc
		o.properties(p)
		return j.readDoc(p, o)
	case has("Workbook"), has("Book"):
		p.doc.Kind = KindXls
		o.properties(p)
		return j.readXls(p, o)
	case has("PowerPoint Document"):
		p.doc.Kind = KindPpt
		o.properties(p)
		return j.readPpt(p, o)
	}
	if said == KindProgram {
		p.doc.Kind = said
	}
	return ErrUnknown
}

// oleProperties are numbers of what files say about themselves ([MS-OLEPS]
// 2.25.1, 2.25.2): of the summary, and of the other one.
var oleProperties = [2]map[uint32]string{
	{2: "title", 3: "subject", 4: "author", 5: "keywords", 7: "template", 8: "last author"},
	{2: "category", 14: "manager", 15: "company"},
}

// properties reads what the file says about itself.
func (o *oleFile) properties(p *paper) {
	for i, name := range []string{"\x05SummaryInformation", "\x05DocumentSummaryInformation"} {
		b := o.stream(0, name)
		if len(b) < 48 {
			continue
		}
		at := int(binary.LittleEndian.Uint32(b[44:]))
		if at < 0 || at+8 > len(b) {
			continue
		}
		o.propertySet(p, b[at:], oleProperties[i])
	}
}

// propertySet reads one set of properties: strings only.
func (o *oleFile) propertySet(p *paper, b []byte, names map[uint32]string) {
	u32 := func(at int) int {
		if at < 0 || at+4 > len(b) {
			return 0
		}
		return int(binary.LittleEndian.Uint32(b[at:]))
	}
	count, texts := min(u32(4), 200), map[string][]byte{}
	page, wide := 1252, map[string]bool{}
	for i := range count {
		id, at := uint32(u32(8+8*i)), u32(12+8*i)
		kind, size := u32(at)&0xffff, u32(at+4)
		switch {
		case id == 1 && kind == 2:
			page = u32(at+4) & 0xffff
		case names[id] == "" || size <= 0 || at+8 > len(b):
		case kind == 30: // VT_LPSTR
			texts[names[id]] = b[at+8 : min(len(b), at+8+size)]
		case kind == 31: // VT_LPWSTR
			texts[names[id]] = b[at+8 : min(len(b), at+8+2*min(size, 1<<16))]
			wide[names[id]] = true
		}
	}
	for name, text := range texts {
		s := ""
		switch {
		case wide[name]:
			s = utf16LE(text)
		case page == 65001:
			s = string(text)
		default:
			decoded, _ := pageOf(page, guessCharset(text)).NewDecoder().Bytes(text)
			s = string(decoded)
		}
		if s = strings.TrimRight(s, "\x00"); name != "template" || !isPlainTemplate(s) {
			p.property(name, strings.ToValidUTF8(s, ""))
		}
	}
}
