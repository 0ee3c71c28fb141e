package extract

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/md5"
	"crypto/rc4"
	"crypto/sha256"
	"crypto/sha512"
	"fmt"
	"slices"
)

// pdfCrypt opens what is encrypted with the standard handler and an empty
// password (ISO 32000-2, 7.6): such files open for everybody. nil encrypts
// nothing.
type pdfCrypt struct {
	key     []byte
	aes     bool // else RC4
	perFile bool // one key for all objects (AES-256)
	none    bool // Identity
}

// pdfPadding fills passwords up (7.6.4.3.2, step a).
const pdfPadding = "\x28\xbf\x4e\x5e\x4e\x75\x8a\x41\x64\x00\x4e\x56\xff\xfa\x01\x08\x2e\x2e\x00\xb6\xd0\x68\x3e\x80\x2f\x0c\xa9\xfe\x64\x53\x69\x7a"

// unlock finds the key of a PDF that is encrypted; ErrEncrypted is one that
// wants a password.
func (f *pdfFile) unlock() error {
	d := f.dict(f.trailer["Encrypt"])
	if d == nil {
		return nil
	}
	if d["Filter"] != pdfName("Standard") {
		return fmt.Errorf("%w: for certain people only", ErrEncrypted)
	}
	version, revision := int(f.float(d["V"])), int(f.float(d["R"]))
	owner, _ := f.get(d["O"]).(pdfString)
	user, _ := f.get(d["U"]).(pdfString)
	if revision >= 5 {
		ue, _ := f.get(d["UE"]).(pdfString)
		key, ok := keyOf256(string(user), string(ue), revision)
		if !ok {
			return ErrEncrypted
		}
		f.crypt = &pdfCrypt{key: key, aes: true, perFile: true}
		return nil
	}
	length := 5
	if bits := int(f.float(d["Length"])); revision >= 3 && bits >= 40 && bits <= 128 {
		length = bits / 8
	}
	c := &pdfCrypt{}
	if version == 4 {
		length = 16
		filter := f.dict(f.dict(d["CF"])[nameOf(f.get(d["StmF"]), "StdCF")])
		c.aes = filter["CFM"] == pdfName("AESV2")
		c.none = d["StmF"] == pdfName("Identity")
	}
	plain := d["EncryptMetadata"] == false && revision >= 4
	c.key = keyOf128(string(owner), int32(int64(f.float(d["P"]))), f.fileID(), revision, length, plain)
	if !c.opens(string(user), f.fileID(), revision) {
		return ErrEncrypted
	}
	f.crypt = c
	return nil
}

func nameOf(v any, other pdfName) pdfName {
	if n, ok := v.(pdfName); ok {
		return n
	}
	return other
}

// fileID is the first half of the file's identifier.
func (f *pdfFile) fileID() []byte {
	if a := f.array(f.trailer["ID"]); len(a) > 0 {
		s, _ := f.get(a[0]).(pdfString)
		return []byte(s)
	}
	return nil
}

// keyOf128 is the key for the empty password (7.6.4.3.2, algorithm 2).
func keyOf128(owner string, permissions int32, id []byte, revision, length int, plainMetadata bool) []byte {
	p := uint32(permissions)
	h := md5.New()
	h.Write([]byte(pdfPadding))
	h.Write([]byte(owner)[:min(len(owner), 32)])
	h.Write([]byte{byte(p), byte(p >> 8), byte(p >> 16), byte(p >> 24)})
	h.Write(id)
	if plainMetadata {
		h.Write([]byte{0xff, 0xff, 0xff, 0xff})
	}
	key := h.Sum(nil)
	if revision >= 3 {
		for range 50 {
			sum := md5.Sum(key[:length])
			key = sum[:]
		}
	}
	return key[:length]
}

