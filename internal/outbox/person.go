package outbox

import "belay/internal/access"

// Person is who asks for something.
type Person struct {
	// Name is who it was, for the record: an address, a token's name, whoever
	// owns the socket.
	Name string
	// Is is what they are to belay as a whole: access.Admin, Operator, Reader.
	// The zero value is nothing: then only the addresses count.
	Is access.Relation
	// Addresses are those that they proved to be theirs, the main one first.
	Addresses []string
}
