package expect

import (
	_ "embed"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math"
	"slices"
	"strings"
	"sync"

	"belay/internal/boost"
)

// How models stand in bytes.
const (
	modelMark    = "belay model"
	modelVersion = 2
)

// Errors of [DecodeModel].
var (
	// ErrBroken: no Encode of this package made these bytes.
	ErrBroken = errors.New("broken or cut off")
	// ErrOther: the model looks at other things than this version of belay does.
	ErrOther = errors.New("made for another version of belay")
)

//go:embed weights.bin
var weights []byte

// Shipped is the model that belay brings along; nil where the weights were made
// for other columns than there are, which a test sees to.
var Shipped = sync.OnceValue(func() *Model {
	m, err := DecodeModel(weights)
	if err != nil {
		return nil
	}
	return m
})

// columnsVersion rises when a column means something else under the same name.
const columnsVersion = "2"

// columnsMark stands for which columns there are, in which order.
var columnsMark = sync.OnceValue(func() uint32 {
	return crc32.ChecksumIEEE([]byte(strings.Join(slices.Concat(Names(), []string{columnsVersion}, InsteadNames()), "\n")))
})

// Encode gives the model as bytes.
func (m *Model) Encode() []byte {
	b := append([]byte(modelMark), modelVersion)
	b = binary.LittleEndian.AppendUint32(b, columnsMark())
	for _, v := range slices.Concat(m.Fit, m.Instead, []float64{m.Threshold}) {
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
	}
	for _, part := range [][]byte{encodeTrees(m.Trees), encodeTrees(m.More), encodeTrees(m.Which), m.Calibration.Encode()} {
		b = append(binary.AppendUvarint(b, uint64(len(part))), part...)
	}
	return binary.LittleEndian.AppendUint32(b, crc32.ChecksumIEEE(b))
}

// encodeTrees gives nothing where there are none.
func encodeTrees(m *boost.Model) []byte {
	if m == nil {
		return nil
	}
	return m.Encode()
}

// DecodeModel reads what Encode gave. Other bytes give an error that wraps
// [ErrBroken], a model of other columns one that wraps [ErrOther].
func DecodeModel(b []byte) (*Model, error) {
	head := len(modelMark) + 5
	if len(b) < head+4 || string(b[:len(modelMark)]) != modelMark {
		return nil, fmt.Errorf("decode model: %w", ErrBroken)
	}
	body := b[:len(b)-4]
	if crc32.ChecksumIEEE(body) != binary.LittleEndian.Uint32(b[len(body):]) {
		return nil, fmt.Errorf("decode model: the checksum does not fit: %w", ErrBroken)
	}
	if v := b[len(modelMark)]; v != modelVersion || binary.LittleEndian.Uint32(b[head-4:]) != columnsMark() {
		return nil, fmt.Errorf("decode model: %w", ErrOther)
	}
	d := &modelReader{b: body[head:]}
	m := &Model{Fit: d.floats(FitColumns), Instead: d.floats(InsteadColumns), Threshold: d.floats(1)[0]}
	d.check(m.Threshold > 0 && m.Threshold < 1)
	trees, more, which, calibration := d.part(), d.part(), d.part(), d.part()
	d.check(len(d.b) == 0)
	if d.broken {
		return nil, fmt.Errorf("decode model: %w", ErrBroken)
	}
	var errs [4]error
	m.Trees, errs[0] = boost.Decode(trees)
	if len(more) > 0 {
		m.More, errs[1] = boost.Decode(more)
	}
	if len(which) > 0 {
		m.Which, errs[3] = boost.Decode(which)
	}
	m.Calibration, errs[2] = boost.DecodeCalibration(calibration)
	if err := errors.Join(errs[:]...); err != nil {
		return nil, fmt.Errorf("decode model: %w: %w", ErrBroken, err)
	}
	if m.Trees.Columns() != SuspectColumns || m.More != nil && m.More.Columns() != SuspectColumns ||
		m.Which != nil && m.Which.Columns() != WhichColumns {
		return nil, fmt.Errorf("decode model: %w", ErrBroken)
	}
	return m, nil
}

// modelReader reads until something does not fit; from then on it is broken.
type modelReader struct {
	b      []byte
	broken bool
}

func (d *modelReader) check(ok bool) {
	if !ok {
		d.broken, d.b = true, nil
	}
}

// floats reads n finite numbers.
func (d *modelReader) floats(n int) []float64 {
	list := make([]float64, n)
	if len(d.b) < 8*n {
		d.check(false)
		return list
	}
	for i := range list {
		list[i] = math.Float64frombits(binary.LittleEndian.Uint64(d.b[8*i:]))
	}
	d.b = d.b[8*n:]
	d.check(!slices.ContainsFunc(list, func(v float64) bool { return math.IsNaN(v) || math.IsInf(v, 0) }))
	return list
}

// part reads bytes that say how many they are.
func (d *modelReader) part() []byte {
	n, size := binary.Uvarint(d.b)
	if size <= 0 || n > uint64(len(d.b)-size) {
		d.check(false)
		return nil
	}
	part := d.b[size : size+int(n)]
	d.b = d.b[size+int(n):]
	return part
}
