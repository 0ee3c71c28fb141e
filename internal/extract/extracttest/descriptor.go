// Package extracttest makes files for tests from short descriptions: what
// stands in them, what is hidden in them, and how they are broken. The files
// are as small as their kinds allow and are written from the kinds'
// specifications; whether office programs like them in every detail is not its
// business.
package extracttest

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// Descriptor describes a file.
type Descriptor struct {
	Kind       string            `yaml:"kind"`       // docx xlsx pptx odt ods odp pdf zip rtf csv html text eml
	Text       string            `yaml:"text"`       // of pdf, rtf, csv, html, text, eml
	Properties map[string]string `yaml:"properties"` // title, subject, creator, last_author, company, manager, keywords, category, template; others are made up by people

	Sheets    []Sheet   `yaml:"sheets"`      // xlsx, ods
	Pivot     [][]any   `yaml:"pivot_cache"` // xlsx: rows of a sheet that is not there; the first row are the names of its columns
	Comments  []Comment `yaml:"comments"`    // docx, xlsx (on the first sheet), pptx (on the first slide), odt, ods
	Embedded  []File    `yaml:"embedded"`    // docx, xlsx, pptx
	Headers   []string  `yaml:"headers"`     // docx
	Footnotes []string  `yaml:"footnotes"`   // docx

	Paragraphs []string `yaml:"paragraphs"`  // docx, odt
	Inserted   []Change `yaml:"inserted"`    // docx
	Deleted    []Change `yaml:"deleted"`     // docx
	Tracked    []Change `yaml:"tracked"`     // odt: deletions
	HiddenText []string `yaml:"hidden_text"` // docx, odt, rtf

	Slides []Slide `yaml:"slides"` // pptx, odp

	Entries  []File `yaml:"entries"`  // zip; the attachments of an eml
	Password bool   `yaml:"password"` // zip: as Encrypted

	From    string `yaml:"from"` // eml
	To      string `yaml:"to"`
	Subject string `yaml:"subject"`

	Encrypted bool `yaml:"encrypted"` // it opens with a password only
	Truncated bool `yaml:"truncated"` // its second half is missing
	Garbage   bool `yaml:"garbage"`   // octets that mean nothing
}

// Sheet is one of a workbook.
type Sheet struct {
	Name          string   `yaml:"name"`
	State         string   `yaml:"state"` // visible (default), hidden, veryHidden
	Rows          [][]any  `yaml:"rows"`
	HiddenRows    []int    `yaml:"hidden_rows"`    // from 1
	HiddenColumns []string `yaml:"hidden_columns"` // A, B …
}

// Slide is one of a presentation.
type Slide struct {
	Text   string `yaml:"text"`
	Notes  string `yaml:"notes"`
	Hidden bool   `yaml:"hidden"`
}

// Change is a tracked one.
type Change struct {
	Author string `yaml:"author"`
	Text   string `yaml:"text"`
}

// UnmarshalYAML takes a bare text for a change of nobody in particular.
func (c *Change) UnmarshalYAML(unmarshal func(any) error) error {
	if err := unmarshal(&c.Text); err == nil {
		return nil
	}
	type plain Change
	return unmarshal((*plain)(c))
}

// UnmarshalYAML takes a bare text for a remark of nobody in particular.
func (c *Comment) UnmarshalYAML(unmarshal func(any) error) error {
	if err := unmarshal(&c.Text); err == nil {
		return nil
	}
	type plain Comment
	return unmarshal((*plain)(c))
}

// Comment is a remark.
type Comment struct {
	Cell   string `yaml:"cell"` // xlsx, ods: "B2"; default "A1"
	Author string `yaml:"author"`
	Text   string `yaml:"text"`
}

// File is a file inside a file: a plain text, or one that is described.
type File struct {
	Name string      `yaml:"name"`
	Text string      `yaml:"text"`
	File *Descriptor `yaml:"file"`
}

func (f File) bytes() []byte {
	if f.File != nil {
		return Build(*f.File)
	}
	return []byte(f.Text)
}

// Build makes the file. It panics where the description makes no sense: that
// is a mistake in the test.
func Build(d Descriptor) []byte {
	if d.Garbage {
		return garbage()
	}
	data := build(d)
	if d.Truncated {
		data = data[:len(data)/2]
	}
	return data
}

func build(d Descriptor) []byte {
	locked := d.Encrypted || d.Password
	switch strings.ToLower(d.Kind) {
	case "docx", "xlsx", "pptx":
		if locked {
			return OLE(Stream{"EncryptionInfo", garbage()[:200]}, Stream{"EncryptedPackage", garbage()})
		}
		switch d.Kind {
		case "docx":
			return docx(d)
		case "xlsx":
			return xlsx(d)
		}
		return pptx(d)
	case "odt", "ods", "odp":
		return odf(d)
	case "pdf":
		if locked {
			return PDF(d, "secret")
		}
		return PDF(d)
	case "zip":
		return archive(d.Entries, locked)
	case "rtf":
		return rtf(d)
	case "csv", "text", "txt":
		return []byte(d.Text)
	case "html":
		return []byte("<!DOCTYPE html><html><head><title>" + escape(d.Properties["title"]) + "</title></head><body><p>" + strings.ReplaceAll(escape(d.Text), "\n", "</p><p>") + "</p></body></html>")
	case "eml":
		return eml(d)
	}
	panic(fmt.Sprintf("extracttest: there is no kind %q", d.Kind))
}

// garbage is noise, the same every time.
func garbage() []byte {
	r := rand.New(rand.NewPCG(1, 2))
	b := make([]byte, 2000)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	copy(b, "\x8f\x00\x13")
	return b
}
