package extract

import (
	"archive/zip"
	"bytes"
	"path"
	"strings"
	"unicode/utf8"
)

// Kinds of files that are read.
const (
	KindPDF  = "pdf"
	KindDocx = "docx" // with its macros (docm) and templates (dotx) too; so the next two
	KindXlsx = "xlsx"
	KindPptx = "pptx"
	KindOdt  = "odt"
	KindOds  = "ods"
	KindOdp  = "odp"
	KindDoc  = "doc" // Word 97
	KindXls  = "xls" // Excel 97
	KindPpt  = "ppt" // PowerPoint 97
	KindMsg  = "msg" // a mail as Outlook keeps it
	KindRtf  = "rtf"
	KindCsv  = "csv"
	KindHTML = "html"
	KindText = "text"
	KindEml  = "eml"
	KindZip  = "zip"
	KindGzip = "gzip"
	KindTar  = "tar"
	KindTNEF = "tnef" // winmail.dat: what Outlook writes for itself
)

// Kinds of files that are known and not read; ErrUnknown or ErrEncrypted comes
// with them.
const (
	KindPicture   = "picture"
	KindSound     = "sound"
	KindVideo     = "video"
	KindProgram   = "program"
	KindFont      = "font"
	KindSignature = "signature" // of a mail or a file
	KindPGP       = "pgp"       // encrypted
	KindSMIME     = "smime"     // encrypted or signed
	KindArchive   = "archive"   // 7z, RAR, xz, bzip2
	KindOffice    = "office"    // of an office program, in a form that is not read: xlsb, Visio, Publisher, iWork
	KindOther     = "other"
)

// magic tells a kind by how a file begins.
var magic = []struct{ begin, kind string }{
	{"{\\rtf", KindRtf},
	{"PK\x03\x04", KindZip}, {"PK\x05\x06", KindZip}, {"PK\x07\x08", KindZip},
	{oleMagic, kindOLE},
	{"\x1f\x8b\x08", KindGzip},
	{"\x78\x9f\x3e\x22", KindTNEF},
	{"\x89PNG\r\n\x1a\n", KindPicture}, {"GIF87a", KindPicture}, {"GIF89a", KindPicture}, {"\xff\xd8\xff", KindPicture},
	{"II*\x00", KindPicture}, {"MM\x00*", KindPicture}, {"BM", KindPicture}, {"8BPS", KindPicture},
	{"\x00\x00\x01\x00", KindPicture}, {"\xd7\xcd\xc6\x9a", KindPicture}, {"\x01\x00\x00\x00\x6c\x00\x00\x00", KindPicture},
	{"ID3", KindSound}, {"fLaC", KindSound}, {"MThd", KindSound}, {"#!AMR", KindSound}, {"\xff\xfb", KindSound}, {"\xff\xf3", KindSound},
	{"OggS", KindSound}, {"FORM", KindSound},
	{"\x1aE\xdf\xa3", KindVideo}, {"\x00\x00\x01\xba", KindVideo}, {"\x00\x00\x01\xb3", KindVideo}, {"FLV\x01", KindVideo},
	{"\x30\x26\xb2\x75\x8e\x66\xcf\x11", KindVideo},
	{"MZ", KindProgram}, {"\x7fELF", KindProgram}, {"\xca\xfe\xba\xbe", KindProgram}, {"\xcf\xfa\xed\xfe", KindProgram},
	{"\xce\xfa\xed\xfe", KindProgram}, {"\x00asm", KindProgram},
	{"wOFF", KindFont}, {"wOF2", KindFont}, {"OTTO", KindFont}, {"\x00\x01\x00\x00\x00", KindFont},
	{"7z\xbc\xaf\x27\x1c", KindArchive}, {"Rar!\x1a\x07", KindArchive}, {"\xfd7zXZ\x00", KindArchive}, {"BZh", KindArchive},
	{"\x28\xb5\x2f\xfd", KindArchive},
	{"-----BEGIN PGP MESSAGE-----", KindPGP}, {"age-encryption.org/", KindPGP},
	{"-----BEGIN PGP SIGNATURE-----", KindSignature},
}

// kindOLE is any compound file; which one, its streams tell.
const kindOLE = "ole"

