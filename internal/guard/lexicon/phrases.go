package lexicon

import (
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"
)

// ReadPhrases reads the phrases of all languages: a folder with a file for each
// (en.txt). In a file "[kind 0.9]" begins a section of that kind and weight
// (without a number 1), phrases stand on lines or between semicolons, "#" begins
// a remark.
func ReadPhrases(files fs.FS, folder string) ([]Entry, error) {
	list, err := fs.ReadDir(files, folder)
	if err != nil {
		return nil, fmt.Errorf("read phrases: %w", err)
	}
	var entries []Entry
	for _, f := range list {
		text, err := fs.ReadFile(files, path.Join(folder, f.Name()))
		if err != nil {
			return nil, fmt.Errorf("read phrases: %w", err)
		}
		language := strings.TrimSuffix(f.Name(), path.Ext(f.Name()))
		if entries, err = readPhrases(entries, language, string(text)); err != nil {
			return nil, fmt.Errorf("read phrases of %s: %w", f.Name(), err)
		}
	}
	return entries, nil
}

func readPhrases(entries []Entry, language, text string) ([]Entry, error) {
	kind, weight, n := "", 0.0, 0
	for line := range strings.Lines(text) {
		n++
		line, _, _ = strings.Cut(line, "#")
		line = strings.TrimSpace(line)
		if head, ok := strings.CutPrefix(line, "["); ok {
			var number string
			kind, number, _ = strings.Cut(strings.TrimSuffix(head, "]"), " ")
			weight = 1
			if number != "" {
				var err error
				if weight, err = strconv.ParseFloat(number, 64); err != nil {
					return nil, fmt.Errorf("line %d: %w", n, err)
				}
			}
			continue
		}
		for phrase := range strings.SplitSeq(line, ";") {
			if phrase = strings.TrimSpace(phrase); phrase != "" {
				entries = append(entries, Entry{Phrase: phrase, Language: language, Kind: kind, Weight: weight})
			}
		}
	}
	return entries, nil
}
