package main

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// profile samples a process with perf while it works, where a directory for it
// was asked for; the function that it gives ends that. Look at the result with
// perf report -i FILE.
func (o *options) profile(c *contestant, phase string) func() {
	if o.profiles == "" {
		return func() {}
	}
	name := strings.ReplaceAll(strings.ToLower(c.name), ", ", "-") + "-" + phase + ".perf"
	cmd := exec.Command("perf", "record", "-q", "-F", "497", "-g", "-o", filepath.Join(o.profiles, name), "-p", strconv.Itoa(c.pid))
	if err := cmd.Start(); err != nil {
		fmt.Println("no profile:", err)
		return func() {}
	}
	return func() {
		cmd.Process.Signal(syscall.SIGINT)
		cmd.Wait()
	}
}
