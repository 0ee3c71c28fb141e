package extract

import (
	"bytes"
	"compress/zlib"
	"encoding/ascii85"
	"fmt"
	"io"
	"sort"
	"strconv"
)

// How much of a PDF is looked at.
const (
	maxPDFObjects = 200_000
	maxPDFPages   = 500
	maxPDFPacked  = 24 << 20 // octets of objects that stand in streams
)

// pdfFile finds the objects of a PDF. It does not go by its table of them but
// looks where they are, as readers do with files whose table is wrong: that is
// one way through the file, whatever it says.
type pdfFile struct {
	j       *job
	data    []byte
	at      map[int]int // where an object begins, the last of each number
	packed  map[int]pdfPacked
	trailer pdfDict
	crypt   *pdfCrypt
	begins  []int // where objects begin, in order
	numbers []int // of them
}

// pdfPacked is an object in an object stream (7.5.7).
type pdfPacked struct{ b []byte }

// openPDF looks through a PDF for its objects.
func (j *job) openPDF(data []byte) (*pdfFile, error) {
	f := &pdfFile{j: j, data: data, at: map[int]int{}, packed: map[int]pdfPacked{}, trailer: pdfDict{}}
	if err := f.scan(); err != nil {
		return f, err
	}
	f.readTrailers()
	if err := f.unlock(); err != nil {
		return f, err
	}
	return f, f.unpackObjects()
}

// scan finds every "12 0 obj".
func (f *pdfFile) scan() error {
	for at := 0; ; {
		i := bytes.Index(f.data[at:], []byte("obj"))
		if i < 0 {
			return nil
		}
		if err := f.j.tick(); err != nil {
			return err
		}
		end := at + i
		at = end + 3
		if n, begin, ok := f.numberBefore(end); ok {
			if len(f.begins) >= maxPDFObjects {
				return fmt.Errorf("%w: a PDF of more than %d objects", ErrTooLarge, maxPDFObjects)
			}
			f.at[n] = at
			f.begins = append(f.begins, begin)
			f.numbers = append(f.numbers, n)
		}
	}
}

// numberBefore reads "12 0 " backwards.
func (f *pdfFile) numberBefore(end int) (n, begin int, ok bool) {
	back := func(is func(byte) bool, most int) int {
		from := end
		for end > 0 && from-end < most && is(f.data[end-1]) {
			end--
		}
		return from - end
	}
	if back(isPDFSpace, 5) == 0 && end > 0 && !isDigit(f.data[end-1]) {
		return 0, 0, false
	}
	if back(isDigit, 6) == 0 || back(isPDFSpace, 5) == 0 {
		return 0, 0, false
	}
	digits := end
	if back(isDigit, 9) == 0 {
		return 0, 0, false
	}
	n, err := strconv.Atoi(string(f.data[end:digits]))
	return n, end, err == nil
}

// readTrailers puts together what the trailers say, the last ones first; some
// are dictionaries of streams (7.5.8).
func (f *pdfFile) readTrailers() {
	take := func(d pdfDict) {
		for _, key := range []pdfName{"Root", "Info", "Encrypt", "ID"} {
			if v, ok := d[key]; ok && f.trailer[key] == nil {
				f.trailer[key] = v
			}
		}
	}
	end := len(f.data)
	for range 20 {
		i := bytes.LastIndex(f.data[:end], []byte("trailer"))
		if i < 0 {
			break
		}
		end = i
		l := &pdfLexer{b: f.data, at: i + len("trailer")}
		if v, ok := l.next(); ok {
			if d, isDict := v.(pdfDict); isDict {
				take(d)
			}
		}
	}
	for _, n := range f.mentioned("/XRef", 20) {
		if s, ok := f.object(n).(*pdfStream); ok && s.dict["Type"] == pdfName("XRef") {
			take(s.dict)
		}
	}
	if f.trailer["Root"] == nil {
		for _, n := range f.mentioned("/Catalog", 5) {
			if d, ok := f.object(n).(pdfDict); ok && d["Type"] == pdfName("Catalog") {
				f.trailer["Root"] = d
			}
		}
	}
}

