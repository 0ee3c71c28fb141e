// Package history remembers who writes to whom about what. So far it keeps two
// things: the mail that the observe listener is shown, so that learning can begin
// with it (observed.go), and what people said is right and need not be asked
// again (right.go). It relays nothing and decides nothing.
package history
