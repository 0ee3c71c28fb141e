package mail

import "strings"

// EachFile calls visit for each file in a whole message, messages attached to
// it among them, in the order of the bytes, until it says false; octets gives
// what is in it, without the transfer encoding. EachFile gives false where
// there was more than is looked at.
func EachFile(message []byte, visit func(file Attachment, octets func() []byte) bool) bool {
	return walkParts(message, true, func(p *part) bool {
		attached := p.attachment() || p.mediaType == "message/rfc822" || p.mediaType == "message/global"
		if !attached || strings.HasPrefix(p.mediaType, "multipart/") {
			return true
		}
		name := paramOf(p.header.Get("Content-Disposition"), "filename")
		if name == "" {
			name = paramOf(p.header.Get("Content-Type"), "name")
		}
		return visit(Attachment{Name: fileName(name), Type: p.mediaType}, p.decoded)
	})
}
