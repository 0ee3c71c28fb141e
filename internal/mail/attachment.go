package mail

import (
	"bytes"
	"path"
	"strings"
)

// Attachment is a file in a message, as people see it.
type Attachment struct {
	Name string `json:"name,omitempty"` // decoded, without folders; "" where it has none
	Type string `json:"type"`           // media type, in lower case
	Size int64  `json:"size"`           // octets once decoded, nearly; 0 of a message inside the message
	// Encrypted tells that it says of itself that it is encrypted: S/MIME, PGP,
	// an archive or an Office file with a password. A PDF does not say so at its
	// beginning.
	Encrypted bool `json:"encrypted,omitempty"`
}

// Extension is the end of the name in small letters, without the dot.
func (a Attachment) Extension() string {
	return strings.ToLower(strings.TrimPrefix(path.Ext(a.Name), "."))
}

// maxFileName is how much of a file's name is kept, in characters.
const maxFileName = 255

// fileName is a name without the folders before it: some programs write them.
func fileName(name string) string {
	if i := strings.LastIndexAny(name, `/\`); i >= 0 {
		name = name[i+1:]
	}
	return cut(strings.TrimSpace(name), maxFileName)
}

// machineTypes are parts that mail programs write for each other.
var machineTypes = []string{"application/pgp-encrypted", "application/pgp-signature", "application/pkcs7-signature",
	"application/x-pkcs7-signature", "message/delivery-status", "message/global-delivery-status",
	"message/disposition-notification", "message/global-disposition-notification", "text/rfc822-headers"}

// machineExtensions are how such parts are called, if they have a name. What is
// called otherwise people see as a file.
var machineExtensions = []string{"", "asc", "sig", "p7s", "p7m", "txt", "dat", "eml", "pgp"}

// encryptedExtensions are those of files that only their readers can open. (A
// .p7m may just be signed, and in Italy mostly is.)
var encryptedExtensions = []string{"gpg", "pgp", "age"}

func isSMIME(mediaType string) bool {
	return mediaType == "application/pkcs7-mime" || mediaType == "application/x-pkcs7-mime"
}

// isEncryptedType tells an encrypted body by its media type (RFC 8551 §3.2.2,
// RFC 3156 §4).
func isEncryptedType(mediaType string, params map[string]string) bool {
	switch {
	case mediaType == "multipart/encrypted", mediaType == "application/pgp-encrypted":
		return true
	case isSMIME(mediaType):
		kind := strings.ToLower(params["smime-type"])
		return kind == "enveloped-data" || kind == "authenveloped-data"
	}
	return false
}

// looksEncrypted tells by its first octets whether a file wants a password.
func looksEncrypted(begin []byte, extension string) bool {
	switch {
	case bytes.HasPrefix(begin, []byte("PK\x03\x04")) && len(begin) > 6: // APPNOTE.TXT 4.4.4: bit 0 of the flags
		return begin[6]&1 != 0
	case bytes.HasPrefix(begin, []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")): // an OLE file where a zip should be ([MS-OFFCRYPTO] 2.3.4)
		return extension == "docx" || extension == "xlsx" || extension == "pptx" || extension == "docm" || extension == "xlsm"
	}
	return bytes.HasPrefix(begin, []byte(pgpMessage))
}

const pgpMessage = "-----BEGIN PGP MESSAGE-----"

// Protection is how a message keeps others out, and says who wrote it: "S/MIME",
// "PGP", or "" where it does not.
type Protection struct{ Encrypted, Signed string }

// ProtectionOf looks at a message, or its beginning, for encryption and
// signatures of the mail itself; those of attachments do not count. Whether a
// signature is good is another question.
func ProtectionOf(message []byte) Protection {
	var p Protection
	root := false
	walkParts(message, false, func(part *part) bool {
		p.look(part)
		if !root { // most mail: nothing in it that could be deeper
			root = true
			return strings.HasPrefix(part.mediaType, "multipart/") && mayBeProtected(message)
		}
		return true
	})
	return p
}

// mayBeProtected is a quick look for what look finds in a part of a multipart.
func mayBeProtected(message []byte) bool {
	for _, sign := range []string{"ultipart/encrypted", "ultipart/signed", "pkcs7-mime", "BEGIN PGP"} {
		if bytes.Contains(message, []byte(sign)) {
			return true
		}
	}
	return false
}

// look notes what one part says.
func (p *Protection) look(part *part) {
	kind := "S/MIME"
	if strings.Contains(strings.ToLower(part.params["protocol"]), "pgp") {
		kind = "PGP"
	}
	switch {
	case part.mediaType == "multipart/encrypted":
		p.Encrypted = kind
	case part.mediaType == "multipart/signed":
		p.Signed = kind
	case isSMIME(part.mediaType) && (part.depth == 0 || !part.attachment() || isEncryptedType(part.mediaType, part.params)):
		switch strings.ToLower(part.params["smime-type"]) {
		case "signed-data":
			p.Signed = kind
		case "certs-only", "compressed-data":
		default: // where it says nothing it may well be
			p.Encrypted = kind
		}
	case part.depth == 0 && part.mediaType == "application/octet-stream" && strings.HasSuffix(strings.ToLower(part.params["name"]), ".p7m"):
		p.Encrypted = kind // as old programs write it (RFC 8551 §3.2.1)
	case part.mediaType == "text/plain" && !part.attachment():
		body := bytes.TrimLeft(part.body, " \t\r\n")
		if bytes.HasPrefix(body, []byte(pgpMessage)) {
			p.Encrypted = "PGP"
		}
		if bytes.HasPrefix(body, []byte("-----BEGIN PGP SIGNED MESSAGE-----")) {
			p.Signed = "PGP"
		}
	}
}
