package client

import "bytes"

// stuffer doubles the dot at the beginning of a line (RFC 5321 §4.5.2). A line
// begins behind CRLF and nowhere else.
type stuffer struct {
	tail [2]byte // the last two octets so far
	any  bool    // there were some
}

var newLineDot = []byte("\r\n.")

// append adds the next octets of a body to out.
func (s *stuffer) append(out, p []byte) []byte {
	if len(p) == 0 {
		return out
	}
	switch {
	case p[0] == '.' && s.lineEnded():
		out = append(out, '.')
	case s.any && s.tail[1] == '\r' && p[0] == '\n' && len(p) > 1 && p[1] == '.':
		out = append(out, '\n', '.')
		s.remember(p)
		p = p[1:]
		return s.rest(out, p)
	}
	s.remember(p)
	return s.rest(out, p)
}

func (s *stuffer) rest(out, p []byte) []byte {
	for {
		i := bytes.Index(p, newLineDot)
		if i < 0 {
			return append(out, p...)
		}
		out = append(append(out, p[:i+2]...), '.')
		p = p[i+2:]
	}
}

func (s *stuffer) remember(p []byte) {
	if len(p) == 1 {
		s.tail = [2]byte{s.tail[1], p[0]}
	} else {
		s.tail = [2]byte(p[len(p)-2:])
	}
	s.any = true
}

// lineEnded tells whether the next octet begins a line.
func (s *stuffer) lineEnded() bool { return !s.any || s.tail == [2]byte{'\r', '\n'} }