// named are the kinds by the ends of names, for files whose content does not
// tell, and to see that a file is not what its name says.
var named = map[string]string{
	"pdf": KindPDF, "docx": KindDocx, "docm": KindDocx, "dotx": KindDocx, "xlsx": KindXlsx, "xlsm": KindXlsx, "xltx": KindXlsx,
	"pptx": KindPptx, "pptm": KindPptx, "ppsx": KindPptx, "potx": KindPptx, "odt": KindOdt, "ott": KindOdt, "ods": KindOds, "ots": KindOds,
	"odp": KindOdp, "doc": KindDoc, "dot": KindDoc, "xls": KindXls, "xlt": KindXls, "ppt": KindPpt, "pps": KindPpt, "msg": KindMsg,
	"rtf": KindRtf, "csv": KindCsv, "tsv": KindCsv, "htm": KindHTML, "html": KindHTML, "xhtml": KindHTML, "svg": KindHTML,
	"eml": KindEml, "mht": KindEml, "mhtml": KindEml, "zip": KindZip, "gz": KindGzip, "tgz": KindGzip, "tar": KindTar,
	"gpg": KindPGP, "pgp": KindPGP, "age": KindPGP, "p7m": KindSMIME, "p7s": KindSignature, "sig": KindSignature,
	"7z": KindArchive, "rar": KindArchive, "xz": KindArchive, "bz2": KindArchive, "zst": KindArchive,
	"jpg": KindPicture, "jpeg": KindPicture, "png": KindPicture, "gif": KindPicture, "bmp": KindPicture, "tif": KindPicture, "tiff": KindPicture,
	"webp": KindPicture, "heic": KindPicture, "ico": KindPicture, "emf": KindPicture, "wmf": KindPicture,
	"mp3": KindSound, "wav": KindSound, "m4a": KindSound, "ogg": KindSound, "flac": KindSound, "aac": KindSound,
	"mp4": KindVideo, "mov": KindVideo, "avi": KindVideo, "mkv": KindVideo, "webm": KindVideo, "wmv": KindVideo, "3gp": KindVideo,
	"exe": KindProgram, "dll": KindProgram, "jar": KindProgram, "apk": KindProgram, "msi": KindProgram, "dmg": KindProgram,
	"ttf": KindFont, "otf": KindFont, "woff": KindFont, "woff2": KindFont,
	"xlsb": KindOffice, "vsd": KindOffice, "vsdx": KindOffice, "pub": KindOffice, "pages": KindOffice, "numbers": KindOffice, "key": KindOffice,
	"mpp": KindOffice, "one": KindOffice,
}

// typed are the kinds by media type, for files without a telling name.
var typed = map[string]string{
	"application/pdf": KindPDF, "application/rtf": KindRtf, "text/rtf": KindRtf, "text/csv": KindCsv, "text/html": KindHTML,
	"application/xhtml+xml": KindHTML, "message/rfc822": KindEml, "message/global": KindEml, "application/zip": KindZip,
	"application/x-zip-compressed": KindZip, "application/gzip": KindGzip, "application/msword": KindDoc,
	"application/vnd.ms-excel": KindXls, "application/vnd.ms-powerpoint": KindPpt, "application/vnd.ms-outlook": KindMsg,
	"application/pgp-encrypted": KindPGP, "application/pgp-signature": KindSignature, "application/pkcs7-signature": KindSignature,
	"application/x-pkcs7-signature": KindSignature, "application/pkcs7-mime": KindSMIME, "application/x-pkcs7-mime": KindSMIME,
	"application/vnd.openxmlformats-officedocument.wordprocessingml.document":   KindDocx,
	"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet":         KindXlsx,
	"application/vnd.openxmlformats-officedocument.presentationml.presentation": KindPptx,
	"application/vnd.oasis.opendocument.text":                                   KindOdt,
	"application/vnd.oasis.opendocument.spreadsheet":                            KindOds,
	"application/vnd.oasis.opendocument.presentation":                           KindOdp,
}

// extensionOf is the end of a name in small letters, without the dot.
func extensionOf(name string) string {
	return strings.ToLower(strings.TrimPrefix(path.Ext(strings.TrimSpace(name)), "."))
}

// saidKind is the kind that a name or, where that says nothing, a media type
// claims; "" where neither does.
func saidKind(name, mediaType string) string {
	if k := named[extensionOf(name)]; k != "" {
		return k
	}
	mediaType, _, _ = strings.Cut(strings.ToLower(mediaType), ";")
	mediaType = strings.TrimSpace(mediaType)
	if k := typed[mediaType]; k != "" {
		return k
	}
	switch first, _, _ := strings.Cut(mediaType, "/"); first {
	case "image":
		return KindPicture
	case "audio":
		return KindSound
	case "video":
		return KindVideo
	case "font":
		return KindFont
	}
	return ""
}

