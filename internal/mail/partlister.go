package mail

import (
	"bytes"
	"slices"
	"strings"
)

// How much a PartLister keeps while it reads, in octets.
const (
	maxPartHeader = 64 << 10
	maxBoundary   = 1000 // RFC 2046 allows 70
	maxBodyLine   = maxBoundary + 8
	maxFileStart  = 64 // of a file, to see what it is
)

// PartLister lists the attachments of a message that is written to it, in
// pieces of any size. It keeps little and bears whatever comes: a missing final
// boundary, lines that end with LF, headers that never end. Writing never
// fails. Messages inside the message are looked into.
type PartLister struct {
	files []Attachment
	cut   bool

	stack  []level
	header []byte // of the part being read, while inHeader
	over   bool   // the header is longer than is kept
	parts  int

	inHeader bool
	line     []byte // the beginning of the line being read
	lineLen  int    // its length so far
	part     leaf
	taking
}

// level is a multipart that is open.
type level struct {
	boundary  string
	mediaType string
	depth     int
	number    int // of the multipart, in the order of the message
	children  int // that have begun
}

// leaf is the part whose body is being read.
type leaf struct {
	file      Attachment
	listed    bool
	encoding  string
	octets    int64 // of the body as it came, without what does not count
	fill      int64 // "=" at the end of base64, escapes of quoted-printable
	lineEnd   int64 // of the last line: it belongs to the boundary behind it
	begin     []byte
	preamble  bool   // of a multipart: no body at all
	inner     string // the media type of parts without one
	mediaType string
	depth     int
}

// NewPartLister makes a lister that waits for the first octet of a message.
func NewPartLister() *PartLister {
	return &PartLister{inHeader: true, parts: 1, part: leaf{inner: "text/plain"}}
}

// Write takes the next octets of the message.
func (l *PartLister) Write(p []byte) (int, error) {
	n := len(p)
	for len(p) > 0 {
		end := bytes.IndexByte(p, '\n')
		if end < 0 {
			l.keep(p)
			return n, nil
		}
		if l.lineLen == 0 {
			l.read(p[:end+1], end+1)
		} else {
			l.keep(p[:end+1])
			l.read(l.line, l.lineLen)
			l.line, l.lineLen, l.given = l.line[:0], 0, false
		}
		p = p[end+1:]
	}
	return n, nil
}

// keep adds to the line being read; of a long one only the beginning. Who takes
// parts gets such a line as it comes.
func (l *PartLister) keep(p []byte) {
	most := maxBodyLine
	if l.inHeader {
		most = maxPartHeader
	}
	fits := p[:min(len(p), max(0, most-len(l.line)))]
	l.line = append(l.line, fits...)
	l.lineLen += len(p)
	switch {
	case l.taker == nil:
	case l.given:
		l.give(p)
	case l.lineLen > most:
		l.given = true
		l.give(l.line)
		l.give(p[len(fits):])
	}
}

// Close ends the message.
func (l *PartLister) Close() error {
	if l.lineLen > 0 {
		l.read(l.line, l.lineLen)
		l.line, l.lineLen = nil, 0
	}
	if l.inHeader {
		l.endHeader()
	}
	l.part.lineEnd = 0
	l.endPart()
	l.endMessage()
	return nil
}

// Attachments are the files that were found, in the order of the message. Call
// it after Close.
func (l *PartLister) Attachments() []Attachment { return l.files }

// Truncated tells that there may be more than was listed: over 1,000 parts, more
// than 20 of them inside each other, a header over 64 KiB, or one with several
// fields Content-Type or Content-Transfer-Encoding, which mail programs understand
// in different ways.
func (l *PartLister) Truncated() bool { return l.cut }

// read takes one line: its beginning, and its length with the line end.
func (l *PartLister) read(line []byte, length int) {
	if len(line) > 2 && line[0] == '-' && line[1] == '-' && l.boundary(line, length) {
		return
	}
	if l.inHeader && len(l.header) == 0 && !l.over && beginsText(line) {
		l.endHeader()
	}
	if l.taker != nil && !l.given {
		l.give(line)
	}
	switch {
	case !l.inHeader:
		l.part.add(line, length)
	case isEmptyLine(line):
		l.endHeader()
	case len(l.header)+length > maxPartHeader:
		l.over = true
	default:
		l.header = append(l.header, line...)
	}
}

// beginsText tells a first line that is no field: there is no header then, as in
// ParseHeader.
func beginsText(line []byte) bool {
	return !isEmptyLine(line) && newField(line, 0).name == 0 && isProse(line)
}

// boundary tells whether a line ends the part being read.
func (l *PartLister) boundary(line []byte, length int) bool {
	if length > maxBodyLine || l.parts > maxParts {
		return false
	}
	for i := len(l.stack) - 1; i >= 0; i-- {
		found, last := isBoundary(line, l.stack[i].boundary)
		if !found {
			continue
		}
		if l.inHeader {
			l.endHeader()
		}
		l.endPart()
		if i < l.around {
			l.endMessage()
		}
		l.stack = l.stack[:i+1]
		l.stack[i].children++
		if last {
			l.stack = l.stack[:i]
			l.part = leaf{preamble: true} // what stands behind belongs to no part
			return true
		}
		l.begin(l.stack[i].depth+1, "text/plain")
		if l.stack[i].mediaType == "multipart/digest" {
			l.part.inner = "message/rfc822" // RFC 2046 §5.1.5
		}
		return true
	}
	return false
}

