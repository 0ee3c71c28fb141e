package peers

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"sync"
)

// Root is the directory of go.mod, found from the working directory upwards.
var Root = sync.OnceValues(func() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		if filepath.Dir(dir) == dir {
			return "", errors.New("no go.mod above the working directory: run this inside the repository")
		}
		dir = filepath.Dir(dir)
	}
})

// FreePort is a loopback TCP port that nobody listened on a moment ago. Ports
// are not given out twice in one process.
func FreePort() (int, error) {
	ports.Lock()
	defer ports.Unlock()
	for range 100 {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return 0, fmt.Errorf("find a free port: %w", err)
		}
		port := l.Addr().(*net.TCPAddr).Port
		l.Close()
		if !ports.given[port] {
			ports.given[port] = true
			return port, nil
		}
	}
	return 0, errors.New("find a free port: the system gave the same ones again and again")
}

var ports = struct {
	sync.Mutex
	given map[int]bool
}{given: map[int]bool{}}
