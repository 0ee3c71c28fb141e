package peers

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"os/exec"
	"strings"
	"time"
)

// Until asks again and again, a hundred times a second, until done says yes.
// It is for what gives no sign of itself: a file that another program writes,
// a state behind an API.
func Until(limit time.Duration, done func() bool) bool {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(limit); time.Now().Before(deadline); <-tick.C {
		if done() {
			return true
		}
	}
	return done()
}

// answers waits until an SMTP server greets with 220.
func answers(addr string, limit time.Duration) error {
	var last error
	ok := Until(limit, func() bool {
		c, err := net.DialTimeout("tcp", addr, time.Second)
		if err != nil {
			last = err
			return false
		}
		defer c.Close()
		c.SetDeadline(time.Now().Add(5 * time.Second))
		line, err := bufio.NewReader(c).ReadString('\n')
		if err != nil || !strings.HasPrefix(line, "220") {
			last = fmt.Errorf("greeting %q: %v", line, err)
			return false
		}
		fmt.Fprint(c, "QUIT\r\n")
		return true
	})
	if !ok {
		return fmt.Errorf("%s does not answer within %s: %w", addr, limit, last)
	}
	return nil
}

// command runs a program and gives its output and exit code; only a program
// that could not be run at all is an error.
func command(name string, args ...string) (output string, code int, err error) {
	cmd := exec.Command(name, args...)
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return string(out), exit.ExitCode(), nil
	}
	if err != nil {
		return string(out), -1, err
	}
	return string(out), 0, nil
}
