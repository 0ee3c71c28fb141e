package mail

import (
	"io"
	"strings"
)

// Part is a part of a message that is no multipart, as its header shows it.
type Part struct {
	Attachment        // Size and Encrypted are known at the end of its body
	File       bool   // people see it as a file
	Attached   bool   // its header says that it is one
	Charset    string // "" where it names none
	Flowed     bool   // format=flowed (RFC 3676)
	DelSp      bool   // and blanks before soft line ends do not count
	ContentID  string // without brackets, "" where it has none
	// Around are the multiparts that it stands in, the outermost first.
	Around []Around
}

// Around is a multipart as one of its parts sees it.
type Around struct {
	Type   string // "multipart/alternative"
	Number int    // tells it from the others in the message
	Child  int    // which of its parts this one is, or stands in; from 1
}

// PartTaker is shown the parts of a message while a PartLister reads it. A
// message inside the message is one part of type message/rfc822; what stands in
// it is not shown.
type PartTaker interface {
	// Part begins a part. What it gives takes the body; nil wants nothing.
	Part(p *Part) PartBody
}

// PartBody takes the body of a part.
type PartBody interface {
	// Write takes the next octets, decoded (base64, quoted-printable). After an
	// error it is not called again.
	io.Writer
	// End says that the part is over, and what it was as a file.
	End(a Attachment)
}

// TakeParts makes the lister show the parts to somebody. Call it before the
// first Write.
func (l *PartLister) TakeParts(t PartTaker) { l.taker = t }

// taking is what a PartLister knows of who takes its parts.
type taking struct {
	taker   PartTaker
	given   bool // the beginning of the line being read was given away already
	body    *transfer
	message *transfer  // the message inside the message that is being read
	file    Attachment // as what it is listed
	inside  bool
	around  int // how many multiparts are open around that message
}

// give hands on some of the line being read.
func (l *PartLister) give(p []byte) {
	if l.message != nil {
		l.message.write(p)
	}
	if l.body != nil && !l.inHeader {
		l.body.write(p)
	}
}

// take asks whether somebody wants the part that begins.
func (l *PartLister) take(h Header, params map[string]string) {
	if l.taker != nil && !l.inside {
		l.body = l.transferTo(h, params)
	}
}

// takeMessage is take for a message inside the message.
func (l *PartLister) takeMessage(h Header, params map[string]string) {
	if l.taker == nil || l.inside {
		return
	}
	l.inside, l.around, l.file = true, len(l.stack), l.part.file
	l.message = l.transferTo(h, params)
}

func (l *PartLister) transferTo(h Header, params map[string]string) *transfer {
	p := &l.part
	one := &Part{Attachment: p.file, File: p.listed, Charset: params["charset"],
		Attached:  keyword(h.Get("Content-Disposition")) == "attachment",
		Flowed:    strings.EqualFold(params["format"], "flowed"),
		DelSp:     strings.EqualFold(params["delsp"], "yes"),
		ContentID: strings.Trim(h.Get("Content-ID"), " <>")}
	for _, level := range l.stack {
		one.Around = append(one.Around, Around{Type: level.mediaType, Number: level.number, Child: level.children})
	}
	body := l.taker.Part(one)
	if body == nil {
		return nil
	}
	return &transfer{body: body, encoding: p.encoding}
}

// endBody ends the body of a part.
func (l *PartLister) endBody(file Attachment) {
	if l.body != nil {
		l.body.end(file)
		l.body = nil
	}
}

// endMessage ends the message inside the message.
func (l *PartLister) endMessage() {
	if l.message != nil {
		l.message.end(l.file)
	}
	l.inside, l.message, l.around = false, nil, 0
}
