// Package db owns how SQL runs, not what it says: connections, dialects,
// migrations, snapshots for reading, and group commit for writing. Each room
// keeps its own statements and its own migration files here.
//
// Statements are written once for both databases: $1 placeholders, BLOB and
// bytea as []byte, booleans as 0 and 1, times as UTC microseconds in 64 bits
// (Micros, Time), JSON as text. Where the two must differ, Tx.Dialect tells.
package db
