// Package smtptest is an SMTP server for tests: a sink that writes down what
// it is sent, octet by octet, and answers as the test tells it to: any reply
// to any command, extensions taken away, TLS with a certificate of its own,
// slow answers, connections dropped at a chosen point.
//
// It is no mail server: it keeps everything in memory and trusts its peer.
// Nothing outside tests and benchmarks may import it.
package smtptest
