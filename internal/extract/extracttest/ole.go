package extracttest

import (
	"encoding/binary"
	"slices"
	"unicode/utf16"
)

// Stream is one in a compound file.
type Stream struct {
	Name string
	Data []byte
}

// Marks of the sector table ([MS-CFB] 2.1).
const (
	endOfChain = 0xfffffffe
	fatSector  = 0xfffffffd
	freeSector = 0xffffffff
	sectorSize = 512
)

// OLE makes a compound file of version 3. Its streams are filled with zero
// octets up to 4,096, so that none stands in the small sectors.
func OLE(streams ...Stream) []byte {
	var table []uint32
	var body []byte
	begins := make([]uint32, len(streams))
	sizes := make([]uint32, len(streams))
	put := func(data []byte) uint32 {
		begin := uint32(len(table))
		n := max(1, (len(data)+sectorSize-1)/sectorSize)
		for i := range n {
			next := uint32(len(table) + 1)
			if i == n-1 {
				next = endOfChain
			}
			table = append(table, next)
		}
		body = append(body, data...)
		body = append(body, make([]byte, n*sectorSize-len(data))...)
		return begin
	}
	for i, s := range streams {
		data := s.Data
		if len(data) < 4096 {
			data = slices.Concat(data, make([]byte, 4096-len(data)))
		}
		begins[i], sizes[i] = put(data), uint32(len(data))
	}
	directory := oleEntry("Root Entry", 5, 1, endOfChain, 0, freeSector)
	for i, s := range streams {
		right := uint32(i + 2) // a list is a tree too
		if i == len(streams)-1 {
			right = freeSector
		}
		directory = append(directory, oleEntry(s.Name, 2, freeSector, begins[i], sizes[i], right)...)
	}
	for len(directory)%sectorSize != 0 {
		directory = append(directory, make([]byte, 128)...)
	}
	at := put(directory)
	return oleFile(table, body, at)
}

// oleFile adds the sector table and the header.
func oleFile(table []uint32, body []byte, directory uint32) []byte {
	n := 1
	for (len(table)+n+127)/128 > n {
		n++
	}
	first := uint32(len(table))
	for range n {
		table = append(table, fatSector)
	}
	for len(table)%128 != 0 {
		table = append(table, freeSector)
	}
	for _, v := range table {
		body = binary.LittleEndian.AppendUint32(body, v)
	}
	h := make([]byte, 0, sectorSize)
	h = append(h, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"...)
	h = append(h, make([]byte, 16)...)
	for _, v := range []uint16{0x3e, 3, 0xfffe, 9, 6, 0, 0, 0} {
		h = binary.LittleEndian.AppendUint16(h, v)
	}
	for _, v := range []uint32{0, uint32(n), directory, 0, 4096, endOfChain, 0, endOfChain, 0} {
		h = binary.LittleEndian.AppendUint32(h, v)
	}
	for i := range 109 {
		v := uint32(freeSector)
		if i < n {
			v = first + uint32(i)
		}
		h = binary.LittleEndian.AppendUint32(h, v)
	}
	return append(h, body...)
}

// oleEntry is one of the directory ([MS-CFB] 2.6.1).
func oleEntry(name string, kind byte, child, begin, size, right uint32) []byte {
	e := make([]byte, 128)
	units := utf16.Encode([]rune(name))
	for i, u := range units {
		binary.LittleEndian.PutUint16(e[2*i:], u)
	}
	binary.LittleEndian.PutUint16(e[64:], uint16(2*len(units)+2))
	e[66], e[67] = kind, 1
	binary.LittleEndian.PutUint32(e[68:], freeSector)
	binary.LittleEndian.PutUint32(e[72:], right)
	binary.LittleEndian.PutUint32(e[76:], child)
	binary.LittleEndian.PutUint32(e[116:], begin)
	binary.LittleEndian.PutUint32(e[120:], size)
	return e
}
