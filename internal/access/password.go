package access

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/secure/precis"
)

// cost is how dear one guess is. 19 MiB and two passes are what OWASP asks for
// of argon2id; with a few sign-ins at once this stays within a small machine.
type cost struct {
	memory  uint32 // KiB
	passes  uint32
	threads uint8
}

var defaultCost = cost{memory: 19 << 10, passes: 2, threads: 1}

// maxPassword is the longest password in octets.
const maxPassword = 1024

// hash is a stored password.
type hash struct {
	cost
	salt, key []byte
}

var base64NoPad = base64.RawStdEncoding.Strict()

// newHash hashes a password with a fresh salt.
func newHash(password string, c cost) hash {
	h := hash{cost: c, salt: make([]byte, 16)}
	rand.Read(h.salt) // never fails (crypto/rand)
	h.key = argon2.IDKey([]byte(prepare(password)), h.salt, c.passes, c.memory, c.threads, 32)
	return h
}

// matches takes as long as the cost says, whatever the answer.
func (h hash) matches(password string) bool {
	key := argon2.IDKey([]byte(prepare(password)), h.salt, h.passes, h.memory, h.threads, uint32(len(h.key)))
	return subtle.ConstantTimeCompare(key, h.key) == 1
}

// prepare makes the same letters the same bytes, whatever keyboard they came
// from (RFC 8265 §4.2). What that refuses is taken as it is.
func prepare(password string) string {
	if p, err := precis.OpaqueString.String(password); err == nil {
		return p
	}
	return password
}

// String is the PHC form: $argon2id$v=19$m=…,t=…,p=…$salt$key.
func (h hash) String() string {
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, h.memory, h.passes, h.threads,
		base64NoPad.EncodeToString(h.salt), base64NoPad.EncodeToString(h.key))
}

// parseHash reads what String writes. Costs are bounded, so that a line of the
// file cannot stop the service.
func parseHash(s string) (h hash, err error) {
	parts := strings.Split(s, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" {
		return h, errors.New(`the password is no argon2id hash ("belay user password" writes one)`)
	}
	if parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return h, fmt.Errorf("argon2 version %q is not known, only v=%d", parts[2], argon2.Version)
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &h.memory, &h.passes, &h.threads); err != nil {
		return h, fmt.Errorf("argon2 parameters %q: want m=…,t=…,p=…", parts[3])
	}
	if h.memory < 8 || h.memory > 1<<20 || h.passes < 1 || h.passes > 16 || h.threads < 1 || h.threads > 16 {
		return h, fmt.Errorf("argon2 parameters %q: want m=8…1048576 (KiB), t=1…16, p=1…16", parts[3])
	}
	if h.salt, err = base64NoPad.DecodeString(parts[4]); err != nil || len(h.salt) < 8 || len(h.salt) > 64 {
		return h, errors.New("the salt of the password is not 8 to 64 octets of base64")
	}
	if h.key, err = base64NoPad.DecodeString(parts[5]); err != nil || len(h.key) < 16 || len(h.key) > 64 {
		return h, errors.New("the hash of the password is not 16 to 64 octets of base64")
	}
	return h, nil
}
