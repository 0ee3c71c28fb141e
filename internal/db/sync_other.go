//go:build !linux

package db

import (
	"errors"
	"os"
	"path/filepath"
)

// dataSync puts a file on the disk.
func dataSync(f *os.File) error { return f.Sync() }

// syncDirectory puts the directory that holds path on the disk.
func syncDirectory(path string) error {
	f, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
