//go:build peers

package stories

import "syscall"

const (
	sigcont = syscall.SIGCONT
	sigstop = syscall.SIGSTOP
	sighup  = syscall.SIGHUP
)
