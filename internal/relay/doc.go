// Package relay sends mail on. It takes what is due from the queue, hands it
// to the upstream servers through package client, decides what each answer
// means for each delivery (sent, tried again, failed) and writes the notices
// that follow from it through package dsn.
//
// Which promise is kept where: P2 in attempt.go (the fence), P3 in outcome.go
// and notices.go, P4 in fit.go, P5 in upstream.go (our own greeting).
package relay
