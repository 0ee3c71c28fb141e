// Command run runs `go test` and does not let a test go missing quietly: a
// skip that is not listed is a failure, and so is a run in which nothing ran.
//
//	go run ./test/run -skips test/skips.txt -- [go test flags] packages
//
// It prints go test's own line for each package, the whole output of what
// failed, and one summary line at the end.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
)

func main() {
	skips := flag.String("skips", "", "file of the skips that are allowed: name, tab, reason")
	flag.Parse()
	ok, err := run(*skips, flag.Args())
	if err != nil {
		fmt.Fprintln(os.Stderr, "test:", err)
		os.Exit(2)
	}
	if !ok {
		os.Exit(1)
	}
}

func run(skips string, args []string) (bool, error) {
	allowed, err := readSkips(skips)
	if err != nil {
		return false, err
	}
	cmd := exec.Command("go", append([]string{"test", "-json"}, args...)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return false, err
	}
	if err := cmd.Start(); err != nil {
		return false, fmt.Errorf("start go test: %w", err)
	}
	t := newTally(allowed, os.Stdout)
	readErr := t.read(out)
	err = cmd.Wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return false, fmt.Errorf("run go test: %w", err)
	}
	if readErr != nil {
		return false, readErr
	}
	return t.summary() && err == nil, nil
}
