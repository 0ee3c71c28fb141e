package db

import (
	"errors"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// dataSync puts a file's content on the disk, and of the rest only what is
// needed to find it again (its length).
func dataSync(f *os.File) error {
	for {
		err := unix.Fdatasync(int(f.Fd()))
		if !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}

// syncDirectory puts the directory that holds path on the disk.
func syncDirectory(path string) error {
	f, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
