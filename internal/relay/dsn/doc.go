// Package dsn writes delivery status notifications (RFC 3464, 3461, 6522,
// 6533): a mail with a text for people, one part for programs, and the message
// it is about or its header.
//
// It decides neither whether one is due nor to whom; it reads no database and
// sends nothing.
package dsn