// mentioned are the numbers of objects in which a word stands, the last first.
func (f *pdfFile) mentioned(word string, most int) []int {
	var all []int
	end := len(f.data)
	for len(all) < most {
		i := bytes.LastIndex(f.data[:end], []byte(word))
		if i < 0 {
			break
		}
		end = i
		if k := sort.SearchInts(f.begins, i); k > 0 {
			all = append(all, f.numbers[k-1])
		}
	}
	return all
}

// unpackObjects opens the object streams.
func (f *pdfFile) unpackObjects() error {
	left := maxPDFPacked
	for _, n := range f.mentioned("/ObjStm", 20_000) {
		s, ok := f.object(n).(*pdfStream)
		if !ok || s.dict["Type"] != pdfName("ObjStm") {
			continue
		}
		b, err := f.decode(s, left)
		if stopping(err) {
			return err
		}
		left -= len(b)
		count, first := int(f.float(s.dict["N"])), int(f.float(s.dict["First"]))
		l := &pdfLexer{b: b}
		for range min(max(count, 0), maxPDFObjects) {
			if err := f.j.tick(); err != nil {
				return err
			}
			number, ok1 := l.next()
			offset, ok2 := l.next()
			if !ok1 || !ok2 {
				break
			}
			k, isN := number.(float64)
			o, isO := offset.(float64)
			at := first + int(o)
			if !isN || !isO || at < 0 || at >= len(b) || o < 0 || len(f.packed) >= maxPDFObjects {
				break
			}
			if _, there := f.packed[int(k)]; !there { // the last stream comes first
				f.packed[int(k)] = pdfPacked{b[at:]}
			}
		}
	}
	return nil
}

// object reads the object of a number; nil where there is none, and once the
// time is over: one object may be the whole file.
func (f *pdfFile) object(n int) any {
	if f.j.late() != nil {
		return nil
	}
	at, ok := f.at[n]
	if !ok {
		p, packed := f.packed[n]
		if !packed {
			return nil
		}
		v, _ := (&pdfLexer{b: p.b}).next()
		return v
	}
	l := &pdfLexer{b: f.data, at: at}
	v, _ := l.next()
	d, isDict := v.(pdfDict)
	if !isDict {
		return f.crypt.strings(v, n)
	}
	l.space()
	if bytes.HasPrefix(f.data[l.at:], []byte("stream")) {
		return &pdfStream{dict: d, raw: f.streamAt(l.at+len("stream"), d), number: n}
	}
	return f.crypt.strings(d, n)
}

// streamAt is what stands between "stream" and "endstream".
func (f *pdfFile) streamAt(at int, d pdfDict) []byte {
	if at < len(f.data) && f.data[at] == '\r' {
		at++
	}
	if at < len(f.data) && f.data[at] == '\n' {
		at++
	}
	if n, ok := d["Length"].(float64); ok && n >= 0 && int(n) <= len(f.data)-at {
		end := at + int(n)
		if rest := bytes.TrimLeft(f.data[end:min(len(f.data), end+20)], " \r\n"); bytes.HasPrefix(rest, []byte("endstream")) {
			return f.data[at:end]
		}
	}
	if n, ok := d["Length"].(pdfRef); ok {
		if v := f.plainNumber(int(n)); v >= 0 && v <= len(f.data)-at {
			if rest := bytes.TrimLeft(f.data[at+v:min(len(f.data), at+v+20)], " \r\n"); bytes.HasPrefix(rest, []byte("endstream")) {
				return f.data[at : at+v]
			}
		}
	}
	end := bytes.Index(f.data[at:], []byte("endstream"))
	if end < 0 {
		end = len(f.data) - at
	}
	return bytes.TrimRight(f.data[at:at+end], "\r\n")
}

