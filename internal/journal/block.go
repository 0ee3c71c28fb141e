package journal

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"

	"belay/internal/db"
)

// block is a link of the chain. entries holds, for each entry, its seq (8
// octets) and its hash (32).
type block struct {
	number, at, low, first, last       int64
	entries, previous, hash, signature []byte
}

const entrySize = 8 + sha256.Size

// digest is the hash of a row without its place.
func (s *stored) digest() [sha256.Size]byte {
	b := make([]byte, 0, 64+len(s.what)+len(s.content))
	b = append(b, "belay journal entry 1\n"...)
	b = binary.BigEndian.AppendUint16(b, uint16(s.bucket))
	b = append(b, byte(len(s.message)))
	b = append(b, s.message...)
	b = binary.BigEndian.AppendUint64(b, uint64(s.at))
	b = binary.BigEndian.AppendUint32(b, uint32(len(s.what)))
	b = append(b, s.what...)
	b = append(b, s.content...)
	return sha256.Sum256(b)
}

// placed is the hash that the chain holds: of a row at its place.
func placed(seq int64, digest [sha256.Size]byte) [sha256.Size]byte {
	var b [8 + sha256.Size]byte
	binary.BigEndian.PutUint64(b[:], uint64(seq))
	copy(b[8:], digest[:])
	return sha256.Sum256(b[:])
}

// add puts a row into the block.
func (b *block) add(s *stored) {
	if len(b.entries) == 0 || s.seq < b.first {
		b.first = s.seq
	}
	b.last = max(b.last, s.seq)
	hash := placed(s.seq, s.digest())
	b.entries = binary.BigEndian.AppendUint64(b.entries, uint64(s.seq))
	b.entries = append(b.entries, hash[:]...)
}

// sum is the hash of the block, which binds it to the one before.
func (b *block) sum() []byte {
	h := sha256.New()
	h.Write([]byte("belay journal block 1\n"))
	for _, n := range []int64{b.number, b.at, b.low, b.first, b.last} {
		h.Write(binary.BigEndian.AppendUint64(nil, uint64(n)))
	}
	entries := sha256.Sum256(b.entries)
	h.Write(entries[:])
	h.Write(b.previous)
	return h.Sum(nil)
}

// seqs calls f for each entry of a block.
func seqs(entries []byte, f func(seq int64, hash []byte)) error {
	if len(entries)%entrySize != 0 {
		return errors.New("the list of entries is damaged")
	}
	for ; len(entries) > 0; entries = entries[entrySize:] {
		f(int64(binary.BigEndian.Uint64(entries)), entries[8:entrySize])
	}
	return nil
}

func (b *block) scan(row interface{ Scan(...any) error }) error {
	return row.Scan(&b.number, &b.at, &b.low, &b.first, &b.last, &b.entries, &b.previous, &b.hash, &b.signature)
}

// lastBlock gives the newest block; nil where there is none.
func (j *Journal) lastBlock(ctx context.Context) (*block, error) {
	var b *block
	err := j.db.Read(ctx, func(q db.Tx) error {
		b = &block{}
		err := b.scan(q.QueryRow(ctx, sqlLastBlock))
		if errors.Is(err, sql.ErrNoRows) {
			b, err = nil, nil
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the journal's newest block: %w", err)
	}
	return b, nil
}
