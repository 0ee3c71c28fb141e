package extract

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"time"

	"belay/internal/mail"
)

// wholeFile is how much of a file that must lie in memory whole is taken out of
// another, in octets.
const wholeFile = 16 << 20

// Reader reads files. It keeps nothing between two of them but the places for
// helpers that run at once. The zero Reader is not ready: call New.
type Reader struct {
	limits Limits
	pdf    *pdfTool
	places chan struct{}
}

// New makes a Reader. Zero fields of limits are their defaults. It reads two
// files at once for each processor, and at least four: more of them would only
// take memory.
func New(limits Limits) *Reader {
	limits.Text = cmp.Or(limits.Text, 1<<20)
	limits.Unpacked = cmp.Or(limits.Unpacked, 64<<20)
	limits.Depth = cmp.Or(limits.Depth, 3)
	limits.Entries = cmp.Or(limits.Entries, 500)
	limits.Time = cmp.Or(limits.Time, time.Second)
	return &Reader{limits: limits, pdf: findPDFTool(), places: make(chan struct{}, max(4, 2*runtime.GOMAXPROCS(0)))}
}

var _ Extractor = (*Reader)(nil)

// Extract reads a file; see Extractor. Waiting for a place does not count as
// its time. A reader that stumbles over a file says ErrDamaged: it never takes
// its caller along.
func (r *Reader) Extract(ctx context.Context, name, mediaType string, data []byte) (doc *Document, err error) {
	select {
	case r.places <- struct{}{}:
		defer func() { <-r.places }()
	case <-ctx.Done():
		return &Document{Kind: cmp.Or(saidKind(name, mediaType), KindOther)}, fmt.Errorf("wait to read a file: %w: %w", ErrTime, ctx.Err())
	}
	ctx, cancel := context.WithTimeout(ctx, r.limits.Time)
	defer cancel()
	defer func() {
		if p := recover(); p != nil {
			if doc == nil {
				doc = &Document{Kind: cmp.Or(saidKind(name, mediaType), KindOther)}
			}
			err = fmt.Errorf("read a file: %w (%v at %s)", ErrDamaged, p, firstFrame(debug.Stack()))
		}
	}()
	return r.job(ctx).read(file{name, mediaType, data}, 0)
}

func (r *Reader) job(ctx context.Context) *job {
	return &job{ctx: ctx, limits: r.limits, pdf: r.pdf, text: r.limits.Text, unpacked: r.limits.Unpacked}
}

// file is a file to be read.
type file struct {
	name, mediaType string
	data            []byte
}

// read reads one file, at some depth inside others.
func (j *job) read(f file, depth int) (*Document, error) {
	p := j.paper(depth)
	err := j.readInto(p, f)
	doc := p.finish()
	switch {
	case err == nil:
		return doc, nil
	case j.ctx.Err() != nil: // whatever it was, there was no time for it
		err = fmt.Errorf("%w: %w", ErrTime, j.ctx.Err())
	}
	if !isOurs(err) {
		err = fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return doc, fmt.Errorf("read a file of kind %s: %w", doc.Kind, err)
}

// isOurs tells whether an error says already why a file could not be read.
func isOurs(err error) bool {
	for _, e := range []error{ErrEncrypted, ErrDamaged, ErrTooLarge, ErrUnknown, ErrTime} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// readInto finds out what kind of file it is, and reads it.
func (j *job) readInto(p *paper, f file) error {
	said := saidKind(f.name, f.mediaType)
	kind := contentKind(f.data)
	p.doc.Kind = cmp.Or(kind, said, KindOther)
	if err := j.late(); err != nil {
		return err
	}
	switch kind {
	case KindPDF:
		return j.readPDF(p, f.data)
	case KindZip:
		return j.readZip(p, f)
	case kindOLE:
		return j.readOLE(p, f)
	case KindRtf:
		return j.readRTF(p, f.data)
	case KindGzip:
		return j.readGzip(p, f)
	case KindTar:
		return j.readTar(p, f.data)
	case KindTNEF:
		return j.readTNEF(p, f.data)
	case KindPGP:
		return ErrEncrypted
	case KindHTML:
		if said == KindEml { // a mail may begin with anything, and its name is what says it
			return j.readMail(p, f.data)
		}
		return j.readHTML(p, f.data)
	case "":
		return j.readSaid(p, f, said)
	}
	return ErrUnknown
}

// readSaid reads a file whose octets do not say what it is: a text, or what its
// name does not keep.
func (j *job) readSaid(p *paper, f file, said string) error {
	switch said {
	case KindPGP:
		return ErrEncrypted
	case KindSMIME:
		return j.readSMIME(p, f)
	case KindOffice:
		if looksText(f.data) { // a key for a server, as often as one for an audience
			return j.readText(p, f.data, "")
		}
		return ErrUnknown
	case KindPicture, KindSound, KindVideo, KindProgram, KindFont, KindArchive:
		if len(f.data) == 0 || !looksText(f.data) {
			return ErrUnknown
		}
		if err := j.readText(p, f.data, ""); err != nil {
			return err
		}
		return fmt.Errorf("%w: it is plain text and no %s, whatever its name says", ErrDamaged, said)
	case KindSignature:
		return ErrUnknown
	}
	if len(f.data) == 0 {
		p.doc.Kind = cmp.Or(said, KindText)
		switch p.doc.Kind {
		case KindText, KindCsv, KindHTML, KindEml:
			return nil
		}
		return fmt.Errorf("%w: it is empty", ErrDamaged)
	}
	if said == KindEml && len(mail.ParseHeader(f.data).Fields) > 0 { // whatever octets are in it
		return j.readMail(p, f.data)
	}
	if !looksText(f.data) {
		if said == "" || said == KindHTML {
			return ErrUnknown
		}
		return fmt.Errorf("%w: it is no %s, whatever its name says", ErrDamaged, said)
	}
	switch said {
	case KindHTML:
		return j.readHTML(p, f.data)
	case KindCsv, "", KindXls: // programs write tables of plain text and call them .xls
		if flat, err := j.readFlat(p, f.data); flat {
			return err
		}
		return j.readText(p, f.data, said)
	}
	if err := j.readText(p, f.data, said); err != nil {
		return err
	}
	p.doc.Kind = said
	return fmt.Errorf("%w: it is plain text and no %s, whatever its name says", ErrDamaged, said)
}
