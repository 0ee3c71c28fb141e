// Package client is the sending half of SMTP (RFC 5321): it opens a session
// (TLS, EHLO, AUTH), hands over messages without changing an octet but for dot
// stuffing, and says for every recipient what the server answered, or that
// nobody can know.
//
// It decides nothing: which server, when, and what a refusal means is relay's.
package client
