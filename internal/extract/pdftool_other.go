//go:build !linux

package extract

import "context"

// pdfTool is not used where a child cannot be limited from outside: PDFs are
// read by belay itself.
type pdfTool struct{}

func findPDFTool() *pdfTool { return nil }

func (t *pdfTool) run(context.Context, []byte, int) (string, error) { return "", ErrUnknown }