// contentKind is the kind that the octets show; "" where they show none. Of
// containers it is kindOLE or KindZip: what is in them tells the rest.
func contentKind(data []byte) string {
	if i := bytes.Index(data[:min(len(data), 1024)], []byte("%PDF-")); i >= 0 { // readers bear rubbish before it
		return KindPDF
	}
	trimmed := bytes.TrimLeft(bytes.TrimPrefix(data[:min(len(data), 4096)], []byte("\xef\xbb\xbf")), " \t\r\n")
	for _, m := range magic {
		if bytes.HasPrefix(data, []byte(m.begin)) || m.begin[0] >= '-' && bytes.HasPrefix(trimmed, []byte(m.begin)) && len(m.begin) > 4 {
			return m.kind
		}
	}
	if len(data) > 12 {
		switch {
		case string(data[:4]) == "RIFF" && string(data[8:12]) == "WEBP":
			return KindPicture
		case string(data[:4]) == "RIFF" && string(data[8:12]) == "WAVE":
			return KindSound
		case string(data[:4]) == "RIFF":
			return KindVideo
		case string(data[4:8]) == "ftyp":
			switch string(data[8:11]) {
			case "hei", "mif", "avi":
				return KindPicture
			case "M4A":
				return KindSound
			}
			return KindVideo
		}
	}
	if len(data) > 262 && string(data[257:262]) == "ustar" {
		return KindTar
	}
	if looksHTML(trimmed) {
		return KindHTML
	}
	return ""
}

// looksHTML tells a page, or an XML file that is one.
func looksHTML(begin []byte) bool {
	low := bytes.ToLower(begin[:min(len(begin), 1024)])
	if bytes.HasPrefix(low, []byte("<?xml")) || bytes.HasPrefix(low, []byte("<!--")) {
		return bytes.Contains(low, []byte("<html")) || bytes.Contains(low, []byte("<svg"))
	}
	for _, tag := range []string{"<!doctype html", "<html", "<head", "<body", "<svg"} {
		if bytes.HasPrefix(low, []byte(tag)) {
			return true
		}
	}
	return false
}

// looksText tells text from octets that mean something else: no zero octets
// but those of UTF-16, and hardly any other control characters.
func looksText(data []byte) bool {
	begin := data[:min(len(data), 8192)]
	if utf16Order(begin) != 0 {
		return true
	}
	odd := 0
	for _, c := range begin {
		switch {
		case c == 0:
			return false
		case c < ' ' && c != '\t' && c != '\n' && c != '\r' && c != '\f' && c != 0x1b && c != 0x1a, c == 0x7f:
			odd++
		}
	}
	if odd*100 > len(begin) {
		return false
	}
	if utf8.Valid(begin[:max(0, len(begin)-utf8.UTFMax)]) {
		return true
	}
	high := 0 // a text has blanks and digits, whatever its letters
	for _, c := range begin {
		if c >= 0x80 {
			high++
		}
	}
	return high*10 < len(begin)*9
}

// zipKind tells what a zip is by what is in it.
func zipKind(z *zip.Reader) string {
	for i, f := range z.File {
		if i >= 2000 {
			break
		}
		switch name := strings.ToLower(f.Name); {
		case i == 0 && name == "mimetype":
			switch m := readMimetype(f); {
			case strings.Contains(m, "opendocument.text"):
				return KindOdt
			case strings.Contains(m, "opendocument.spreadsheet"):
				return KindOds
			case strings.Contains(m, "opendocument.presentation"):
				return KindOdp
			case strings.Contains(m, "opendocument"):
				return KindOffice
			}
		case name == "word/document.xml", name == "word/document2.xml":
			return KindDocx
		case name == "xl/workbook.xml":
			return KindXlsx
		case name == "ppt/presentation.xml":
			return KindPptx
		case name == "xl/workbook.bin", name == "visio/document.xml", strings.HasSuffix(name, ".iwa"):
			return KindOffice
		case name == "meta-inf/manifest.mf", name == "androidmanifest.xml":
			return KindProgram
		}
	}
	return KindZip
}
