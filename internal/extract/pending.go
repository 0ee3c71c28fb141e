package extract

func (j *job) readPDF(p *paper, data []byte) error         { return ErrUnknown }
func (j *job) readOLE(p *paper, f file, depth int) error   { return ErrUnknown }
func (j *job) readSMIME(p *paper, f file, depth int) error { return ErrUnknown }

type pdfTool struct{}

func findPDFTool() *pdfTool { return nil }

const oleMagic = "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
