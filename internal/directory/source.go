package directory

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

func isCSV(file string) bool { return strings.EqualFold(filepath.Ext(file), ".csv") }

// found is what the sources say.
type found struct {
	hand     *Facts // what the admin wrote, nil for nothing
	synced   *Facts // what LDAP or CSV say, nil where neither is asked
	warnings []string
}

// read asks all sources.
func (o Options) read(ctx context.Context) (*found, error) {
	f, err := o.readHand()
	if err != nil {
		return nil, err
	}
	var warnings []string
	switch {
	case o.LDAP != nil:
		if f.synced, warnings, err = o.LDAP.read(ctx); err != nil {
			return nil, fmt.Errorf("read the people from %s: %w", o.LDAP.name(), err)
		}
	case isCSV(o.File):
		if f.synced, warnings, err = readCSV(o.File); err != nil {
			return nil, err
		}
	default:
		return f, nil
	}
	f.synced.tidy()
	f.warnings = append(f.warnings, warnings...)
	return f, nil
}

// readHand reads what the admin wrote: a people.yaml, or any file beside LDAP.
func (o Options) readHand() (f *found, err error) {
	f = &found{}
	switch {
	case o.File == "", o.LDAP == nil && isCSV(o.File):
	case isCSV(o.File):
		f.hand, f.warnings, err = readCSV(o.File)
	default:
		var text []byte
		if text, err = os.ReadFile(o.File); err != nil {
			return nil, fmt.Errorf("read the people: %w", err)
		}
		f.hand, f.warnings, err = ParseYAML(o.File, text, o.LDAP == nil)
	}
	return f, err
}

// Files are the files that the people are read from; those beside a people.csv
// need not be there.
func (o Options) Files() []string {
	switch {
	case o.File == "":
		return nil
	case isCSV(o.File):
		return csvFiles(o.File)
	}
	return []string{o.File}
}

// stamp changes when a file of the people changes.
func (o Options) stamp() string {
	var b strings.Builder
	for _, f := range o.Files() {
		if info, err := os.Stat(f); err == nil {
			fmt.Fprintf(&b, "%s %d %d\n", f, info.Size(), info.ModTime().UnixNano())
		}
	}
	return b.String()
}
