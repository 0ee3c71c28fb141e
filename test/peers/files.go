package peers

import (
	"errors"
	"math/rand/v2"
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

// FreePort is a loopback TCP port that nobody listened on a moment ago. It is
// below those that the system gives to outgoing connections: a server that is
// killed and started again finds it free. Ports are not given out twice in one
// process.
func FreePort() (int, error) {
	ports.Lock()
	defer ports.Unlock()
	for range 1000 {
		port := 12000 + rand.IntN(20000)
		if ports.given[port] {
			continue
		}
		l, err := net.Listen("tcp", addr(port))
		if err != nil {
			continue
		}
		l.Close()
		ports.given[port] = true
		return port, nil
	}
	return 0, errors.New("find a free port: a thousand from 12000 to 31999 are taken")
}

var ports = struct {
	sync.Mutex
	given map[int]bool
}{given: map[int]bool{}}