// begin opens a part.
func (l *PartLister) begin(depth int, inner string) {
	if l.parts++; l.parts > maxParts || depth > maxPartDepth {
		l.cut = true
		l.part = leaf{preamble: true, depth: depth}
		return
	}
	l.part = leaf{depth: depth, inner: inner}
	l.inHeader, l.over, l.header = true, false, l.header[:0]
}

// endHeader looks at the header of a part, and says what its body is.
func (l *PartLister) endHeader() {
	l.inHeader = false
	l.cut = l.cut || l.over
	h := ParseHeader(l.header)
	types, encodings := 0, 0
	for _, f := range h.Fields {
		switch {
		case f.Is("Content-Type"):
			types++
		case f.Is("Content-Transfer-Encoding"):
			encodings++
		}
	}
	l.cut = l.cut || types > 1 || encodings > 1 // programs differ in which one they go by
	p := &l.part
	p.mediaType = p.inner
	contentType := h.Get("Content-Type")
	var params map[string]string
	if contentType != "" {
		p.mediaType, params = parseMediaType(contentType)
	}
	p.encoding = keyword(h.Get("Content-Transfer-Encoding"))
	boundary := params["boundary"]
	switch {
	case strings.HasPrefix(p.mediaType, "multipart/") && boundary != "":
		if len(boundary) > maxBoundary {
			l.cut = true
			return
		}
		l.stack = append(l.stack, level{boundary: boundary, mediaType: p.mediaType, depth: p.depth, number: l.parts})
		l.part = leaf{preamble: true, depth: p.depth}
	case p.mediaType == "message/rfc822" || p.mediaType == "message/global":
		l.list(h, contentType, params)
		l.files = append(l.files, p.file)
		l.takeMessage(h, params)
		l.begin(p.depth+1, "text/plain")
	default:
		l.list(h, contentType, params)
		l.take(h, params)
	}
}

// list decides whether a part is a file, and notes what its header says.
func (l *PartLister) list(h Header, contentType string, params map[string]string) {
	p := &l.part
	disposition := h.Get("Content-Disposition")
	name := paramOf(disposition, "filename")
	if name == "" {
		name = paramOf(contentType, "name")
	}
	p.file = Attachment{Name: fileName(name), Type: p.mediaType}
	p.file.Encrypted = isEncryptedType(p.mediaType, params) || slices.Contains(encryptedExtensions, p.file.Extension())
	p.listed = l.isFile(h, disposition)
}

// isFile tells whether people see a part as a file.
func (l *PartLister) isFile(h Header, disposition string) bool {
	p := &l.part
	within := ""
	if len(l.stack) > 0 {
		within = l.stack[len(l.stack)-1].mediaType
	}
	attached := keyword(disposition) == "attachment"
	switch {
	case p.depth == 0 && isSMIME(p.mediaType), within == "multipart/encrypted":
		return false // the mail itself
	case slices.Contains(machineTypes, p.mediaType) && (p.file.Name == "" || slices.Contains(machineExtensions, p.file.Extension())):
		return false
	case within == "multipart/related" && !attached && h.Get("Content-ID") != "" && strings.HasPrefix(p.mediaType, "image/"):
		return false // a picture that stands in the text
	case attached || p.file.Name != "":
		return true
	}
	return !strings.HasPrefix(p.mediaType, "text/") && !strings.HasPrefix(p.mediaType, "multipart/")
}

// add counts a line of the body.
func (p *leaf) add(line []byte, length int) {
	if !p.listed {
		return
	}
	if missing := maxFileStart - len(p.begin); missing > 0 {
		p.begin = append(p.begin, line[:min(len(line), missing)]...)
	}
	text := bytes.TrimRight(line, " \t\r\n")
	whole := length == len(line)
	p.octets += p.lineEnd
	p.lineEnd = 0
	switch p.encoding {
	case "base64":
		if !whole {
			p.octets += int64(length)
			return
		}
		p.octets += int64(len(text))
		p.fill += int64(len(text) - len(bytes.TrimRight(text, "=")))
	case "quoted-printable":
		p.octets += int64(length - len(line) + len(text))
		p.fill += 2 * int64(bytes.Count(text, []byte("=")))
		if bytes.HasSuffix(text, []byte("=")) {
			p.fill--
			return
		}
		p.lineEnd = int64(lineEndOf(line))
	default:
		end := lineEndOf(line)
		p.octets += int64(length - end)
		p.lineEnd = int64(end)
	}
}

func lineEndOf(line []byte) int { return len(line) - len(bytes.TrimRight(line, "\r\n")) }

// endPart puts the part on the list if it is a file.
func (l *PartLister) endPart() {
	p := &l.part
	if !p.listed {
		l.endBody(p.file)
		return
	}
	size := p.octets
	switch p.encoding {
	case "base64":
		size = max(0, size*3/4-p.fill)
	case "quoted-printable":
		size = max(0, size-p.fill)
	}
	p.file.Size = size
	p.file.Encrypted = p.file.Encrypted || looksEncrypted(p.firstOctets(), p.file.Extension())
	l.files = append(l.files, p.file)
	p.listed = false
	l.endBody(p.file)
}

// firstOctets are the file's first octets, decoded.
func (p *leaf) firstOctets() []byte {
	switch p.encoding {
	case "base64":
		return decodeBase64(p.begin)
	case "quoted-printable":
		return decodeQuotedPrintable(p.begin)
	}
	return p.begin
}
