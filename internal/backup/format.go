package backup

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"maps"
	"math"
)

// Inside the gzip: magic, then records. A record is its kind (one octet), the
// length of its payload (uvarint) and the payload. Rows are values one after
// another, each with a tag; everything else is JSON. The last record holds the
// SHA-256 of all octets before it.
const magic = "belay backup 1\n"

const (
	recordHeader = 'H' // Header
	recordKeys   = 'K' // what seal.Keys.Export gives
	recordFile   = 'F' // File
	recordTable  = 'T' // tableRecord; the rows behind it are that table's
	recordRow    = 'R'
	recordEnd    = 'E' // endRecord
)

const (
	tagNull  = 0
	tagInt   = 1 // varint
	tagFloat = 2 // IEEE 754, 8 octets, big endian
	tagText  = 3 // uvarint length, UTF-8
	tagBytes = 4 // uvarint length, octets
)

// maxRecord bounds a record, in octets: a body's piece is 256 KiB, a block of
// the journal less.
const maxRecord = 64 << 20

// ErrDamaged means that an archive was cut off or changed.
var ErrDamaged = errors.New("the archive is damaged: use another one")

type tableRecord struct {
	Name    string   `json:"name"`
	Columns []string `json:"columns"`
}

type endRecord struct {
	Rows map[string]int64 `json:"rows"`
	Sum  []byte           `json:"sha256"`
}

// encoder writes records.
type encoder struct {
	w      io.Writer
	sum    hash.Hash
	buffer []byte // of a row
	head   []byte
	err    error
}

func newEncoder(w io.Writer) *encoder {
	e := &encoder{w: w, sum: sha256.New()}
	e.write([]byte(magic))
	return e
}

func (e *encoder) write(p []byte) {
	if e.err != nil {
		return
	}
	e.sum.Write(p)
	_, e.err = e.w.Write(p)
}

func (e *encoder) record(kind byte, payload []byte) error {
	if len(payload) > maxRecord {
		return fmt.Errorf("a row of %d octets is too long for an archive", len(payload))
	}
	e.head = binary.AppendUvarint(append(e.head[:0], kind), uint64(len(payload)))
	e.write(e.head)
	e.write(payload)
	return e.err
}

func (e *encoder) json(kind byte, v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return e.record(kind, text)
}

// end writes the numbers of rows and the checksum.
func (e *encoder) end(rows map[string]int64) error {
	return e.json(recordEnd, endRecord{rows, e.sum.Sum(nil)})
}

func (e *encoder) row(values []any) error {
	b := e.buffer[:0]
	for _, v := range values {
		switch v := v.(type) {
		case nil:
			b = append(b, tagNull)
		case int64:
			b = binary.AppendVarint(append(b, tagInt), v)
		case float64:
			b = binary.BigEndian.AppendUint64(append(b, tagFloat), math.Float64bits(v))
		case string:
			b = append(binary.AppendUvarint(append(b, tagText), uint64(len(v))), v...)
		case []byte:
			b = append(binary.AppendUvarint(append(b, tagBytes), uint64(len(v))), v...)
		default:
			return fmt.Errorf("a value of type %T cannot be backed up", v)
		}
	}
	e.buffer = b
	return e.record(recordRow, b)
}

// decoder reads records. What next gives is valid until it is called again.
type decoder struct {
	r      *bufio.Reader
	sum    hash.Hash
	before []byte // the checksum before the record read last
	buffer []byte
}

func newDecoder(r io.Reader) (*decoder, error) {
	zip, err := gzip.NewReader(r)
	if err != nil {
		return nil, fmt.Errorf("read the backup: it is no backup of belay (%w)", err)
	}
	d := &decoder{r: bufio.NewReaderSize(zip, 1<<16), sum: sha256.New()}
	head := make([]byte, len(magic))
	if _, err := io.ReadFull(d.r, head); err != nil || string(head) != magic {
		return nil, errors.New("read the backup: it is no backup of belay, or of a newer one")
	}
	d.sum.Write(head)
	return d, nil
}

// damaged wraps what went wrong while reading.
func damaged(err error) error {
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return fmt.Errorf("read the backup: %w (%w)", ErrDamaged, err)
}

