// Package outbox is what people can do with mail that belay has: look at it,
// stop it, send it now, let it wait longer, have it back as a draft, answer what
// it asks (answer.go), say that it is right and need not be asked again
// (right.go), let everything pass for a while. Who may do what it asks the table
// of package access (person.go). Pages and API stand on it, so that both check
// the same things and answer the same. It keeps nothing itself.
package outbox
