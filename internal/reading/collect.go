package reading

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"belay/internal/extract"
	"belay/internal/mail"
)

// How much of a mail is kept to be read, in octets once decoded.
const (
	maxText  = 1 << 20  // of all texts together; as much again of their alternatives
	maxFile  = 8 << 20  // of one file
	maxFiles = 16 << 20 // of all files
)

// filesWithin is how long reading all files of a mail may take.
const filesWithin = time.Second

var (
	errEnough = errors.New("enough was kept")
	errLarge  = fmt.Errorf("%w (8 MiB)", extract.ErrTooLarge)
	errMany   = fmt.Errorf("%w: the mail's files together (16 MiB)", extract.ErrTooLarge)
)

// Options are how a mail is read. The zero value reads no files.
type Options struct {
	Extractor extract.Extractor // reads files; nil: none is read
	Pool      *Pool             // nil has no bound but that of one mail
}

// Collector reads a mail that is written to it, in pieces of any size. It keeps
// the texts, and the files that can be read, within limits. Writing never
// fails. It is for one goroutine.
type Collector struct {
	options Options
	lister  *mail.PartLister
	head    []byte // the header, for the subject
	headed  bool
	parts   []*kept
	last    int   // octets of the last Write: a guess at how long a text is
	text    int   // octets of texts kept
	files   int   // and of files
	broken  error // a panic while it was written
}

// kept is a part of the mail.
type kept struct {
	c     *Collector
	part  mail.Part
	data  []byte
	taken int   // octets of the pool
	err   error // why there is no data
	want  bool
	cut   bool // there was more of a text than is kept
}

// NewCollector makes a collector that waits for the first octet of a message.
func NewCollector(o Options) *Collector {
	c := &Collector{options: o, lister: mail.NewPartLister()}
	c.lister.TakeParts(c)
	return c
}

// Write takes the next octets of the message.
func (c *Collector) Write(p []byte) (n int, err error) {
	if c.broken != nil {
		return len(p), nil
	}
	defer c.survive(&n, len(p))
	c.last = len(p)
	if !c.headed {
		c.keepHead(p)
	}
	return c.lister.Write(p)
}

// survive makes a panic something to be told of at the end: what a mail says
// breaks no session.
func (c *Collector) survive(n *int, all int) {
	if p := recover(); p != nil {
		c.broken = fmt.Errorf("reading the mail broke down: %v", p)
		*n = all
	}
}

// maxKeptHead is how much of a header is kept, in octets.
const maxKeptHead = 256 << 10

// keepHead keeps the header, of which the subject is wanted.
func (c *Collector) keepHead(p []byte) {
	before := len(c.head)
	for _, end := range []string{"\n\r\n", "\n\n"} {
		if i := bytes.Index(p, []byte(end)); i >= 0 {
			p, c.headed = p[:i+len(end)], true
		}
	}
	c.head = append(c.head, p[:min(len(p), maxKeptHead-before)]...)
	if len(c.head) == maxKeptHead || c.headed {
		c.headed = true
		return
	}
	// The empty line may have come in two pieces.
	seam := c.head[max(0, before-2):min(len(c.head), before+2)]
	c.headed = bytes.Contains(seam, []byte("\n\n")) || bytes.Contains(seam, []byte("\n\r\n"))
}

// Close ends the message.
func (c *Collector) Close() error {
	if c.broken != nil {
		return nil
	}
	var n int
	defer c.survive(&n, 0)
	return c.lister.Close()
}

// Attachments are the files of the message as mail.PartLister lists them, and
// listed tells that they are all. Call it after Close.
func (c *Collector) Attachments() (files []mail.Attachment, listed bool) {
	return c.lister.Attachments(), c.broken == nil && !c.lister.Truncated()
}

// Part implements mail.PartTaker.
func (c *Collector) Part(p *mail.Part) mail.PartBody {
	k := &kept{c: c, part: *p}
	switch {
	case isText(p):
		k.want = true
	case p.File:
		k.want = c.options.Extractor != nil
	default:
		return nil
	}
	c.parts = append(c.parts, k)
	return k
}

// Write implements mail.PartBody.
func (k *kept) Write(b []byte) (int, error) {
	if !k.want {
		return 0, errEnough
	}
	if !k.part.File {
		return k.writeText(b)
	}
	if err := k.room(len(b)); err != nil {
		k.drop(err)
		return 0, err
	}
	k.data = append(k.data, b...)
	if before := len(k.data) - len(b); before < sniffed && len(k.data) >= sniffed && !looksReadable(&k.part, k.data) {
		k.drop(extract.ErrUnknown)
		return 0, k.err
	}
	return len(b), nil
}

