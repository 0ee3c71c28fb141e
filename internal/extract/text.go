package extract

import (
	"bytes"
	"strings"
)

// readText reads a plain text, or a table of one.
func (j *job) readText(p *paper, data []byte, said string) error {
	p.doc.Kind = KindText
	// No charset makes more of an octet than four; the rest is not looked at.
	if len(data) > 2*j.text+4 {
		data, p.doc.Cut = data[:2*j.text+4], true
	}
	s := decodeText(data, "")
	if said == KindCsv {
		p.doc.Kind = KindCsv
		return j.readCSV(p, s)
	}
	p.add(s)
	return nil
}

// readCSV reads a table (RFC 4180, borne as programs write it): cells by tabs,
// rows by lines, quotes taken off. encoding/csv keeps a row whole, and one row
// may be the whole file.
func (j *job) readCSV(p *paper, s string) error {
	between := byte(separator(s))
	var b strings.Builder
	quoted, begins := false, true
	for i := 0; i < len(s) && !p.full(); i++ {
		if err := j.tick(); err != nil {
			return err
		}
		switch c := s[i]; {
		case quoted && c == '"' && i+1 < len(s) && s[i+1] == '"':
			b.WriteByte('"')
			i++
		case c == '"' && (quoted || begins):
			quoted = !quoted
			begins = false
		case quoted && c == '\n':
			b.WriteByte(' ')
		case !quoted && (c == between || c == '\n'):
			if c == between {
				c = '\t'
			}
			b.WriteByte(c)
			begins = true
		default:
			b.WriteByte(c)
			begins = false
		}
		if b.Len() >= 32<<10 {
			p.add(b.String())
			b.Reset()
		}
	}
	p.add(b.String())
	p.newline()
	return nil
}

// separator is what stands between cells: ";" where numbers have a decimal
// comma, "," elsewhere, or a tab: what every one of the first lines has most of.
func separator(s string) rune {
	begin := cutAt(s, 16<<10)
	lines := strings.Split(begin, "\n")
	if len(lines) > 1 && len(begin) < len(s) {
		lines = lines[:len(lines)-1] // the last one is cut
	}
	best, most := ',', 0
	for _, c := range []rune{';', '\t', ',', '|'} {
		least := -1
		for _, line := range lines[:min(len(lines), 12)] {
			if n := strings.Count(line, string(c)); strings.TrimSpace(line) != "" && (least < 0 || n < least) {
				least = n
			}
		}
		if least > most {
			best, most = c, least
		}
	}
	return best
}

// flatMarks begin files of one XML text that office programs write.
var flatMarks = []string{"office:document", "w:wordDocument", "pkg:package", "urn:schemas-microsoft-com:office:spreadsheet"}

// readFlat reads a document that is one XML text; false means that it is none.
func (j *job) readFlat(p *paper, data []byte) (bool, error) {
	begin := data[:min(len(data), 4096)]
	if !bytes.HasPrefix(bytes.TrimLeft(begin, "\xef\xbb\xbf \t\r\n"), []byte("<?xml")) {
		return false, nil
	}
	for i, mark := range flatMarks {
		if !bytes.Contains(begin, []byte(mark)) {
			continue
		}
		if i == 0 {
			return true, j.readFlatODF(p, data)
		}
		return true, j.readFlatOffice(p, data)
	}
	return false, nil
}
