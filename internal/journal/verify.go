package journal

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"belay/internal/db"
	"belay/internal/mail"
)

// Kind says what is wrong with the journal.
type Kind string

const (
	Changed Kind = "changed"   // an entry is not what it was
	Missing Kind = "missing"   // an entry is not there any more
	Moved   Kind = "reordered" // an entry stands in another one's place
	Added   Kind = "added"     // an entry was put in afterwards
	CutOff  Kind = "cut-off"   // the end of the chain is not there any more
	Broken  Kind = "broken"    // a block is missing, changed or not signed by us
)

// Problem is one thing that Verify found.
type Problem struct {
	Kind    Kind    `json:"kind"`
	Block   int64   `json:"block,omitempty"`
	Entry   int64   `json:"entry,omitempty"`
	Message mail.ID `json:"message,omitzero"`
	Text    string  `json:"text"`
}

// maxProblems bounds the report; Report.More counts the others.
const maxProblems = 1000

// Report is what Verify found.
type Report struct {
	Blocks   int64     `json:"blocks"`
	Entries  int64     `json:"entries"`
	Unsealed int64     `json:"unsealed"` // entries too new to be in a block
	Until    time.Time `json:"until"`    // when the newest block was made
	Problems []Problem `json:"problems"`
	More     int       `json:"more,omitempty"`
}

// OK tells whether the journal is whole.
func (r *Report) OK() bool { return len(r.Problems) == 0 }

func (r *Report) found(p Problem) {
	if len(r.Problems) == maxProblems {
		r.More++
		return
	}
	r.Problems = append(r.Problems, p)
}

// verification is one run of Verify.
type verification struct {
	j      *Journal
	q      db.Tx
	report *Report
	sealed bitmap // numbers of the entries that blocks have
	last   block  // the block before, without entries
	head   *head
}

// Verify reads the whole journal in one snapshot and checks every entry and
// block. The error is about reading; what is wrong stands in the report.
func (j *Journal) Verify(ctx context.Context) (Report, error) {
	head, err := j.readHead()
	if err != nil {
		return Report{}, err
	}
	var report Report
	err = j.db.Read(ctx, func(q db.Tx) error {
		report = Report{Problems: []Problem{}}
		v := &verification{j: j, q: q, report: &report, sealed: bitmap{}, head: head}
		return v.run(ctx)
	})
	if err != nil {
		return report, fmt.Errorf("verify the journal: %w", err)
	}
	return report, nil
}

func (v *verification) run(ctx context.Context) error {
	for {
		blocks, err := v.blocks(ctx)
		if err != nil {
			return err
		}
		if len(blocks) == 0 {
			break
		}
		for i := range blocks {
			v.checkBlock(&blocks[i])
			if err := v.checkEntries(ctx, &blocks[i]); err != nil {
				return err
			}
			v.last = blocks[i]
			v.last.entries = nil
		}
	}
	v.report.Until = db.Time(v.last.at)
	v.checkHead()
	return v.checkRest(ctx)
}

// blocks reads the next blocks of the chain.
func (v *verification) blocks(ctx context.Context) ([]block, error) {
	rows, err := v.q.Query(ctx, sqlBlocks, v.last.number, 16)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var blocks []block
	for rows.Next() {
		var b block
		if err := b.scan(rows); err != nil {
			return nil, err
		}
		blocks = append(blocks, b)
	}
	return blocks, rows.Err()
}

// checkBlock checks a block's own hash, signature and place in the chain.
func (v *verification) checkBlock(b *block) {
	v.report.Blocks++
	broken := func(text string) { v.report.found(Problem{Kind: Broken, Block: b.number, Text: text}) }
	switch {
	case b.number != v.last.number+1:
		broken(fmt.Sprintf("blocks %d to %d are missing", v.last.number+1, b.number-1))
	case !bytes.Equal(b.previous, v.last.hash):
		broken(fmt.Sprintf("block %d does not follow block %d: one of them was exchanged", b.number, v.last.number))
	}
	if !bytes.Equal(b.sum(), b.hash) {
		broken(fmt.Sprintf("block %d was changed", b.number))
	} else if !v.j.keys.CheckSignature(b.signature, b.hash) {
		broken(fmt.Sprintf("block %d is not signed with this installation's key", b.number))
	}
	if v.head != nil && v.head.Block == b.number && !bytes.Equal(v.head.Hash, b.hash) {
		broken(fmt.Sprintf("block %d is another one than was sealed", b.number))
	}
}

// entry is one entry as a block has it.
type entry struct {
	seq  int64
	hash []byte
}

// checkEntries compares the entries of a block with the rows.
func (v *verification) checkEntries(ctx context.Context, b *block) error {
	var list []entry
	if err := seqs(b.entries, func(seq int64, hash []byte) { list = append(list, entry{seq, hash}) }); err != nil {
		return nil // the block's hash does not fit either: it has been reported
	}
	v.report.Entries += int64(len(list))
	slices.SortFunc(list, func(a, b entry) int { return int(a.seq - b.seq) })
	var wrong []stored
	for len(list) > 0 {
		n := 1
		for n < len(list) && list[n].seq == list[n-1].seq+1 {
			n++
		}
		bad, err := v.checkRun(ctx, b, list[:n])
		if err != nil {
			return err
		}
		wrong = append(wrong, bad...)
		list = list[n:]
	}
	v.blame(b, wrong)
	return nil
}

