// Package history remembers who writes to whom about what. So far it keeps the
// mail that the observe listener is shown, so that learning can begin with it,
// and what people said is right; it relays nothing and decides nothing.
package history
