package mail

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"hash/fnv"
	"time"
)

// Buckets is how many buckets an installation's mail is spread over. It is
// fixed at creation: ids carry their bucket.
const Buckets = 1024

// ID names a message: a UUIDv7 (RFC 9562 §5.7, milliseconds of UTC in front)
// whose last ten bits are the bucket of its author.
type ID [16]byte

// NewID makes the id of a message that arrived at now and lives in bucket
// (0 … Buckets-1).
func NewID(now time.Time, bucket int) ID {
	var id ID
	rand.Read(id[6:]) // never fails: it crashes the program instead (crypto/rand)
	ms := uint64(now.UnixMilli())
	for i := range 6 {
		id[i] = byte(ms >> (40 - 8*i))
	}
	// The twelve bits behind the milliseconds are the fraction of the
	// millisecond, so that ids of one node sort by arrival (§6.2, method 3).
	fraction := uint16(uint64(now.Nanosecond()%1e6) * 4096 / 1e6)
	id[6] = 0x70 | byte(fraction>>8)
	id[7] = byte(fraction)
	id[8] = id[8]&0x3f | 0x80
	id[14] = id[14]&^3 | byte(bucket>>8)&3
	id[15] = byte(bucket)
	return id
}

// ParseID reads the usual text form (36 characters, any case).
func ParseID(s string) (ID, error) {
	var id ID
	if len(s) != 36 || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return id, fmt.Errorf("%q is no message id: want 8-4-4-4-12 hexadecimal digits", s)
	}
	digits := s[:8] + s[9:13] + s[14:18] + s[19:23] + s[24:]
	if _, err := hex.Decode(id[:], []byte(digits)); err != nil {
		return ID{}, fmt.Errorf("%q is no message id: %w", s, err)
	}
	return id, nil
}

// String gives the usual text form, lower case.
func (id ID) String() string {
	var b [36]byte
	hex.Encode(b[:8], id[:4])
	hex.Encode(b[9:13], id[4:6])
	hex.Encode(b[14:18], id[6:8])
	hex.Encode(b[19:23], id[8:10])
	hex.Encode(b[24:], id[10:])
	b[8], b[13], b[18], b[23] = '-', '-', '-', '-'
	return string(b[:])
}

// MarshalText and UnmarshalText let an id stand in JSON as its text form.
func (id ID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

func (id *ID) UnmarshalText(text []byte) (err error) {
	*id, err = ParseID(string(text))
	return err
}

// IsZero tells whether the id names nothing.
func (id ID) IsZero() bool { return id == ID{} }

// Bucket is the bucket the message lives in.
func (id ID) Bucket() int { return int(id[14]&3)<<8 | int(id[15]) }

// Time is when the id was made, to the millisecond, in UTC.
func (id ID) Time() time.Time {
	var ms int64
	for _, b := range id[:6] {
		ms = ms<<8 | int64(b)
	}
	return time.UnixMilli(ms).UTC()
}

// BucketOf is the bucket of an author's mailbox (an address in the form that
// Key gives).
func BucketOf(author string) int {
	h := fnv.New32a()
	h.Write([]byte(author))
	sum := h.Sum32()
	return int((sum ^ sum>>16) % Buckets)
}