// plainNumber is an object that is a number; -1 where it is none.
func (f *pdfFile) plainNumber(n int) int {
	at, ok := f.at[n]
	if !ok {
		return -1
	}
	v, _ := (&pdfLexer{b: f.data, at: at}).next()
	if x, isNumber := v.(float64); isNumber {
		return int(x)
	}
	return -1
}

// get follows references.
func (f *pdfFile) get(v any) any {
	for range 10 {
		r, ok := v.(pdfRef)
		if !ok {
			return v
		}
		v = f.object(int(r))
	}
	return nil
}

// dict is an object that is a dictionary, or the one of a stream; nil where it
// is neither.
func (f *pdfFile) dict(v any) pdfDict {
	switch v := f.get(v).(type) {
	case pdfDict:
		return v
	case *pdfStream:
		return v.dict
	}
	return nil
}

func (f *pdfFile) array(v any) []any {
	a, _ := f.get(v).([]any)
	return a
}

func (f *pdfFile) float(v any) float64 {
	n, _ := f.get(v).(float64)
	return n
}

// decode unpacks a stream, as far as at most octets; what was unpacked before
// an error counts.
func (f *pdfFile) decode(s *pdfStream, most int) ([]byte, error) {
	b := f.crypt.stream(s)
	filters, params := f.get(s.dict["Filter"]), f.get(s.dict["DecodeParms"])
	list, ok := filters.([]any)
	if !ok && filters != nil {
		list = []any{filters}
	}
	if len(list) > 8 {
		return nil, ErrDamaged
	}
	for i, filter := range list {
		param := params
		if all, isList := params.([]any); isList {
			param = nil
			if i < len(all) {
				param = all[i]
			}
		}
		var err error
		name, _ := f.get(filter).(pdfName)
		switch name {
		case "FlateDecode", "Fl":
			b, err = f.inflate(b, most)
			b = unpredict(b, f.dict(param), f)
		case "ASCIIHexDecode", "AHx":
			end := bytes.IndexByte(b, '>')
			if end < 0 {
				end = len(b)
			}
			b = unhexAll(b[:end])
		case "ASCII85Decode", "A85":
			b = un85(b)
		case "Crypt":
		default:
			return nil, fmt.Errorf("%w: a filter of a PDF that is not read", ErrUnknown)
		}
		if stopping(err) {
			return b, err
		}
	}
	return b, nil
}

// inflate unpacks as far as it goes: a wrong check sum at the end is no loss.
func (f *pdfFile) inflate(b []byte, most int) ([]byte, error) {
	z, err := zlib.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	_, err = io.Copy(&out, io.LimitReader(unpacker{f.j, z}, int64(max(most, 0))))
	return out.Bytes(), err
}

func un85(b []byte) []byte {
	b = bytes.TrimPrefix(bytes.TrimLeft(b, " \r\n\t"), []byte("<~"))
	if end := bytes.IndexByte(b, '~'); end >= 0 {
		b = b[:end]
	}
	out := make([]byte, len(b)*4+8) // "z" is four octets
	n, _, _ := ascii85.Decode(out, b, true)
	return out[:n]
}

// unpredict takes back the PNG predictor (7.4.4.4) of what is a table.
func unpredict(b []byte, params pdfDict, f *pdfFile) []byte {
	if params == nil || f.float(params["Predictor"]) < 10 {
		return b
	}
	columns := int(f.float(params["Columns"]))
	colors := max(1, int(f.float(params["Colors"])))
	if columns <= 0 || columns > 1<<20 || colors > 32 {
		return b
	}
	width := columns * colors
	out := make([]byte, 0, len(b))
	before := make([]byte, width)
	for len(b) > width {
		kind, row := b[0], bytes.Clone(b[1:1+width])
		b = b[1+width:]
		for i := range row {
			left := byte(0)
			if i >= colors {
				left = row[i-colors]
			}
			switch kind {
			case 1:
				row[i] += left
			case 2:
				row[i] += before[i]
			case 3:
				row[i] += byte((int(left) + int(before[i])) / 2)
			}
		}
		out = append(out, row...)
		before = row
	}
	return out
}
