package backup

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"
)

// File is a file that an archive carries beside the tables.
type File struct {
	Name string `json:"name"` // without directories
	// Path is where it stood when the backup was taken, for people to read.
	Path string `json:"path"`
	// State tells that belay itself keeps the file in its data directory: it
	// is put back where it is missing. Any other is written by people, and is
	// handed out as a copy only.
	State bool   `json:"state"`
	Text  []byte `json:"text,omitempty"`
}

// ReadFile takes a file into an archive. One that is missing is no error: ok
// is false.
func ReadFile(path string, state bool) (f File, ok bool, err error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return File{}, false, nil
	}
	if err != nil {
		return File{}, false, fmt.Errorf("put a file into the backup: %w", err)
	}
	return File{Name: filepath.Base(path), Path: path, State: state, Text: text}, true, nil
}

// What became of a file at a restore.
const (
	FileRestored = "restored" // it was missing and is back
	FileReplaced = "replaced" // it took the place of another, which stands in At
	FileKept     = "kept"     // another one stays; the archive's stands in At
	FileSame     = "same"     // it is there already, octet for octet
	FileCopied   = "copied"   // a copy stands in At, for people
)

// Placed tells what became of a file at a restore.
type Placed struct {
	Name    string `json:"name"`
	Path    string `json:"path"` // where it stood when the backup was taken
	Outcome string `json:"outcome"`
	At      string `json:"at,omitempty"`
}

// FileOptions say where the files of an archive go.
type FileOptions struct {
	// Dir is the data directory; "" leaves the files in the archive.
	Dir string
	// State are the names of the files that may be put back there: an archive
	// cannot name others.
	State []string
	// Replace puts them in the place of those that are there, which are kept
	// beside.
	Replace bool
}

// suffixTime stands in the names of what a restore lays beside.
const suffixTime = "20060102-150405"

// place puts the archive's files into the data directory. What is there is
// never overwritten: it stays, or is kept beside.
func (r *restorer) place() error {
	o := r.options.Files
	if o.Dir == "" {
		return nil
	}
	for _, f := range r.files {
		if f.Name != filepath.Base(f.Name) || f.Name == "." || f.Name == ".." || f.Name == "/" {
			return fmt.Errorf("the backup has a file with the name %q, which is none", f.Name)
		}
		p, err := r.placeOne(o, f)
		if err != nil {
			return fmt.Errorf("bring back %s: %w", f.Name, err)
		}
		p.Name, p.Path = f.Name, f.Path
		r.result.Files = append(r.result.Files, p)
	}
	return nil
}

func (r *restorer) placeOne(o FileOptions, f File) (p Placed, err error) {
	beside := ".from-backup-" + r.header.Taken.UTC().Format(suffixTime)
	if !f.State || !slices.Contains(o.State, f.Name) {
		p.Outcome = FileCopied
		p.At, err = layBeside(o.Dir, f.Name+beside, f.Text)
		return p, err
	}
	target := filepath.Join(o.Dir, f.Name)
	err = write(target, f.Text)
	if !errors.Is(err, fs.ErrExist) {
		p.Outcome = FileRestored
		return p, err
	}
	there, err := os.ReadFile(target)
	switch {
	case err != nil:
		return p, err
	case bytes.Equal(there, f.Text):
		p.Outcome = FileSame
	case !o.Replace:
		p.Outcome = FileKept
		p.At, err = layBeside(o.Dir, f.Name+beside, f.Text)
	default:
		p.Outcome = FileReplaced
		if p.At, err = layBeside(o.Dir, f.Name+".before-restore-"+r.now.UTC().Format(suffixTime), there); err == nil {
			err = replace(target, f.Text)
		}
	}
	return p, err
}

// layBeside writes a file with that name, or with a number behind it where
// another one has the name, and gives its path.
func layBeside(dir, name string, text []byte) (string, error) {
	for n := 1; ; n++ {
		path := filepath.Join(dir, name)
		if n > 1 {
			path += fmt.Sprintf("-%d", n)
		}
		err := write(path, text)
		if !errors.Is(err, fs.ErrExist) {
			return path, err
		}
		if there, err := os.ReadFile(path); err == nil && bytes.Equal(there, text) {
			return path, nil // of a restore before this one
		}
	}
}

// write makes a new file, whole and for good; fs.ErrExist where there is one.
func write(path string, text []byte) error {
	return written(path, text, func(tmp string) error { return os.Link(tmp, path) })
}

// replace puts a file in the place of another, at once and for good.
func replace(path string, text []byte) error {
	return written(path, text, func(tmp string) error { return os.Rename(tmp, path) })
}

// written writes a file beside path, for the owner of the directory alone, and
// lets put give it its name.
func written(path string, text []byte, put func(tmp string) error) error {
	dir := filepath.Dir(path)
	tmp, err := os.CreateTemp(dir, ".restore-") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	_, err = io.Copy(tmp, bytes.NewReader(text))
	err = errors.Join(err, own(tmp, dir), tmp.Sync(), tmp.Close())
	if err == nil {
		err = put(tmp.Name())
	}
	if err != nil {
		return err
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// own gives a file to the owner of its directory: when root restores, the
// service must still be able to read it.
func own(f *os.File, dir string) error {
	info, err := os.Stat(dir)
	if err != nil {
		return err
	}
	owner, ok := info.Sys().(*syscall.Stat_t)
	if !ok || os.Geteuid() != 0 {
		return nil
	}
	return f.Chown(int(owner.Uid), int(owner.Gid))
}
