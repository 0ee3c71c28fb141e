// Package outbox is what people can do with mail that belay has: look at it,
// stop it, send it now, let it wait longer, have it back as a draft, let
// everything pass for a while. Pages and API stand on it, so that both check
// the same things and answer the same. It keeps nothing itself.
package outbox
