package peers

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// Build compiles belay once per process and gives the binary's path. The file
// lies in the repository's bin folder, which is not committed. BELAY_BINARY
// names another one, to be tested as it is.
var Build = sync.OnceValues(func() (string, error) {
	if binary := os.Getenv("BELAY_BINARY"); binary != "" {
		return binary, nil
	}
	root, err := Root()
	if err != nil {
		return "", err
	}
	binary := filepath.Join(root, "bin", "belay-under-test")
	if err := os.MkdirAll(filepath.Dir(binary), 0o755); err != nil {
		return "", err
	}
	// Another package's tests may start the file while these are built: it is
	// replaced in one step.
	fresh := fmt.Sprintf("%s-%d", binary, os.Getpid())
	cmd := exec.Command("go", "build", "-o", fresh, "./cmd/belay")
	cmd.Dir = root
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build belay: %w\n%s", err, out)
	}
	if err := os.Rename(fresh, binary); err != nil {
		return "", err
	}
	return binary, nil
})

// Belay is one node, seen from outside.
type Belay struct {
	Dir    string // holds belay.yaml, data, log
	Config Config
	// Wrap goes in front of the command line, such as strace.
	Wrap []string
	// Env is added to the environment.
	Env []string

	cmd  *exec.Cmd
	log  *os.File
	done chan struct{} // closed when the process has ended
	err  error
	http *http.Client
}

// NewBelay writes the configuration into dir without starting anything.
func NewBelay(dir string, c Config) (*Belay, error) {
	if err := c.complete(dir); err != nil {
		return nil, err
	}
	b := &Belay{Dir: dir, Config: c}
	socket := filepath.Join(c.Data, "belay.sock")
	b.http = &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			var d net.Dialer
			return d.DialContext(ctx, "unix", socket)
		},
	}}
	return b, b.WriteConfig()
}

// File is the configuration file.
func (b *Belay) File() string { return filepath.Join(b.Dir, "belay.yaml") }

// PeopleFile is the file of people that Config.People goes to.
func (b *Belay) PeopleFile() string { return filepath.Join(b.Dir, "people.yaml") }

// WriteConfig writes Config again, after a change, and the people with it.
func (b *Belay) WriteConfig() error {
	if b.Config.People != "" {
		if err := os.WriteFile(b.PeopleFile(), []byte(b.Config.People), 0o600); err != nil {
			return err
		}
	}
	return os.WriteFile(b.File(), []byte(b.Config.YAML()), 0o600)
}

// ShareKeys gives another node the keys of this one, which has run: bodies on a
// shared database are sealed with them.
func (b *Belay) ShareKeys(other *Belay) error {
	source, target := filepath.Join(b.Config.Data, "keys"), filepath.Join(other.Config.Data, "keys")
	if err := os.MkdirAll(target, 0o700); err != nil {
		return err
	}
	files, err := os.ReadDir(source)
	if err != nil {
		return err
	}
	for _, f := range files {
		data, err := os.ReadFile(filepath.Join(source, f.Name()))
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(target, f.Name()), data, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// Launch starts the process and does not wait for it to be ready.
func (b *Belay) Launch() error {
	binary, err := Build()
	if err != nil {
		return err
	}
	if b.log == nil {
		if b.log, err = os.OpenFile(filepath.Join(b.Dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600); err != nil {
			return err
		}
	}
	line := append(append([]string(nil), b.Wrap...), binary, "serve", "--config", b.File())
	cmd := exec.Command(line[0], line[1:]...)
	cmd.Dir = b.Dir
	cmd.Stdout, cmd.Stderr = b.log, b.log
	cmd.Env = append(os.Environ(), b.Env...)
	// Whatever happens to the tests, belay does not outlive them.
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start belay: %w", err)
	}
	done := make(chan struct{})
	b.cmd, b.done = cmd, done
	go func() {
		b.err = cmd.Wait()
		close(done)
	}()
	return nil
}

// Start starts the process and returns once its SMTP ports answer; they are
// opened last.
func (b *Belay) Start() error {
	if err := b.Launch(); err != nil {
		return err
	}
	return b.Ready(30 * time.Second)
}

// Ready waits until the SMTP listeners answer.
func (b *Belay) Ready(limit time.Duration) error {
	var last error
	ok := Until(limit, func() bool {
		select {
		case <-b.done:
			last = fmt.Errorf("it ended: %v", b.err)
			return true
		default:
		}
		for _, addr := range b.Config.open() {
			if last = answers(addr, 500*time.Millisecond); last != nil {
				return false
			}
		}
		return true
	})
	if !ok || last != nil {
		return fmt.Errorf("belay is not ready: %w\n%s", last, b.LogTail(4000))
	}
	return nil
}

// PID is the process's id (strace's where it is wrapped).
func (b *Belay) PID() int { return b.cmd.Process.Pid }

// Signal sends a signal to the process, if there is one.
func (b *Belay) Signal(s syscall.Signal) error {
	if b.cmd == nil {
		return nil
	}
	return b.cmd.Process.Signal(s)
}

// Kill ends it with SIGKILL, wrapper included, and waits until it is gone.
func (b *Belay) Kill() {
	if b.cmd == nil {
		return
	}
	syscall.Kill(-b.cmd.Process.Pid, syscall.SIGKILL)
	<-b.done
}

// Stop ends it with SIGTERM; taking more than 30 s, or an exit code other than
// 0, is an error.
func (b *Belay) Stop() error {
	if b.cmd == nil {
		return nil
	}
	select {
	case <-b.done:
		return nil
	default:
	}
	b.Signal(syscall.SIGTERM)
	select {
	case <-b.done:
		if b.err != nil {
			return fmt.Errorf("belay ended with %w\n%s", b.err, b.LogTail(4000))
		}
		return nil
	case <-time.After(30 * time.Second):
		b.Kill()
		return fmt.Errorf("belay did not stop within 30 s of SIGTERM\n%s", b.LogTail(4000))
	}
}

// Ended is closed when the process has ended.
func (b *Belay) Ended() <-chan struct{} { return b.done }

// Log is all that it logged, over all its starts.
func (b *Belay) Log() string {
	data, _ := os.ReadFile(filepath.Join(b.Dir, "log"))
	return string(data)
}

// LogTail is the last n bytes of the log.
func (b *Belay) LogTail(n int) string {
	log := b.Log()
	return log[max(0, len(log)-n):]
}

// Run runs a belay command against this node and gives its output and exit
// code.
func (b *Belay) Run(args ...string) (stdout, stderr string, code int, err error) {
	binary, err := Build()
	if err != nil {
		return "", "", -1, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, binary, append(args, "--config", b.File())...)
	cmd.Dir, cmd.Env = b.Dir, append(os.Environ(), b.Env...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err = cmd.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return out.String(), errs.String(), exit.ExitCode(), nil
	}
	return out.String(), errs.String(), cmd.ProcessState.ExitCode(), err
}

// HTTP sends a request to the admin socket. body may be nil.
func (b *Belay) HTTP(method, path string, body io.Reader) (*http.Response, error) {
	req, err := http.NewRequest(method, "http://belay"+path, body)
	if err != nil {
		return nil, err
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	return b.http.Do(req)
}

func addr(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }
