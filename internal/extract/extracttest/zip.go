package extracttest

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"hash/crc32"
	"mime"
	"slices"
	"strings"
)

// part is a file in a zip.
type part struct{ name, content string }

// pack makes a zip of parts. The first one is not packed where it is the
// mimetype of an ODF file (OpenDocument 1.3, part 2, 3.3).
func pack(parts []part) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, p := range parts {
		method := zip.Deflate
		if p.name == "mimetype" {
			method = zip.Store
		}
		w, err := z.CreateHeader(&zip.FileHeader{Name: p.name, Method: method})
		if err == nil {
			_, err = w.Write([]byte(p.content))
		}
		if err != nil {
			panic(err)
		}
	}
	if err := z.Close(); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// archive makes a zip. Locked ones say that they are, and hold noise.
func archive(files []File, locked bool) []byte {
	if !locked {
		parts := make([]part, 0, len(files))
		for _, f := range files {
			parts = append(parts, part{f.Name, string(f.bytes())})
		}
		return pack(parts)
	}
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, f := range files {
		noise := slices.Concat([]byte("0123456789ab"), f.bytes()) // the 12 octets before what is encrypted (APPNOTE.TXT 6.1.3)
		for i := range noise {
			noise[i] ^= byte(i*73 + 41)
		}
		w, err := z.CreateRaw(&zip.FileHeader{Name: f.Name, Method: zip.Store, Flags: 1, CRC32: crc32.ChecksumIEEE(f.bytes()),
			CompressedSize64: uint64(len(noise)), UncompressedSize64: uint64(len(noise) - 12)})
		if err == nil {
			_, err = w.Write(noise)
		}
		if err != nil {
			panic(err)
		}
	}
	if err := z.Close(); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// eml makes a mail with attachments.
func eml(d Descriptor) []byte {
	var b strings.Builder
	b.WriteString("From: " + d.From + "\r\nTo: " + d.To + "\r\nSubject: " + mime.BEncoding.Encode("utf-8", d.Subject) +
		"\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b0\r\n\r\n--b0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" +
		strings.ReplaceAll(d.Text, "\n", "\r\n") + "\r\n")
	for _, f := range d.Entries {
		b.WriteString("--b0\r\nContent-Type: application/octet-stream\r\nContent-Disposition: attachment; filename=\"" + f.Name +
			"\"\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64.StdEncoding.EncodeToString(f.bytes()) + "\r\n")
	}
	b.WriteString("--b0--\r\n")
	return []byte(b.String())
}

// rtf makes a Rich Text file, with everything outside ASCII escaped.
func rtf(d Descriptor) []byte {
	var b strings.Builder
	b.WriteString(`{\rtf1\ansi\ansicpg1250\deff0{\fonttbl{\f0 Calibri;}}{\info{\title ` + rtfText(d.Properties["title"]) + `}{\author ` + rtfText(d.Properties["creator"]) + `}{\*\company ` + rtfText(d.Properties["company"]) + "}}\n")
	for _, line := range strings.Split(d.Text, "\n") {
		b.WriteString(`\pard\plain ` + rtfText(line) + "\\par\n")
	}
	for _, hidden := range d.HiddenText {
		b.WriteString(`{\v ` + rtfText(hidden) + "}\\par\n")
	}
	b.WriteString("}")
	return []byte(b.String())
}
