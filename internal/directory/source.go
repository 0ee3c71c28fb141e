package directory

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

func isCSV(file string) bool { return strings.EqualFold(filepath.Ext(file), ".csv") }

// read asks the sources: hand is what the admin wrote, synced what LDAP or CSV
// say; either may be nil. With handOnly nothing that syncs is read.
func (o Options) read(ctx context.Context, handOnly bool) (hand, synced *Facts, warnings []string, err error) {
	var facts *Facts
	if o.File != "" && !(handOnly && o.LDAP == nil && isCSV(o.File)) {
		if facts, warnings, err = readFile(o.File, o.LDAP == nil); err != nil {
			return nil, nil, nil, err
		}
	}
	switch {
	case o.LDAP == nil && isCSV(o.File):
		synced = facts
	case o.LDAP == nil || handOnly:
		return facts, nil, warnings, nil
	default:
		var more []string
		hand = facts
		if synced, more, err = o.LDAP.read(ctx); err != nil {
			return nil, nil, nil, fmt.Errorf("read the people from %s: %w", o.LDAP.name(), err)
		}
		warnings = append(warnings, more...)
	}
	if synced != nil {
		synced.tidy()
	}
	return hand, synced, warnings, nil
}

// readFile reads people.yaml or people.csv. alone: no other source knows
// people.
func readFile(file string, alone bool) (*Facts, []string, error) {
	if isCSV(file) {
		return readCSV(file)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, nil, fmt.Errorf("read the people: %w", err)
	}
	return ParseYAML(file, text, alone)
}

// stamp changes when a file of the people changes.
func (o Options) stamp() string {
	if o.File == "" {
		return ""
	}
	files := []string{o.File}
	if isCSV(o.File) {
		files = csvFiles(o.File)
	}
	var b strings.Builder
	for _, f := range files {
		if info, err := os.Stat(f); err == nil {
			fmt.Fprintf(&b, "%s %d %d\n", f, info.Size(), info.ModTime().UnixNano())
		}
	}
	return b.String()
}
