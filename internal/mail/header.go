package mail

import (
	"bytes"
	"strings"
)

// Header is a message's header, field by field, over the bytes it came in.
// Reading it changes nothing and never fails: what is no field is kept as a
// field without a name.
type Header struct {
	Fields []Field
	// Raw are the header's bytes, with the empty line that ends it.
	Raw []byte
	// Complete tells whether that empty line was there.
	Complete bool
}

// Field is one header field with all its lines.
type Field struct {
	Raw    []byte // with line ends
	Offset int    // where Raw begins in the message
	name   int    // length of the name, 0 where the line is no field
	value  int    // where the value begins in Raw
}

// maxFields is how many fields of a header are kept to be looked at.
const maxFields = 2000

// ParseHeader reads the header at the beginning of message. Lines end with
// CRLF or LF. The header ends at the first empty line (RFC 5322 §2.1), or with
// the bytes. A message that begins with prose has no header: all of it is body.
// Any other line that is no field stands among the fields without a name, since
// the readers of the world do not agree that it ends the header. Of a header
// with over 2,000 fields the first 2,000 are kept; Raw is always all of it.
func ParseHeader(message []byte) Header {
	h := Header{Fields: make([]Field, 0, 24)}
	end, complete := eachField(message, func(f Field) {
		if len(h.Fields) < maxFields {
			h.Fields = append(h.Fields, f)
		}
	})
	h.Raw, h.Complete = message[:end], complete
	return h
}

// parsePartHeader is ParseHeader, but that it keeps only the fields that say
// what a part is (RFC 2045): of most messages one or two.
func parsePartHeader(message []byte) (h Header) {
	seen := 0
	end, complete := eachField(message, func(f Field) {
		if seen++; seen <= maxFields && f.name > len(partFields) && strings.EqualFold(string(f.Raw[:len(partFields)]), partFields) {
			h.Fields = append(h.Fields, f)
		}
	})
	h.Raw, h.Complete = message[:end], complete
	return h
}

const partFields = "Content-"

// eachField calls visit for every field of the header at the beginning of
// message, and says where the header ends and whether an empty line ends it.
func eachField(message []byte, visit func(Field)) (end int, complete bool) {
	for end < len(message) {
		line := lineAt(message, end)
		if isEmptyLine(line) {
			return end + len(line), true
		}
		f := newField(message, end)
		if end == 0 && f.name == 0 && isProse(f.Raw) {
			return 0, false
		}
		visit(f)
		end += len(f.Raw)
	}
	return end, false
}

// lineAt is the line that begins at, with its line end.
func lineAt(b []byte, at int) []byte {
	if n := bytes.IndexByte(b[at:], '\n'); n >= 0 {
		return b[at : at+n+1]
	}
	return b[at:]
}

func isEmptyLine(line []byte) bool {
	return len(line) > 0 && (line[0] == '\n' || len(line) == 2 && line[0] == '\r' && line[1] == '\n')
}

// isProse tells of a first line that is no field whether it begins a text
// rather than a header that something stands before: blanks, a byte order mark
// or the line that mailbox files put on top of each message.
func isProse(line []byte) bool {
	return line[0] > ' ' && line[0] < 0x7f &&
		!bytes.HasPrefix(line, []byte("From ")) && !bytes.HasPrefix(line, []byte(">From "))
}

// newField takes the field that begins at, with the lines that continue it
// (RFC 5322 §2.2.3). A line of blanks continues it too: only a line that is
// really empty ends a header.
func newField(b []byte, at int) Field {
	end := at + len(lineAt(b, at))
	for end < len(b) && (b[end] == ' ' || b[end] == '\t') {
		end += len(lineAt(b, end))
	}
	f := Field{Raw: b[at:end], Offset: at}
	name := 0
	for name < len(f.Raw) && f.Raw[name] > ' ' && f.Raw[name] < 0x7f && f.Raw[name] != ':' {
		name++
	}
	colon := name // blanks before the colon are obsolete but read (RFC 5322 §4.5)
	for colon < len(f.Raw) && (f.Raw[colon] == ' ' || f.Raw[colon] == '\t') {
		colon++
	}
	if name > 0 && colon < len(f.Raw) && f.Raw[colon] == ':' {
		f.name, f.value = name, colon+1
	}
	return f
}

// Name is the field's name as it came, "" where the line is no field.
func (f Field) Name() string { return string(f.Raw[:f.name]) }

// Is tells whether the field has that name; letter case does not count.
func (f Field) Is(name string) bool {
	if f.name != len(name) {
		return false
	}
	for i := range len(name) {
		if lower(f.Raw[i]) != lower(name[i]) {
			return false
		}
	}
	return true
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// Value is the field's value as it came, without its line ends and the blanks
// around it. Nothing is decoded.
func (f Field) Value() string {
	v := bytes.Trim(f.Raw[f.value:], " \t\r\n")
	if bytes.IndexByte(v, '\n') < 0 {
		return string(v)
	}
	var b strings.Builder
	b.Grow(len(v))
	for len(v) > 0 {
		line := lineAt(v, 0)
		b.Write(bytes.TrimRight(line, "\r\n"))
		v = v[len(line):]
	}
	return b.String()
}

// Get is the value of the first field of that name, "" where there is none.
func (h Header) Get(name string) string {
	for _, f := range h.Fields {
		if f.Is(name) {
			return f.Value()
		}
	}
	return ""
}

// Count tells how many fields have that name.
func (h Header) Count(name string) int {
	n := 0
	for _, f := range h.Fields {
		if f.Is(name) {
			n++
		}
	}
	return n
}
