package extract

import (
	"bytes"
	"encoding/asn1"
	"encoding/base64"
	"fmt"
	"strings"
)

// Kinds of CMS (RFC 5652).
var (
	oidData      = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 1}
	oidSigned    = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2}
	oidEnveloped = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 3}
	oidAuth      = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 1, 23}
)

// cms is how a CMS file begins.
type cms struct {
	Kind    asn1.ObjectIdentifier
	Content asn1.RawValue `asn1:"explicit,tag:0"`
}

// readSMIME reads a .p7m: an encrypted one, or a signed file with the file in
// it, as Italian offices send them.
func (j *job) readSMIME(p *paper, f file) error {
	p.doc.Kind = KindSMIME
	data := f.data
	if text, ok := bytes.CutPrefix(bytes.TrimSpace(data), []byte("-----BEGIN")); ok {
		_, text, _ = bytes.Cut(text, []byte("\n"))
		text, _, _ = bytes.Cut(text, []byte("-----END"))
		data = text
	}
	if len(data) > 0 && data[0] == 'M' { // base64 of a sequence
		decoded := make([]byte, base64.StdEncoding.DecodedLen(len(data)))
		n, _ := base64.StdEncoding.Decode(decoded, bytes.Join(bytes.Fields(data), nil))
		data = decoded[:n]
	}
	var c cms
	if _, err := asn1.Unmarshal(data, &c); err != nil {
		return j.readIndefinite(p, f, data)
	}
	switch {
	case c.Kind.Equal(oidEnveloped), c.Kind.Equal(oidAuth):
		return ErrEncrypted
	case !c.Kind.Equal(oidSigned):
		return ErrUnknown
	}
	var signed struct {
		Version int
		Digests asn1.RawValue `asn1:"set"`
		Inner   struct {
			Kind    asn1.ObjectIdentifier
			Content asn1.RawValue `asn1:"explicit,optional,tag:0"`
		}
	}
	if _, err := asn1.Unmarshal(c.Content.Bytes, &signed); err != nil {
		// The rest of it, certificates and signatures, is nobody's text.
		if _, structural := err.(asn1.StructuralError); !structural {
			return fmt.Errorf("%w: %w", ErrDamaged, err)
		}
	}
	var content []byte
	if _, err := asn1.Unmarshal(signed.Inner.Content.Bytes, &content); err != nil || !signed.Inner.Kind.Equal(oidData) {
		return ErrUnknown // a signature alone
	}
	j.signedFile(p, f, content)
	return j.late()
}

// readIndefinite reads one whose lengths are not told beforehand, which
// encoding/asn1 does not read: which kind it is stands at its beginning.
func (j *job) readIndefinite(p *paper, f file, data []byte) error {
	kind := func(oid asn1.ObjectIdentifier) bool {
		der, err := asn1.Marshal(oid)
		return err == nil && bytes.Contains(data[:min(len(data), 64)], der)
	}
	switch {
	case kind(oidEnveloped), kind(oidAuth):
		return ErrEncrypted
	case kind(oidSigned):
		if inner, ok := octetsBehind(data); ok {
			j.signedFile(p, f, inner)
			return j.late()
		}
		return ErrUnknown
	}
	return fmt.Errorf("%w: it is no S/MIME, whatever its name says", ErrDamaged)
}

// octetsBehind finds the content of a signed file behind the name of its kind:
// [0] { OCTET STRING … }, in pieces.
func octetsBehind(data []byte) ([]byte, bool) {
	der, err := asn1.Marshal(oidData)
	at := bytes.Index(data[:min(len(data), 4096)], der)
	if err != nil || at < 0 {
		return nil, false
	}
	rest := data[at+len(der):]
	for _, head := range []string{"\xa0\x80\x24\x80", "\xa0\x80"} {
		if b, ok := bytes.CutPrefix(rest, []byte(head)); ok {
			rest = b
			break
		}
	}
	var out []byte
	for len(rest) > 0 && rest[0] == asn1.TagOctetString {
		var piece asn1.RawValue
		after, err := asn1.Unmarshal(rest, &piece)
		if err != nil {
			break
		}
		out = append(out, piece.Bytes...)
		rest = after
	}
	return out, len(out) > 0
}

// signedFile reads the file that was signed.
func (j *job) signedFile(p *paper, f file, data []byte) {
	name := strings.TrimSuffix(strings.TrimSuffix(f.name, ".p7m"), ".P7M")
	mediaType := ""
	if name == f.name || name == "smime" {
		mediaType = "message/rfc822" // a signed mail is a mail without its head
	}
	p.inside(file{name: name, mediaType: mediaType, data: data})
}
