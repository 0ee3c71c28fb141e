package reading

import (
	"bytes"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"belay/internal/mail"
)

// sniffed is how many octets of a file tell whether it can be read.
const sniffed = 512

// isText tells a part that is shown when the mail is opened.
func isText(p *mail.Part) bool {
	if p.File && (p.Attached || len(p.Around) > 0) {
		return false
	}
	return strings.HasPrefix(p.Type, "text/") && !slices.Contains(noTexts, p.Type)
}

// noTexts are texts for programs. Any other is shown as a plain one where its
// kind is not known (RFC 2046 §4.1.4).
var noTexts = []string{"text/calendar", "text/x-vcalendar", "text/vcard", "text/x-vcard", "text/directory", "text/css", "text/javascript",
	"text/rfc822-headers"}

// isInline tells a picture that stands in the text, or in a signature.
func isInline(p *mail.Part) bool {
	if p.Attached || !strings.HasPrefix(p.Type, "image/") {
		return false
	}
	return p.ContentID != "" || numberedPicture(p.Name)
}

// numberedPicture tells the names that programs give to pictures of signatures:
// "image001.png", "Outlook-abc.png".
func numberedPicture(name string) bool {
	name = strings.ToLower(name)
	rest, ok := strings.CutPrefix(name, "image")
	if ok && len(rest) > 3 && strings.Trim(rest[:3], "0123456789") == "" {
		return true
	}
	return strings.HasPrefix(name, "outlook-")
}

// isUnread tells by its header a file in which no text stands, unless its first
// octets say otherwise: a picture, sound, a program.
func isUnread(p *mail.Part) bool {
	for _, kind := range []string{"image/", "audio/", "video/", "font/", "model/"} {
		if strings.HasPrefix(p.Type, kind) {
			return true
		}
	}
	return slices.Contains(unreadExtensions, p.Extension())
}

var unreadExtensions = []string{"png", "jpg", "jpeg", "gif", "bmp", "tif", "tiff", "webp", "heic", "svgz", "ico", "mp3", "m4a", "wav",
	"ogg", "flac", "mp4", "mov", "avi", "mkv", "webm", "exe", "dll", "msi", "bin", "iso", "dmg", "so", "woff", "woff2", "ttf",
	"psd", "ai", "dwg", "p7s"}

// readMagic is how files begin that can be read.
var readMagic = []string{"%PDF", "PK\x03\x04", "PK\x05\x06", "{\\rtf", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "\x1f\x8b\x08", "\x78\x9f\x3e\x22"}

// looksReadable tells by its first octets whether a file is of a kind that can
// be read: most files say so themselves; of others, texts.
func looksReadable(p *mail.Part, begin []byte) bool {
	begin = begin[:min(len(begin), sniffed)]
	unread := isUnread(p)
	for _, magic := range readMagic {
		if at := bytes.Index(begin, []byte(magic)); at == 0 || at > 0 && !unread && magic != "\x1f\x8b\x08" {
			return true
		}
	}
	if len(begin) > 262 && string(begin[257:262]) == "ustar" {
		return true
	}
	if unread {
		return isPlain(begin) && !(p.Type == "image/svg+xml" && !p.Attached)
	}
	if slices.Contains(readExtensions, p.Extension()) || strings.HasPrefix(p.Type, "text/") || strings.HasPrefix(p.Type, "message/") {
		return true // it says so; whether it is damaged is told by who reads it
	}
	return isPlain(begin)
}

var readExtensions = []string{"pdf", "docx", "docm", "dotx", "xlsx", "xlsm", "xltx", "pptx", "pptm", "ppsx", "odt", "ods", "odp",
	"rtf", "csv", "tsv", "txt", "html", "htm", "eml", "msg", "zip", "doc", "xls", "ppt", "gz", "tgz", "tar", "xml", "json", "md", "log", "ics", "vcf"}

// isPlain tells octets that are text: no control characters but blanks.
func isPlain(b []byte) bool {
	if bytes.HasPrefix(b, []byte("\xff\xfe")) || bytes.HasPrefix(b, []byte("\xfe\xff")) {
		return true
	}
	for _, c := range b {
		if c < ' ' && c != '\n' && c != '\r' && c != '\t' && c != '\f' && c != 0x1b {
			return false
		}
	}
	for cut := 0; cut < 4 && len(b) > 0; cut++ {
		if utf8.Valid(b) {
			return true
		}
		b = b[:len(b)-1] // a character may be cut in two
	}
	return false
}

// typeOfName guesses a media type from a name.
func typeOfName(name string) string {
	switch strings.ToLower(path.Ext(name)) {
	case ".pdf":
		return "application/pdf"
	case ".docx":
		return "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
	case ".xlsx":
		return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	case ".pptx":
		return "application/vnd.openxmlformats-officedocument.presentationml.presentation"
	case ".txt", ".log", ".md":
		return "text/plain"
	case ".csv":
		return "text/csv"
	case ".html", ".htm":
		return "text/html"
	case ".png", ".gif", ".bmp", ".webp":
		return "image/" + strings.ToLower(path.Ext(name))[1:]
	case ".jpg", ".jpeg":
		return "image/jpeg"
	case ".zip":
		return "application/zip"
	}
	return "application/octet-stream"
}
