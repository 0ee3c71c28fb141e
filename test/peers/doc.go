// Package peers starts the programs that belay is tested against, and belay
// itself from outside: private Postfix instances on loopback ports, belay's
// binary with a configuration of the test's own, swaks, an SMTP client that
// speaks line by line. Everything lives in directories of the test and ends
// with it; nothing of a Postfix that runs on the machine is touched.
package peers
