package mail

import (
	"bytes"
	"strings"
)

// How far a message's parts are looked into.
const (
	maxPartDepth = 20
	maxParts     = 1000
)

// part is one leaf of a message's tree of parts.
type part struct {
	header    Header
	mediaType string // lower case
	params    map[string]string
	body      []byte // still encoded
	depth     int
	whole     bool // its end was seen
}

// charset is the part's, "" where it names none.
func (p *part) charset() string { return p.params["charset"] }

// attachment tells whether the part is shown as a file (RFC 2183).
func (p *part) attachment() bool {
	disposition := p.header.Get("Content-Disposition")
	return keyword(disposition) == "attachment" || strings.Contains(strings.ToLower(disposition), "filename") ||
		p.params["name"] != ""
}

// partWalker goes through the parts of a message, multiparts themselves
// included, in the order of the bytes. It bears what mail readers bear: a
// missing final boundary, a multipart without any boundary (a text), lines
// that end with LF.
type partWalker struct {
	visit func(*part) bool // false ends the walk
	left  int
	cut   bool // there are more parts, or deeper ones, than are looked at
}

// walkParts calls visit for each part until it says false. whole tells whether
// message is complete. It gives false where there was too much to look at.
func walkParts(message []byte, whole bool, visit func(*part) bool) bool {
	w := &partWalker{visit: visit, left: maxParts}
	w.walk(message, whole, 0, "text/plain")
	return !w.cut
}

// walk visits the part that these bytes are, and those inside it. false means
// that the walk has ended.
func (w *partWalker) walk(b []byte, whole bool, depth int, defaultType string) bool {
	if w.left--; w.left < 0 || depth > maxPartDepth {
		w.cut = true
		return false
	}
	p := &part{header: parsePartHeader(b), mediaType: defaultType, depth: depth, whole: whole}
	p.body = b[len(p.header.Raw):]
	if v := p.header.Get("Content-Type"); v != "" {
		p.mediaType, p.params = parseMediaType(v)
	}
	if !w.visit(p) {
		return false
	}
	boundary := p.params["boundary"]
	if !strings.HasPrefix(p.mediaType, "multipart/") || boundary == "" {
		return true
	}
	inner := "text/plain"
	if p.mediaType == "multipart/digest" {
		inner = "message/rfc822" // RFC 2046 §5.1.5
	}
	return w.children(p, boundary, depth, inner)
}

// children walks what stands between the boundaries of a multipart.
func (w *partWalker) children(p *part, boundary string, depth int, inner string) bool {
	begin := -1 // of the part being read
	for at := 0; at < len(p.body); {
		line := lineAt(p.body, at)
		next := at + len(line)
		if found, last := isBoundary(line, boundary); found {
			if begin >= 0 && !w.walk(trimLineEnd(p.body[begin:at]), true, depth+1, inner) {
				return false
			}
			begin = next
			if last {
				return true
			}
		}
		at = next
	}
	if begin >= 0 { // no final boundary: what is left is the last part
		return w.walk(p.body[begin:], p.whole, depth+1, inner)
	}
	return true
}

// isBoundary tells whether a line is a boundary (RFC 2046 §5.1.1).
func isBoundary(line []byte, boundary string) (found, last bool) {
	if len(line) < len(boundary)+2 || line[0] != '-' || line[1] != '-' || string(line[2:2+len(boundary)]) != boundary {
		return false, false
	}
	rest := bytes.TrimRight(line[2+len(boundary):], " \t\r\n")
	return len(rest) == 0 || string(rest) == "--", string(rest) == "--"
}

// trimLineEnd takes off the line end that belongs to the boundary behind.
func trimLineEnd(b []byte) []byte {
	b = bytes.TrimSuffix(b, []byte("\n"))
	return bytes.TrimSuffix(b, []byte("\r"))
}

// decoded is the body without its transfer encoding.
func (p *part) decoded() []byte {
	switch keyword(p.header.Get("Content-Transfer-Encoding")) {
	case "base64":
		return decodeBase64(p.body)
	case "quoted-printable":
		return decodeQuotedPrintable(p.body)
	}
	return p.body
}

// decodeQuotedPrintable is RFC 2045 §6.7; what is broken stays as it is.
func decodeQuotedPrintable(b []byte) []byte {
	out := make([]byte, 0, len(b))
	for len(b) > 0 {
		line := lineAt(b, 0)
		b = b[len(line):]
		text := bytes.TrimRight(line, " \t\r\n")
		end := line[len(bytes.TrimRight(line, "\r\n")):]
		if bytes.HasSuffix(text, []byte("=")) {
			text, end = text[:len(text)-1], nil
		}
		for i := 0; i < len(text); i++ {
			if text[i] == '=' && i+2 < len(text) && isHex(text[i+1]) && isHex(text[i+2]) {
				out = append(out, unhex(text[i+1])<<4|unhex(text[i+2]))
				i += 2
				continue
			}
			out = append(out, text[i])
		}
		out = append(out, end...)
	}
	return out
}