func (d *decoder) next() (kind byte, payload []byte, err error) {
	kind, err = d.r.ReadByte()
	if err != nil {
		return 0, nil, damaged(err)
	}
	size, err := binary.ReadUvarint(d.r)
	if err != nil {
		return 0, nil, damaged(err)
	}
	if size > maxRecord {
		return 0, nil, damaged(fmt.Errorf("a record of %d octets", size))
	}
	if uint64(cap(d.buffer)) < size {
		d.buffer = make([]byte, size)
	}
	payload = d.buffer[:size]
	if _, err := io.ReadFull(d.r, payload); err != nil {
		return 0, nil, damaged(err)
	}
	if kind == recordEnd {
		d.before = d.sum.Sum(nil)
	}
	d.sum.Write(binary.AppendUvarint([]byte{kind}, size))
	d.sum.Write(payload)
	return kind, payload, nil
}

// decodeRow reads a row's values into values. Octets are copied.
func decodeRow(b []byte, values []any) error {
	for i := range values {
		if len(b) == 0 {
			return damaged(errors.New("a row is too short"))
		}
		tag := b[0]
		b = b[1:]
		var n int
		switch tag {
		case tagNull:
			values[i] = nil
		case tagInt:
			values[i], n = varint(b)
		case tagFloat:
			if n = 8; len(b) >= n {
				values[i] = math.Float64frombits(binary.BigEndian.Uint64(b))
			}
		case tagText, tagBytes:
			size, used := binary.Uvarint(b)
			if used <= 0 || size > uint64(len(b)-used) {
				return damaged(errors.New("a value is too short"))
			}
			n = used + int(size)
			if text := b[used:n]; tag == tagText {
				values[i] = string(text)
			} else {
				values[i] = bytes.Clone(text)
			}
		default:
			return damaged(fmt.Errorf("a value of kind %d", tag))
		}
		if n < 0 || n > len(b) || tag == tagInt && n == 0 {
			return damaged(errors.New("a value is too short"))
		}
		b = b[n:]
	}
	if len(b) > 0 {
		return damaged(errors.New("a row is too long"))
	}
	return nil
}

func varint(b []byte) (any, int) {
	v, n := binary.Varint(b)
	return v, n
}

// visitor is what walk calls; nil functions are passed over.
type visitor struct {
	header func(Header) error
	file   func(File) error
	table  func(tableRecord) error
	row    func(values []any) error // the values are the visitor's to keep, the slice is not
	end    func(rows map[string]int64)
}

// walk reads an archive to its end and checks that it is whole.
func walk(r io.Reader, v visitor) error {
	d, err := newDecoder(r)
	if err != nil {
		return err
	}
	w := &walker{visitor: v, dec: d, rows: map[string]int64{}}
	for !w.ended {
		kind, payload, err := d.next()
		if err != nil {
			return err
		}
		if err := w.take(kind, payload); err != nil {
			return err
		}
	}
	// The rest of the gzip holds its own checksum, and nothing else.
	if _, err := d.r.ReadByte(); err != io.EOF {
		return damaged(fmt.Errorf("behind its end: %w", err))
	}
	return nil
}

type walker struct {
	visitor
	dec     *decoder
	current string
	values  []any
	rows    map[string]int64
	ended   bool
}

func (w *walker) take(kind byte, payload []byte) error {
	switch kind {
	case recordHeader:
		var h Header
		if err := json.Unmarshal(payload, &h); err != nil {
			return damaged(err)
		}
		if w.header != nil {
			return w.header(h)
		}
	case recordKeys: // Inspect reads them
	case recordFile:
		var f File
		if err := json.Unmarshal(payload, &f); err != nil {
			return damaged(err)
		}
		if w.file != nil {
			return w.file(f)
		}
	case recordTable:
		var t tableRecord
		if err := json.Unmarshal(payload, &t); err != nil {
			return damaged(err)
		}
		w.current, w.values = t.Name, make([]any, len(t.Columns))
		w.rows[t.Name] = 0
		if w.table != nil {
			return w.table(t)
		}
	case recordRow:
		w.rows[w.current]++
		if w.row == nil {
			return nil
		}
		if err := decodeRow(payload, w.values); err != nil {
			return err
		}
		return w.row(w.values)
	case recordEnd:
		return w.finish(payload)
	default:
		return damaged(fmt.Errorf("a record of kind %q", kind))
	}
	return nil
}

// finish compares what the end says with what was read.
func (w *walker) finish(payload []byte) error {
	var e endRecord
	if err := json.Unmarshal(payload, &e); err != nil {
		return damaged(err)
	}
	if !bytes.Equal(e.Sum, w.dec.before) {
		return damaged(errors.New("its checksum differs"))
	}
	if !maps.Equal(e.Rows, w.rows) {
		return damaged(errors.New("rows are missing"))
	}
	w.ended = true
	if w.end != nil {
		w.end(e.Rows)
	}
	return nil
}
