// Package extract reads the text out of files that people attach: PDF, docx,
// xlsx, pptx, odt, ods, odp, rtf, csv, html, text, eml, and zips of those; and what
// stands in them without being seen: hidden sheets, tracked changes, comments,
// speaker notes. It keeps to limits of size, depth and time, since files come
// from anywhere (zip bombs, XML bombs), and it runs nothing that a file holds.
//
// reader.go decides what a file is and who reads it; job.go holds what one
// reading may use, and the Document while it is written. Every loop over what a
// file says calls job.tick or job.late, and everything that is unpacked goes
// through an unpacker: whoever adds a kind of file does the same, and adds a
// fuzzer.
package extract

import (
	"context"
	"errors"
	"time"
)

// Why a file could not be read. They come wrapped with what was being done.
var (
	ErrEncrypted = errors.New("it is encrypted")
	ErrDamaged   = errors.New("it is damaged")
	ErrTooLarge  = errors.New("it is larger than what is read")
	ErrUnknown   = errors.New("it is of a kind that is not read") // pictures, programs, sound
	ErrTime      = errors.New("reading it took too long")
)

// Document is what a file says.
type Document struct {
	Kind  string // one of the Kind constants; told by the content first, then by the name
	Title string // of the document's properties, or its first heading; "" where it has none
	// Properties are those of the file about itself that name somebody or
	// something: "title", "subject", "author", "last author", "company",
	// "manager", "keywords", "category", "template", of a mail "from" and "to",
	// and those that its people made up, by their names in small letters.
	Properties map[string]string
	Text       string   // what a reader sees, UTF-8; rows by lines, cells by tabs
	Hidden     []Hidden // what a reader does not see at once
	Inside     []Entry  // the files in an archive, in an attached mail, or embedded in a document
	Cut        bool     // there was more than the limits let through
}

// Hidden is something in a file that does not show at once.
type Hidden struct {
	Kind  HiddenKind
	Where string // in no language: a sheet "Salaries", columns "Salaries!C:E", a slide or page "3"; "" for the whole file
	Text  string // the beginning of it, at most 500 characters
	Count int    // how many of them: rows (of a sheet and of a pivot table's data too), columns, changes, comments; at least 1
}

// HiddenKind is what is hidden.
type HiddenKind string

// Kinds of hidden things.
const (
	HiddenSheet   HiddenKind = "sheet"
	HiddenRows    HiddenKind = "rows"
	HiddenColumns HiddenKind = "columns"
	HiddenPivot   HiddenKind = "pivot" // the data behind a pivot table whose sheet is not there
	HiddenChanges HiddenKind = "changes"
	HiddenComment HiddenKind = "comments"
	HiddenNotes   HiddenKind = "notes"
	HiddenText    HiddenKind = "text"
	HiddenSlide   HiddenKind = "slide"
)

// Entry is a file inside a file.
type Entry struct {
	Name string
	Doc  *Document // nil where it could not be read
	Err  error     // why
}

// Limits are how far a file is read. Zero fields are the defaults.
type Limits struct {
	Text     int           // octets of text of one file with all inside it; default 1 MiB
	Unpacked int64         // octets that may come out of archives; default 64 MiB
	Depth    int           // archives inside archives; default 3
	Entries  int           // files in one archive that are looked at; default 500
	Time     time.Duration // for one file with all inside it; default 1 s
}

// Extractor reads files. It may be used by many goroutines.
type Extractor interface {
	// Extract reads one file: its name as the mail gives it, the media type,
	// and its octets. The document may be there beside an error, as far as it
	// was read.
	Extract(ctx context.Context, name, mediaType string, data []byte) (*Document, error)
}