// opens tells whether the key is the right one (algorithms 4 to 6).
func (c *pdfCrypt) opens(user string, id []byte, revision int) bool {
	if revision < 3 {
		return string(rc4Of(c.key, []byte(pdfPadding))) == user
	}
	sum := md5.Sum(append([]byte(pdfPadding), id...))
	out := rc4Of(c.key, sum[:])
	for i := 1; i <= 19; i++ {
		key := bytes.Clone(c.key)
		for k := range key {
			key[k] ^= byte(i)
		}
		out = rc4Of(key, out)
	}
	return len(user) >= 16 && string(out) == user[:16]
}

// keyOf256 is the key for the empty password where the file has one of 256 bits
// (7.6.4.3.3, algorithm 2.A).
func keyOf256(user, userKey string, revision int) ([]byte, bool) {
	if len(user) < 48 || len(userKey) < 32 {
		return nil, false
	}
	if string(hash256([]byte(user[32:40]), revision)) != user[:32] {
		return nil, false
	}
	block, err := aes.NewCipher(hash256([]byte(user[40:48]), revision))
	if err != nil {
		return nil, false
	}
	key := make([]byte, 32)
	cipher.NewCBCDecrypter(block, make([]byte, 16)).CryptBlocks(key, []byte(userKey[:32]))
	return key, true
}

// hash256 is the hash of the empty password with a salt (7.6.4.3.4, algorithm
// 2.B; revision 5 is SHA-256 alone).
func hash256(salt []byte, revision int) []byte {
	sum := sha256.Sum256(salt)
	k := sum[:]
	if revision < 6 {
		return k
	}
	for round := 0; ; round++ {
		k1 := bytes.Repeat(k, 64)
		block, err := aes.NewCipher(k[:16])
		if err != nil {
			return nil
		}
		e := make([]byte, len(k1))
		cipher.NewCBCEncrypter(block, k[16:32]).CryptBlocks(e, k1)
		rest := 0
		for _, c := range e[:16] {
			rest += int(c)
		}
		switch rest % 3 {
		case 0:
			s := sha256.Sum256(e)
			k = s[:]
		case 1:
			s := sha512.Sum384(e)
			k = s[:]
		default:
			s := sha512.Sum512(e)
			k = s[:]
		}
		if round >= 63 && int(e[len(e)-1]) <= round-32 {
			return k[:32]
		}
	}
}

// strings decrypts the strings in an object.
func (c *pdfCrypt) strings(v any, number int) any {
	if c == nil || c.none {
		return v
	}
	switch v := v.(type) {
	case pdfString:
		return pdfString(c.open([]byte(v), number))
	case []any:
		for i := range v {
			v[i] = c.strings(v[i], number)
		}
	case pdfDict:
		for k := range v {
			v[k] = c.strings(v[k], number)
		}
	}
	return v
}

// stream is what a stream holds, decrypted.
func (c *pdfCrypt) stream(s *pdfStream) []byte {
	if c == nil || c.none || s.number == 0 || s.dict["Type"] == pdfName("XRef") {
		return s.raw
	}
	return c.open(s.raw, s.number)
}

// open decrypts what belongs to an object (7.6.3).
func (c *pdfCrypt) open(b []byte, number int) []byte {
	key := c.key
	if !c.perFile {
		salted := slices.Concat(c.key, []byte{byte(number), byte(number >> 8), byte(number >> 16), 0, 0})
		if c.aes {
			salted = append(salted, "sAlT"...)
		}
		sum := md5.Sum(salted)
		key = sum[:min(16, len(c.key)+5)]
	}
	if !c.aes {
		return rc4Of(key, b)
	}
	if len(b) < 32 || len(b)%16 != 0 {
		return nil
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil
	}
	out := make([]byte, len(b)-16)
	cipher.NewCBCDecrypter(block, b[:16]).CryptBlocks(out, b[16:])
	if n := int(out[len(out)-1]); n >= 1 && n <= 16 {
		out = out[:len(out)-n]
	}
	return out
}

// rc4Of is RC4; old PDFs know nothing better.
func rc4Of(key, b []byte) []byte {
	c, err := rc4.NewCipher(key)
	if err != nil {
		return nil
	}
	out := make([]byte, len(b))
	c.XORKeyStream(out, b)
	return out
}
