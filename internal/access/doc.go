// Package access knows who may do what: accounts and their passwords, the
// addresses that each may write as, and the tokens of programs; and, in one table
// (rights.go), what each of the people around a mail may do to it. Pages, API,
// command line and mail all ask that table.
//
// Accounts and tokens live in text files that people can read and edit while
// belay runs: a change is seen at the next use, a file with a mistake is refused
// and the last good one stays. Neither file holds a secret that could be used:
// passwords as argon2id (RFC 9106), tokens as SHA-256 of 256 random bits.
package access
