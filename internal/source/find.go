package source

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"belay/internal/mail"
)

// finder looks for mail.
type finder struct {
	ctx       context.Context
	set       *Set
	options   Options
	progress  func(done, all int64)
	done, all int64
}

// find notes the files under a path.
func (f *finder) find(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("look for mail: %w", err)
	}
	if !info.IsDir() {
		return f.add(path, info.Size(), true)
	}
	return filepath.WalkDir(path, func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			f.set.note(fmt.Errorf("look for mail: %w", err))
			return nil
		case d.IsDir() && d.Name() == "tmp" && isMaildir(filepath.Dir(name)):
			return fs.SkipDir // of a Maildir: what is still being delivered
		case d.IsDir() || !d.Type().IsRegular() || notMail(d.Name()):
			return f.ctx.Err()
		}
		info, err := d.Info()
		if err != nil {
			f.set.note(fmt.Errorf("look for mail: %w", err))
			return nil
		}
		return f.add(name, info.Size(), false)
	})
}

func isMaildir(dir string) bool {
	info, err := os.Stat(filepath.Join(dir, "cur"))
	return err == nil && info.IsDir()
}

// notMail are files that stand beside mail.
func notMail(name string) bool {
	return strings.HasPrefix(name, "dovecot") || strings.HasPrefix(name, ".") || name == "maildirfolder" || name == "subscriptions" ||
		strings.HasSuffix(name, ".msf") || strings.HasSuffix(name, ".lock")
}

// add opens a file. What was named outright must be readable.
func (f *finder) add(name string, size int64, named bool) error {
	one, err := open(f.ctx, name, size)
	if err != nil {
		err = fmt.Errorf("read %s: %w", name, err)
		if named && one == nil {
			return err
		}
		f.set.note(err)
	}
	if one == nil {
		return f.ctx.Err() // empty, or nothing that is read
	}
	f.all += one.size
	f.set.files = append(f.set.files, one)
	return nil
}

// open finds out what a file holds; nil where it is empty. Of a packed file that
// breaks off, what was there before is read: then both are given. A file that is
// one mail is opened anew when it is read: a Maildir has more of them than a
// process may have open.
func open(ctx context.Context, name string, size int64) (one *file, err error) {
	if size == 0 {
		return nil, nil
	}
	r, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	one = &file{name: name, size: size, r: r, close: r.Close}
	begin := one.begin()
	var broken error
	if bytes.HasPrefix(begin, []byte{0x1f, 0x8b}) {
		one.packed = true
		if broken = one.unpack(ctx); broken != nil && one.size == 0 {
			return nil, errors.Join(broken, one.close())
		}
		begin = one.begin()
	}
	if one.kind, err = kindOf(begin); err != nil {
		return nil, errors.Join(broken, err, one.close())
	}
	if one.kind == kindMail {
		err = one.close()
		one.r, one.close = nil, nil
	}
	return one, errors.Join(broken, err)
}

// begin is the beginning of a file.
func (f *file) begin() []byte {
	begin := make([]byte, 512)
	n, _ := f.r.ReadAt(begin, 0)
	return begin[:n]
}

// kindOf tells by its beginning what a file holds.
func kindOf(begin []byte) (kind, error) {
	switch text := bytes.TrimLeft(begin, "\ufeff \t\r\n"); {
	case bytes.HasPrefix(begin, []byte("From ")):
		return kindMbox, nil
	case len(text) > 0 && text[0] == '{':
		return kindLines, nil
	case looksLikeMail(begin) && mailField(begin):
		return kindMail, nil
	}
	return kindMail, errors.New("it is no mail, mbox or JSON lines")
}

// looksLikeMail tells whether a text begins with a header field (RFC 5322 §2.2).
func looksLikeMail(begin []byte) bool {
	line, _, _ := bytes.Cut(begin, []byte("\n"))
	name, _, ok := bytes.Cut(line, []byte(":"))
	return ok && len(name) > 1 && len(name) < 80 && !slices.ContainsFunc(bytes.TrimRight(name, " \t"), func(c byte) bool { return c <= ' ' || c > '~' })
}

// fields are those of which a mail has one near its beginning. A configuration
// file has lines like a header's, too.
var fields = []string{"from", "to", "cc", "bcc", "subject", "date", "message-id", "received", "return-path", "delivered-to", "envelope-to", "sender",
	"reply-to", "mime-version", "content-type", "x-mozilla-status", "x-gmail-labels", "dkim-signature", "authentication-results", "arc-seal", "x-uid", "status"}

// mailField tells whether one of them stands there.
func mailField(begin []byte) bool {
	for line := range bytes.Lines(begin) {
		name, _, ok := bytes.Cut(line, []byte(":"))
		if ok && slices.Contains(fields, strings.ToLower(string(bytes.TrimRight(name, " \t")))) {
			return true
		}
	}
	return false
}

// maxUnpacked is how much may come out of one packed file, in octets.
const maxUnpacked = 64 << 30

// unpack copies what is packed into a file that has no name and goes when it is
// closed. Where it breaks off, size is how much there was.
func (f *file) unpack(ctx context.Context) error {
	packed := f.r.(*os.File)
	f.size = 0
	z, err := gzip.NewReader(packed)
	if err != nil {
		return fmt.Errorf("unpack it: %w", err)
	}
	out, err := os.CreateTemp("", "belay-unpacked-*")
	if err != nil {
		return err
	}
	f.r, f.close = out, out.Close
	defer packed.Close()
	if err := os.Remove(out.Name()); err != nil {
		return err
	}
	f.size, err = io.Copy(out, &stopping{ctx, io.LimitReader(z, maxUnpacked)})
	if err != nil {
		return fmt.Errorf("unpack it: %w", err)
	}
	return nil
}

