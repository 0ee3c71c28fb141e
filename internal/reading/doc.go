// Package reading is what a mail says to the person who opens it: its texts,
// with the writer's own words apart from what is quoted and from signatures,
// the language of each, and its files with what stands in them. Detectors look
// at this and never at the raw message.
package reading

import (
	"belay/internal/extract"
	"belay/internal/mail"
)

// Mail is a mail as people read it. It is not changed once it was made, and
// may be read by many goroutines.
type Mail struct {
	Subject string // decoded, as it stands
	Texts   []Text // what is shown when it is opened; of alternatives one. Mostly there is just one
	Files   []File
	Listed  bool // Files are all there are; false: nobody knows, and none is missed
	Cut     bool // there was more text than is looked at

	lazy *lazyMail // its words; nil parts them each time
}

// Text is one text part.
type Text struct {
	Own       string // the writer's new words: no quotes, no signature; lines end with LF
	Quoted    string // of the mails quoted or forwarded below, without the ">" in front
	Signature string // under "-- ", or what looks like one: name, telephone, disclaimer
	Language  string // of Own, or of the whole where that is too short: one of locale.Codes; "" where it is not clear

	lazy *lazyText
}

// File is an attachment.
type File struct {
	mail.Attachment
	Inline bool              // a picture that stands in the text, a logo in a signature
	Doc    *extract.Document // what it says; nil where it was not or could not be read
	Err    error             // why: one of extract's errors, wrapped; nil where it was read or nobody tried
}
