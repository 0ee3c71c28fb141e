package extracttest

import (
	"bytes"
	"compress/zlib"
	"crypto/md5"
	"crypto/rc4"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"unicode/utf16"
)

// linesOfPage is how many lines one page has.
const linesOfPage = 50

// pdfWriter puts objects one after the other (ISO 32000-1).
type pdfWriter struct {
	b   bytes.Buffer
	at  []int // of each object
	key []byte
}

// PDF makes a PDF of d's text: a line for each of its lines, with the cells
// that tabs part set apart. With a password, which may be "", it is encrypted
// as by 7.6.3 with 40 bits.
func PDF(d Descriptor, password ...string) []byte {
	w := &pdfWriter{}
	w.b.WriteString("%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
	encrypt := ""
	id := []byte("0123456789abcdef")
	if len(password) > 0 {
		var owner []byte
		owner, w.key = pdfKeys(password[0], id)
		user := rc4Of(w.key, padding)
		encrypt = fmt.Sprintf("<</Filter/Standard/V 1/R 2/O<%x>/U<%x>/P -4>>", owner, user)
	}
	lines := strings.Split(d.Text, "\n")
	pages := slices.Collect(slices.Chunk(lines, linesOfPage))
	glyphs := &glyphList{of: map[rune]int{}}
	kids := ""
	for i := range pages {
		kids += fmt.Sprintf("%d 0 R ", 10+2*i)
	}
	w.object(1, "<</Type/Catalog/Pages 2 0 R>>")
	w.object(2, fmt.Sprintf("<</Type/Pages/Kids[%s]/Count %d>>", kids, len(pages)))
	w.object(3, "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>")
	w.object(4, "<</Type/Font/Subtype/Type0/BaseFont/Other/Encoding/Identity-H/DescendantFonts[5 0 R]/ToUnicode 6 0 R>>")
	w.object(5, "<</Type/Font/Subtype/CIDFontType2/BaseFont/Other/CIDSystemInfo<</Registry"+w.text(5, "Adobe")+"/Ordering"+w.text(5, "Identity")+"/Supplement 0>>/DW 500>>")
	for i, page := range pages {
		w.object(10+2*i, fmt.Sprintf("<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F1 3 0 R/F2 4 0 R>>>>/Contents %d 0 R>>", 11+2*i))
		w.stream(11+2*i, pageContent(page, glyphs))
	}
	w.stream(6, glyphs.cmap())
	w.object(7, w.info(7, d.Properties))
	if encrypt != "" {
		key := w.key
		w.key = nil // its own strings are not encrypted
		w.object(8, encrypt)
		w.key = key
	}
	return w.end(encrypt != "", id)
}

func (w *pdfWriter) object(n int, content string) {
	for len(w.at) <= n {
		w.at = append(w.at, 0)
	}
	w.at[n] = w.b.Len()
	fmt.Fprintf(&w.b, "%d 0 obj\n%s\nendobj\n", n, content)
}

// stream is an object with packed octets.
func (w *pdfWriter) stream(n int, content string) {
	var packed bytes.Buffer
	z := zlib.NewWriter(&packed)
	_, _ = z.Write([]byte(content))
	_ = z.Close()
	data := w.lock(n, packed.Bytes())
	w.object(n, fmt.Sprintf("<</Length %d/Filter/FlateDecode>>\nstream\n%s\nendstream", len(data), data))
}

// lock encrypts what belongs to object n (7.6.2).
func (w *pdfWriter) lock(n int, data []byte) []byte {
	if w.key == nil {
		return data
	}
	sum := md5.Sum(slices.Concat(w.key, []byte{byte(n), byte(n >> 8), byte(n >> 16), 0, 0}))
	return rc4Of(sum[:len(w.key)+5], data)
}

// text is a string of object n.
func (w *pdfWriter) text(n int, s string) string {
	b := []byte(s)
	if strings.ContainsFunc(s, func(r rune) bool { return r > 0x7e }) {
		b = []byte{0xfe, 0xff}
		for _, u := range utf16.Encode([]rune(s)) {
			b = append(b, byte(u>>8), byte(u))
		}
	}
	return "<" + hex.EncodeToString(w.lock(n, b)) + ">"
}

func (w *pdfWriter) info(n int, given map[string]string) string {
	names := map[string]string{"title": "Title", "subject": "Subject", "creator": "Author", "author": "Author", "keywords": "Keywords", "company": "Company"}
	s := "<<"
	for _, name := range sortedKeys(given) {
		if names[name] != "" {
			s += "/" + names[name] + w.text(n, given[name])
		}
	}
	return s + ">>"
}

func (w *pdfWriter) end(encrypted bool, id []byte) []byte {
	start := w.b.Len()
	fmt.Fprintf(&w.b, "xref\n0 %d\n0000000000 65535 f \n", len(w.at))
	for _, at := range w.at[1:] {
		kind := "n"
		if at == 0 {
			kind = "f"
		}
		fmt.Fprintf(&w.b, "%010d 00000 %s \n", at, kind)
	}
	lock := ""
	if encrypted {
		lock = "/Encrypt 8 0 R"
	}
	fmt.Fprintf(&w.b, "trailer\n<</Size %d/Root 1 0 R/Info 7 0 R/ID[<%x><%x>]%s>>\nstartxref\n%d\n%%%%EOF\n", len(w.at), id, id, lock, start)
	return w.b.Bytes()
}

// glyphList numbers the characters that Helvetica does not have.
type glyphList struct {
	of   map[rune]int
	list []rune
}

func (g *glyphList) code(r rune) int {
	if g.of[r] == 0 {
		g.list = append(g.list, r)
		g.of[r] = len(g.list)
	}
	return g.of[r]
}

// cmap says which characters the numbers are (9.10.3).
func (g *glyphList) cmap() string {
	var b strings.Builder
	b.WriteString("/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def /CMapType 2 def\n1 begincodespacerange <0000> <FFFF> endcodespacerange\n")
	for chunk := range slices.Chunk(g.list, 100) {
		fmt.Fprintf(&b, "%d beginbfchar\n", len(chunk))
		for _, r := range chunk {
			fmt.Fprintf(&b, "<%04X> <", g.of[r])
			for _, u := range utf16.Encode([]rune{r}) {
				fmt.Fprintf(&b, "%04X", u)
			}
			b.WriteString(">\n")
		}
		b.WriteString("endbfchar\n")
	}
	return b.String() + "endcmap CMapName currentdict /CMap defineresource pop end end"
}

// pageContent draws lines (9.4).
func pageContent(lines []string, glyphs *glyphList) string {
	var b strings.Builder
	b.WriteString("BT\n")
	for i, line := range lines {
		for c, cell := range strings.Split(line, "\t") {
			fmt.Fprintf(&b, "1 0 0 1 %d %d Tm\n", 50+c*120, 800-i*15)
			if strings.ContainsFunc(cell, func(r rune) bool { return r < ' ' || r > 0x7e }) {
				b.WriteString("/F2 11 Tf <")
				for _, r := range cell {
					fmt.Fprintf(&b, "%04X", glyphs.code(r))
				}
				b.WriteString("> Tj\n")
			} else {
				b.WriteString("/F1 11 Tf (" + strings.NewReplacer(`\`, `\\`, "(", `\(`, ")", `\)`).Replace(cell) + ") Tj\n")
			}
		}
	}
	return b.String() + "ET"
}

// padding fills passwords up (7.6.3.3, step a).
var padding = []byte("\x28\xbf\x4e\x5e\x4e\x75\x8a\x41\x64\x00\x4e\x56\xff\xfa\x01\x08\x2e\x2e\x00\xb6\xd0\x68\x3e\x80\x2f\x0c\xa9\xfe\x64\x53\x69\x7a")

// pdfKeys are the owner's entry and the key (7.6.3.3, algorithms 2 and 3).
func pdfKeys(password string, id []byte) (owner, key []byte) {
	padded := slices.Concat([]byte(password), padding)[:32]
	sum := md5.Sum(slices.Concat([]byte("owner"), padding)[:32])
	owner = rc4Of(sum[:5], padded)
	sum = md5.Sum(slices.Concat(padded, owner, []byte{0xfc, 0xff, 0xff, 0xff}, id))
	return owner, sum[:5]
}

func rc4Of(key, data []byte) []byte {
	c, err := rc4.NewCipher(key)
	if err != nil {
		panic(err)
	}
	out := make([]byte, len(data))
	c.XORKeyStream(out, data)
	return out
}
