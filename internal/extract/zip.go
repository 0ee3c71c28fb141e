package extract

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"cmp"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"strings"

	"belay/internal/mail"
)

// maxDirectory is how many entries the list of a zip may have: each costs some
// 300 octets of memory before anything is known about it.
const maxDirectory = 20000

// maxRatio is how many octets one octet of deflate may become.
const maxRatio = 1032

// openZip reads the list of a zip.
func openZip(data []byte) (*zip.Reader, error) {
	if bytes.Count(data, []byte("PK\x01\x02")) > maxDirectory {
		return nil, fmt.Errorf("%w: a zip of more than %d files", ErrTooLarge, maxDirectory)
	}
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return z, nil
}

// readMimetype is the media type that an ODF file says of itself, in its first
// entry.
func readMimetype(f *zip.File) string {
	r, err := f.Open()
	if err != nil {
		return ""
	}
	defer r.Close()
	b, _ := io.ReadAll(io.LimitReader(r, 100))
	return string(b)
}

// readZip reads an archive, or the document that it is.
func (j *job) readZip(p *paper, f file) error {
	z, err := openZip(f.data)
	if err != nil {
		if said := saidKind(f.name, f.mediaType); said != "" {
			p.doc.Kind = said
		}
		return err
	}
	kind := zipKind(z)
	p.doc.Kind = kind
	switch kind {
	case KindDocx, KindXlsx, KindPptx:
		return j.readOOXML(p, z)
	case KindOdt, KindOds, KindOdp:
		return j.readODF(p, z)
	case KindOffice, KindProgram:
		return ErrUnknown
	}
	if said := saidKind(f.name, f.mediaType); said != KindZip && isDocument(said) {
		p.doc.Kind = said
		return fmt.Errorf("%w: a zip without what makes a %s", ErrDamaged, said)
	}
	return j.readArchive(p, z)
}

// isDocument tells the kinds that are zips with certain files in them.
func isDocument(kind string) bool {
	switch kind {
	case KindDocx, KindXlsx, KindPptx, KindOdt, KindOds, KindOdp:
		return true
	}
	return false
}

// readArchive reads the files in a zip. Their names are its text.
func (j *job) readArchive(p *paper, z *zip.Reader) error {
	files, locked := 0, 0
	for _, entry := range z.File {
		if entry.FileInfo().IsDir() || isLitter(entry.Name) {
			continue
		}
		name := zipName(entry)
		if files++; files > j.limits.Entries {
			p.doc.Cut = true
			break
		}
		p.add(name + "\n")
		if entry.Flags&1 != 0 { // APPNOTE.TXT 4.4.4
			locked++
			p.outside(name, ErrEncrypted)
			continue
		}
		if err := j.readEntry(p, entry, name); stopping(err) {
			return err
		}
	}
	if files > 0 && locked == files {
		return ErrEncrypted
	}
	return nil
}

// readEntry reads one file of a zip.
func (j *job) readEntry(p *paper, entry *zip.File, name string) error {
	data, err := j.unzip(entry)
	if err != nil {
		p.outside(name, err)
		return err
	}
	p.inside(file{name: name, data: data})
	return j.late()
}

// unzip takes a file out of a zip, whole.
func (j *job) unzip(entry *zip.File) ([]byte, error) {
	r, err := entry.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	// What it says it is may be a lie; nothing is packed tighter than that.
	hint := min(entry.UncompressedSize64, entry.CompressedSize64*maxRatio, wholeFile)
	return j.whole(unpacker{j, r}, int64(hint))
}

// zipName is a file's name: those that are not UTF-8 are mostly what the
// maker's computer used, which decodeText guesses.
func zipName(entry *zip.File) string {
	if entry.NonUTF8 || strings.ContainsRune(entry.Name, '\uFFFD') {
		return oneLine(decodeText([]byte(entry.Name), ""))
	}
	return oneLine(strings.ToValidUTF8(entry.Name, "\uFFFD"))
}

// isLitter tells files that computers put beside people's.
func isLitter(name string) bool {
	return strings.HasPrefix(name, "__MACOSX/") || strings.HasSuffix(name, ".DS_Store") || strings.HasSuffix(name, "Thumbs.db") || strings.HasSuffix(name, "desktop.ini")
}

// readGzip reads the one file in a gzip, or those of a tar in it.
func (j *job) readGzip(p *paper, f file) error {
	p.doc.Kind = KindGzip
	z, err := gzip.NewReader(bytes.NewReader(f.data))
	if err != nil {
		return err
	}
	data, err := j.whole(unpacker{j, z}, int64(len(f.data))*3)
	name := cmp.Or(zipSafe(z.Name), strings.TrimSuffix(strings.TrimSuffix(f.name, ".gz"), ".GZ"))
	if strings.HasSuffix(strings.ToLower(name), ".tgz") {
		name = name[:len(name)-4] + ".tar"
	}
	if err != nil {
		p.outside(name, err)
		return err
	}
	p.inside(file{name: name, data: data})
	return nil
}

func zipSafe(name string) string { return oneLine(decodeText([]byte(name), "")) }

// readTar reads the files in a tar. Their names are its text.
func (j *job) readTar(p *paper, data []byte) error {
	p.doc.Kind = KindTar
	t := tar.NewReader(unpacker{j, bytes.NewReader(data)})
	for files := 0; ; {
		h, err := t.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil && !errors.Is(err, tar.ErrInsecurePath) {
			return err
		}
		if h.Typeflag != tar.TypeReg || isLitter(h.Name) {
			continue
		}
		if files++; files > j.limits.Entries {
			p.doc.Cut = true
			return nil
		}
		name := zipSafe(h.Name)
		p.add(name + "\n")
		inner, err := j.whole(t, h.Size)
		if err != nil {
			p.outside(name, err)
			return err
		}
		p.inside(file{name: name, data: inner})
		if err := j.late(); err != nil {
			return err
		}
	}
}

// readMail reads an attached mail: who wrote to whom about what, its text, and
// its files.
func (j *job) readMail(p *paper, data []byte) error {
	p.doc.Kind = KindEml
	header := mail.ParseHeader(data)
	summary := header.Summary()
	p.property("subject", summary.Subject)
	p.property("from", summary.Author().String())
	p.property("to", mail.DecodeWords(header.Get("To"), ""))
	p.doc.Title = summary.Subject
	p.add(summary.Subject + "\n\n")
	p.add(mail.Texts(data))
	files := 0
	var stop error
	mail.EachFile(data, func(a mail.Attachment, octets func() []byte) bool {
		if files++; files > j.limits.Entries {
			p.doc.Cut = true
			return false
		}
		p.inside(file{name: a.Name, mediaType: a.Type, data: octets()})
		stop = j.late()
		return stop == nil
	})
	return stop
}
