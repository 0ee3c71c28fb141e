package attachment

import (
	"cmp"
	"errors"

	"belay/internal/extract"
	"belay/internal/guard"
	"belay/internal/reading"
)

// unreadable notices files that are encrypted or damaged; weaker, those that are
// too large to be looked at or archives of other kinds. Pictures, sound, video,
// programs and signatures are no files that anybody would read.
func unreadable(m *reading.Mail) []guard.Signal {
	s := guard.Signal{Code: CodeUnreadable, Facts: map[string]string{}}
	for i := range m.Files {
		f := &m.Files[i]
		if f.Inline {
			continue
		}
		say, score := trouble(f.Doc, f.Err, f.Encrypted, 0)
		if score == 0 {
			continue
		}
		if s.Count++; score > s.Score {
			s.Score, s.Say = score, say
			s.Facts["File"] = cmp.Or(f.Name, f.Type)
		}
		if len(s.Found) < maxFound {
			s.Found = append(s.Found, guard.Found{Text: cmp.Or(f.Name, f.Type), Place: guard.InFileName, File: f.Name})
		}
	}
	if s.Score < 0.2 {
		return nil
	}
	return []guard.Signal{s}
}

const maxFound = 5

// trouble says why a file, or one inside it, cannot be read, and how much that
// is worth saying.
func trouble(d *extract.Document, err error, encrypted bool, depth int) (say string, score float64) {
	switch {
	case encrypted || errors.Is(err, extract.ErrEncrypted):
		return "encrypted", 0.9
	case errors.Is(err, extract.ErrDamaged):
		return "damaged", 0.75
	case errors.Is(err, extract.ErrTooLarge):
		say, score = "large", 0.35
	case errors.Is(err, extract.ErrUnknown) && d != nil && (d.Kind == extract.KindArchive || d.Kind == extract.KindOffice):
		say, score = "", 0.4
	}
	if d == nil || depth > 5 {
		return say, score
	}
	for _, e := range d.Inside {
		if inside, n := trouble(e.Doc, e.Err, false, depth+1); n > score {
			say, score = inside, n
		}
	}
	return say, score
}