// stopping is a reader that ends when ctx does.
type stopping struct {
	ctx context.Context
	r   io.Reader
}

// Read implements io.Reader.
func (s *stopping) Read(p []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	return s.r.Read(p)
}

// index finds the mails in all files.
func (f *finder) index() error {
	for i, one := range f.set.files {
		if err := f.ctx.Err(); err != nil {
			return err
		}
		switch one.kind {
		case kindMail:
			f.single(i, one)
		case kindMbox:
			f.mbox(i, one)
		case kindLines:
			f.lines(i, one)
		case kindServer:
			f.onServer(i, one)
		}
		f.saw(0)
	}
	return nil
}

func (f *finder) saw(n int64) {
	f.done += n
	if f.progress != nil {
		f.progress(f.done, f.all)
	}
}

// headOf is how much of a mail is looked at for its date.
const headOf = 64 << 10

// single indexes a file that is one mail.
func (f *finder) single(i int, one *file) {
	begin := make([]byte, min(one.size, headOf))
	n, err := one.at(begin, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		f.set.note(fmt.Errorf("read %s: %w", one.name, err))
		return
	}
	date := mail.DateOf(begin[:n])
	if date.IsZero() {
		if info, err := os.Stat(one.name); err == nil {
			date = info.ModTime()
		}
	}
	f.put(i, 0, one.size, date)
	f.done += one.size
}

func (f *finder) put(i int, offset, length int64, date time.Time) {
	f.set.mails = append(f.set.mails, entry{date: date.UnixMicro(), file: int32(i), offset: offset, length: int32(min(length, math.MaxInt32))})
}

// mbox indexes an mbox: a mail begins behind a line "From " that follows an
// empty one (RFC 4155).
func (f *finder) mbox(i int, one *file) {
	r := bufio.NewReaderSize(io.NewSectionReader(one.r, 0, one.size), 1<<20)
	var at, begin int64 = 0, -1
	var posted time.Time
	var head []byte
	inHead, empty := false, true
	end := func() {
		if begin >= 0 && at > begin {
			date := mail.DateOf(head)
			if date.IsZero() {
				date = posted
			}
			f.put(i, begin, at-begin, date)
		}
	}
	for {
		line, err := r.ReadSlice('\n')
		whole, length := !errors.Is(err, bufio.ErrBufferFull), int64(len(line))
		from := empty && bytes.HasPrefix(line, []byte("From "))
		empty = whole && len(bytes.TrimRight(line, "\r\n")) == 0
		if inHead && !from && len(head) < headOf {
			head = append(head, line...)
		}
		inHead = inHead && !empty
		if from {
			if date, ok := begins(line, r); ok || begin < 0 {
				end()
				begin, posted, head, inHead = at+length, date, head[:0], true
			}
		}
		for !whole { // a line that is longer than any buffer
			line, err = r.ReadSlice('\n')
			whole = !errors.Is(err, bufio.ErrBufferFull)
			length += int64(len(line))
		}
		at += length
		f.saw(length)
		if err != nil {
			end()
			return
		}
	}
}

// begins tells whether a line "From …" in an mbox begins a mail, and is not the
// beginning of a sentence that nobody quoted: it has a date, or a header follows.
// The date is zero where it has none. The line is not valid any more afterwards.
func begins(line []byte, r *bufio.Reader) (posted time.Time, ok bool) {
	if posted = fromDate(line); !posted.IsZero() {
		return posted, true
	}
	next, _ := r.Peek(256)
	return posted, looksLikeMail(next)
}

// fromDate reads the date of "From a@b Thu Jan  1 09:00:00 2026".
func fromDate(line []byte) time.Time {
	words := strings.Fields(string(line))
	for n := 5; n <= 6; n++ { // with a zone or without
		if len(words) < n+1 {
			break
		}
		for _, layout := range []string{"Mon Jan 2 15:04:05 2006", "Mon Jan 2 15:04:05 2006 -0700", "Mon Jan 2 15:04:05 -0700 2006", "Mon Jan 2 15:04:05 MST 2006"} {
			if t, err := time.Parse(layout, strings.Join(words[len(words)-n:], " ")); err == nil {
				return t.UTC()
			}
		}
	}
	return time.Time{}
}

// lines indexes JSON lines.
func (f *finder) lines(i int, one *file) {
	r := bufio.NewReaderSize(io.NewSectionReader(one.r, 0, one.size), 1<<20)
	var at int64
	for n := 1; ; n++ {
		line, err := ReadLine(r)
		if text := bytes.TrimSpace(line); len(text) > 0 {
			date, bad := dateOf(text)
			if bad != nil {
				f.set.note(fmt.Errorf("%s, line %d: %w", one.name, n, bad))
			} else {
				f.put(i, at, int64(len(line)), date)
			}
		}
		at += int64(len(line))
		f.saw(int64(len(line)))
		if err != nil {
			return
		}
	}
}

// ReadLine reads a line of any length, its end included. It is valid until the next
// read. The error is that of the reader, beside what was read before it.
func ReadLine(r *bufio.Reader) ([]byte, error) {
	line, err := r.ReadSlice('\n')
	if !errors.Is(err, bufio.ErrBufferFull) {
		return line, err
	}
	long := slices.Clone(line)
	for errors.Is(err, bufio.ErrBufferFull) {
		line, err = r.ReadSlice('\n')
		long = append(long, line...)
	}
	return long, err
}

// dateOf finds the date of a line.
func dateOf(text []byte) (time.Time, error) {
	var l struct {
		Date Moment `json:"date"`
	}
	if err := unmarshal(text, &l); err != nil {
		return time.Time{}, err
	}
	return l.Date.Time, nil
}
