// Package attachment looks at the files of a mail: whether one was announced and
// is not there, whether one cannot be read, and whether one is for somebody else.
//
// attachment.missing. Say: "". Found is the announcement. Only where all files of
// the mail are known.
//
// attachment.unreadable. Say: "encrypted", "damaged", "large", "" (of a kind that
// nobody can look into). Facts: "File" is the name of the first one. Count is how
// many.
//
// attachment.wrong, about a recipient. Say: "organisation" (Facts "Organisation")
// or "person" (Facts "Person"); Facts "File" is the name of the file. Instead are
// the people who may have been meant.
package attachment

import (
	"context"

	"belay/internal/guard"
	"belay/internal/guard/lexicon"
)

// Its signals.
const (
	CodeMissing    = "attachment.missing"
	CodeUnreadable = "attachment.unreadable"
	CodeWrong      = "attachment.wrong"
)

// Detector looks at the files of a mail.
type Detector struct{ organisations lexicon.Organisations }

var _ guard.Detector = (*Detector)(nil)

// New makes one.
func New() *Detector { return &Detector{} }

// Name implements guard.Detector.
func (*Detector) Name() string { return "attachment" }

// Codes implements guard.Detector.
func (*Detector) Codes() []string { return []string{CodeMissing, CodeUnreadable, CodeWrong} }

// CodesOfFiles are those that need files to be read.
func (*Detector) CodesOfFiles() []string { return []string{CodeUnreadable, CodeWrong} }

// Detect implements guard.Detector.
func (d *Detector) Detect(ctx context.Context, l *guard.Look) ([]guard.Signal, error) {
	if len(l.Mail.Files) == 0 || !hasFile(l.Mail) {
		return missing(l)
	}
	signals := unreadable(l.Mail)
	return append(signals, d.wrong(ctx, l)...), nil
}
