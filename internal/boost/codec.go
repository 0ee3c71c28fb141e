package boost

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math"
)

// ErrBroken is wrapped by what the decoders give for bytes that no encoder of
// this package made.
var ErrBroken = errors.New("broken or cut off")

// Each kind of thing starts with its own byte, and then its version.
const (
	treesMark       = 'T'
	calibrationMark = 'P'
	choiceMark      = 'C'
	version         = 1
)

// Encode gives the model as bytes: about 8 for each question, 5 for each leaf.
func (m *Model) Encode() []byte {
	b := binary.AppendUvarint([]byte{treesMark, version}, uint64(m.cols))
	b = appendFloat64(b, m.base)
	for _, g := range m.gain {
		b = appendFloat32(b, float32(g))
	}
	b = binary.AppendUvarint(b, uint64(len(m.roots)))
	for i, n := range m.nodes {
		if n.right == 0 {
			b = appendFloat32(append(b, 0), n.at)
			continue
		}
		what := uint64(n.column+1) << 1
		if n.away {
			what |= 1
		}
		b = appendFloat32(binary.AppendUvarint(b, what), n.at)
		b = appendFloat32(b, m.means[i])
	}
	return seal(b)
}

// Decode reads what [Model.Encode] gave. Other bytes give an error that wraps
// [ErrBroken]; it needs no more time and memory than they are long.
func Decode(b []byte) (*Model, error) {
	d, err := unseal(b, treesMark)
	if err != nil {
		return nil, fmt.Errorf("decode trees: %w", err)
	}
	m := &Model{cols: int(min(d.uint(), math.MaxUint16+1)), base: d.float64()}
	if m.cols < 1 || m.cols > math.MaxUint16 || m.cols > len(d.b)/4 {
		return nil, fmt.Errorf("decode trees: %d columns: %w", m.cols, ErrBroken)
	}
	for range m.cols {
		m.gain = append(m.gain, float64(d.float32()))
	}
	for trees := d.uint(); trees > 0 && !d.broken; trees-- {
		d.tree(m)
	}
	if d.broken || len(d.b) > 0 {
		return nil, fmt.Errorf("decode trees: %w", ErrBroken)
	}
	m.settle()
	return m, nil
}

// tree reads a tree in preorder: a right child comes when the left one is whole.
func (d *decoder) tree(m *Model) {
	m.roots = append(m.roots, int32(len(m.nodes)))
	var open []int32 // questions whose right child is to come
	for !d.broken {
		here := int32(len(m.nodes))
		what := d.uint()
		n := node{at: d.bound()}
		if what == 0 {
			d.check(!math.IsInf(float64(n.at), 0))
			m.nodes, m.means = append(m.nodes, n), append(m.means, n.at)
			if len(open) == 0 {
				return
			}
			last := len(open) - 1
			m.nodes[open[last]].right, open = here+1, open[:last]
			continue
		}
		column := what>>1 - 1
		d.check(what > 1 && column < uint64(m.cols))
		n.column, n.away = uint16(column), what&1 == 1
		m.nodes, m.means = append(m.nodes, n), append(m.means, d.float32())
		open = append(open, here)
	}
}

// seal puts a checksum behind the bytes, so that a damaged file is noticed.
func seal(b []byte) []byte {
	return binary.LittleEndian.AppendUint32(b, crc32.ChecksumIEEE(b))
}

func unseal(b []byte, mark byte) (*decoder, error) {
	if len(b) < 6 || b[0] != mark {
		return nil, ErrBroken
	}
	if b[1] != version {
		return nil, fmt.Errorf("version %d is not known, only %d: %w", b[1], version, ErrBroken)
	}
	body := b[:len(b)-4]
	if crc32.ChecksumIEEE(body) != binary.LittleEndian.Uint32(b[len(body):]) {
		return nil, fmt.Errorf("the checksum does not fit: %w", ErrBroken)
	}
	return &decoder{b: body[2:]}, nil
}

func appendFloat64(b []byte, v float64) []byte {
	return binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
}

func appendFloat32(b []byte, v float32) []byte {
	return binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
}

// decoder reads numbers until something does not fit; from then on it is broken
// and gives 0.
type decoder struct {
	b      []byte
	broken bool
}

func (d *decoder) check(ok bool) {
	if !ok {
		d.broken, d.b = true, nil
	}
}

func (d *decoder) uint() uint64 {
	v, n := binary.Uvarint(d.b)
	if n <= 0 {
		d.check(false)
		return 0
	}
	d.b = d.b[n:]
	return v
}

// float64 reads a finite number.
func (d *decoder) float64() float64 {
	if len(d.b) < 8 {
		d.check(false)
		return 0
	}
	v := math.Float64frombits(binary.LittleEndian.Uint64(d.b))
	d.b = d.b[8:]
	d.check(!math.IsNaN(v) && !math.IsInf(v, 0))
	return v
}

// bound reads a number that may be infinite.
func (d *decoder) bound() float32 {
	if len(d.b) < 4 {
		d.check(false)
		return 0
	}
	v := math.Float32frombits(binary.LittleEndian.Uint32(d.b))
	d.b = d.b[4:]
	d.check(!isNaN(v))
	return v
}

// float32 reads a finite number.
func (d *decoder) float32() float32 {
	v := d.bound()
	d.check(!math.IsInf(float64(v), 0))
	return v
}