func (k *kept) writeText(b []byte) (int, error) {
	room := 2*maxText - k.c.text
	n := min(len(b), room, maxText-len(k.data))
	if k.data == nil {
		k.data = make([]byte, 0, max(n, min(k.c.last, 16<<10)))
	}
	k.data = append(k.data, b[:n]...)
	k.c.text += n
	if n < len(b) {
		k.cut = true
		return n, errEnough
	}
	return n, nil
}

// room makes sure that so many octets of a file may be kept.
func (k *kept) room(n int) error {
	switch {
	case len(k.data)+n > maxFile:
		return errLarge
	case k.c.files+n > maxFiles:
		return errMany
	}
	k.c.files += n
	need := len(k.data) + n
	if need <= cap(k.data) {
		return nil
	}
	size := min(max(need, 2*cap(k.data), 4<<10), maxFile)
	if !k.c.options.Pool.take(size - k.taken) {
		return ErrBusy
	}
	k.taken = size
	data := make([]byte, len(k.data), size)
	copy(data, k.data)
	k.data = data
	return nil
}

// drop forgets what was kept of a file.
func (k *kept) drop(why error) {
	k.c.options.Pool.give(k.taken)
	k.c.files -= len(k.data)
	k.data, k.taken, k.err, k.want = nil, 0, why, false
}

// End implements mail.PartBody.
func (k *kept) End(a mail.Attachment) {
	if k.part.File {
		k.part.Attachment = a
	}
	if k.part.File && k.want && len(k.data) < sniffed && !looksReadable(&k.part, k.data) {
		k.drop(extract.ErrUnknown)
	}
}

// Mail is what the message says. Call it after Close, once. Where ctx ends
// before all files are read, those that were not have that as their error.
func (c *Collector) Mail(ctx context.Context) (*Mail, error) {
	m := newMail(mail.SubjectOf(c.head))
	m.Listed = !c.lister.Truncated()
	m.readTexts(c.parts)
	if c.broken != nil {
		m.Listed, m.Cut = false, true
		return m, c.broken
	}
	return m, c.readFiles(ctx, m)
}

// Release gives back what was kept. The mail that was read stays.
func (c *Collector) Release() {
	for _, k := range c.parts {
		c.options.Pool.give(k.taken)
		k.taken, k.data = 0, nil
	}
	c.parts = nil
}

// readFiles reads the files one after the other. A file whose reader breaks down
// has that as its error, and so has the mail.
func (c *Collector) readFiles(ctx context.Context, m *Mail) (err error) {
	ctx, cancel := context.WithTimeout(ctx, filesWithin)
	defer cancel()
	for _, k := range c.parts {
		if !k.part.File {
			continue
		}
		f := File{Attachment: k.part.Attachment, Inline: isInline(&k.part), Err: k.err}
		switch {
		case f.Err != nil || c.options.Extractor == nil:
		case !k.want:
			f.Err = extract.ErrUnknown
		case ctx.Err() != nil:
			f.Err = fmt.Errorf("%w: the files before it took all there was", extract.ErrTime)
		default:
			var broken error
			if f.Doc, f.Err, broken = c.extract(ctx, &f, k.data); broken != nil {
				f.Err, err = broken, broken
			}
		}
		m.Files = append(m.Files, f)
	}
	return err
}

// extract reads one file; broken tells of a panic.
func (c *Collector) extract(ctx context.Context, f *File, data []byte) (doc *extract.Document, err, broken error) {
	defer func() {
		if p := recover(); p != nil {
			doc, err, broken = nil, nil, fmt.Errorf("the reader of a file broke down: %v", p)
		}
	}()
	doc, err = c.options.Extractor.Extract(ctx, f.Name, f.Type, data)
	return doc, err, nil
}

// Parse reads a message, or its beginning where it is not the whole: then its
// files are not all known.
func Parse(ctx context.Context, message []byte, whole bool, ex extract.Extractor) (*Mail, error) {
	c := NewCollector(Options{Extractor: ex})
	defer c.Release()
	_, _ = c.Write(message) // never fails
	_ = c.Close()
	m, err := c.Mail(ctx)
	if !whole {
		m.Listed, m.Cut = false, true
	}
	return m, err
}

func newMail(subject string) *Mail { return &Mail{Subject: subject, lazy: &lazyMail{}} }