// checkRun compares entries whose numbers follow each other. It reports the
// missing ones and gives the rows that differ.
func (v *verification) checkRun(ctx context.Context, b *block, list []entry) (wrong []stored, err error) {
	first, last := list[0].seq, list[len(list)-1].seq
	rows, err := v.q.Query(ctx, sqlRange, first, last)
	if err != nil {
		return nil, err
	}
	missing := func(e entry) {
		v.report.found(Problem{Kind: Missing, Block: b.number, Entry: e.seq, Text: fmt.Sprintf("entry %d is missing", e.seq)})
	}
	err = each(rows, func(s *stored) error {
		for len(list) > 0 && list[0].seq < s.seq {
			missing(list[0])
			list = list[1:]
		}
		if len(list) == 0 || list[0].seq != s.seq {
			return nil // several rows of one number: the others show as added
		}
		v.sealed.set(s.seq)
		if hash := placed(s.seq, s.digest()); !bytes.Equal(hash[:], list[0].hash) {
			wrong = append(wrong, *s)
		} else {
			v.checkPersonal(b, s)
		}
		list = list[1:]
		return nil
	})
	for _, e := range list {
		missing(e)
	}
	return wrong, err
}

// checkPersonal compares the personal values with their hashes. Absent ones
// were erased; that is allowed.
func (v *verification) checkPersonal(b *block, s *stored) {
	var c content
	secrets, err := s.secrets()
	if err == nil {
		err = json.Unmarshal(s.content, &c)
	}
	whole := err == nil
	for name, secret := range secrets {
		whole = whole && bytes.Equal(commit(name, secret.Value, secret.Salt), c.Hidden[name])
	}
	if !whole {
		v.problem(Changed, b, s, "a personal value of entry %d was changed", s.seq)
	}
}

// blame says of the rows that differ whether they were changed, or stand in
// each other's places.
func (v *verification) blame(b *block, wrong []stored) {
	digests := make(map[[sha256.Size]byte]*stored, len(wrong))
	for i := range wrong {
		digests[wrong[i].digest()] = &wrong[i]
	}
	hashes := map[int64][]byte{}
	seqs(b.entries, func(seq int64, hash []byte) { hashes[seq] = hash })
	for i := range wrong {
		seq, from := wrong[i].seq, int64(0)
		for digest, other := range digests {
			if hash := placed(seq, digest); bytes.Equal(hash[:], hashes[seq]) {
				from = other.seq
				break
			}
		}
		if from != 0 {
			v.problem(Moved, b, &wrong[i], "entries were reordered: what was entry %d stands at %d", seq, from)
		} else {
			v.problem(Changed, b, &wrong[i], "entry %d was changed", seq)
		}
	}
}

func (v *verification) problem(kind Kind, b *block, s *stored, format string, args ...any) {
	p := Problem{Kind: kind, Block: b.number, Entry: s.seq, Text: fmt.Sprintf(format, args...)}
	if len(s.message) == len(p.Message) {
		p.Message = mail.ID(s.message)
	}
	v.report.found(p)
}

// checkHead compares the chain's end with what the head file knows.
func (v *verification) checkHead() {
	h := v.head
	if h == nil {
		return
	}
	if !v.j.keys.CheckSignature(h.Signature, h.Hash) {
		v.report.found(Problem{Kind: Broken, Text: "the file with the journal's head is not signed with this installation's key"})
	}
	if h.Block > v.last.number {
		v.report.found(Problem{Kind: CutOff, Block: v.last.number + 1, Text: fmt.Sprintf(
			"the journal was cut off: it ends with block %d, but block %d had been sealed", v.last.number, h.Block)})
	}
}

// checkRest looks for rows that no block has although it should, and counts
// those that are too new.
func (v *verification) checkRest(ctx context.Context) error {
	rows, err := v.q.Query(ctx, sqlSeqs, v.last.low)
	if err != nil {
		return err
	}
	defer rows.Close()
	before := int64(-1)
	for rows.Next() {
		var seq int64
		if err := rows.Scan(&seq); err != nil {
			return err
		}
		if !v.sealed.has(seq) || seq == before {
			v.report.found(Problem{Kind: Added, Entry: seq, Text: fmt.Sprintf("entry %d was added afterwards", seq)})
		}
		before = seq
	}
	if err := rows.Err(); err != nil {
		return err
	}
	var open int64
	if err := v.q.QueryRow(ctx, sqlCount, v.last.low).Scan(&open); err != nil {
		return err
	}
	v.report.Unsealed = open - v.sealed.from(v.last.low)
	return nil
}

// bitmap is a set of entry numbers: a bit for each.
type bitmap map[int64]uint64

func (m bitmap) set(n int64)      { m[n>>6] |= 1 << (n & 63) }
func (m bitmap) has(n int64) bool { return m[n>>6]&(1<<(n&63)) != 0 }

// from counts the members that are not below n.
func (m bitmap) from(n int64) (count int64) {
	for word, bits := range m {
		if word < n>>6 {
			continue
		}
		for i := range int64(64) {
			if bits&(1<<i) != 0 && word<<6+i >= n {
				count++
			}
		}
	}
	return count
}
