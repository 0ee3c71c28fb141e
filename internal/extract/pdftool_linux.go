package extract

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"time"

	"golang.org/x/sys/unix"
)

// What pdftotext may use. A large book needs 60 MiB and half a second.
const (
	pdfMemory    = 200 << 20 // octets of address space
	pdfSeconds   = 2         // of processor time; the clock stops it earlier
	pdfTogether  = 2         // at once
	pdfLastPage  = "500"
	pdfWait      = 50 * time.Millisecond  // for a place
	pdfGoodbye   = 100 * time.Millisecond // for its pipes, once it was stopped
	pdfTableText = "-layout"              // rows stay together
)

// pdfTool runs poppler's pdftotext: as a child with little memory and time,
// which can write no file, gets the PDF by a pipe and nothing of belay's
// environment.
type pdfTool struct {
	path   string
	places chan struct{}
}

// findPDFTool finds pdftotext; nil where it is not installed.
func findPDFTool() *pdfTool {
	path, err := exec.LookPath("pdftotext")
	if err != nil {
		return nil
	}
	return &pdfTool{path: path, places: make(chan struct{}, pdfTogether)}
}

var errPDFTool = errors.New("pdftotext could not read it")

// run gives the text of a PDF, at most so many octets of it and a little more.
// Its errors are ErrTime, ErrEncrypted, or errPDFTool where it gave up or has
// no place.
func (t *pdfTool) run(ctx context.Context, data []byte, most int) (string, error) {
	select {
	case t.places <- struct{}{}:
		defer func() { <-t.places }()
	case <-time.After(pdfWait):
		return "", fmt.Errorf("%w: it has enough to do", errPDFTool)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	cmd := exec.CommandContext(ctx, t.path, pdfTableText, "-enc", "UTF-8", "-eol", "unix", "-nopgbrk", "-l", pdfLastPage, "-", "-")
	cmd.Dir, cmd.Env, cmd.WaitDelay = "/", []string{"LC_ALL=C"}, pdfGoodbye
	said := &firstOctets{most: 4 << 10}
	cmd.Stderr = said
	in, err := cmd.StdinPipe()
	if err != nil {
		return "", fmt.Errorf("%w: %w", errPDFTool, err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return "", fmt.Errorf("%w: %w", errPDFTool, err)
	}
	if err := cmd.Start(); err != nil {
		return "", fmt.Errorf("%w: %w", errPDFTool, err)
	}
	// It reads nothing before it is given something, so the limits come in time.
	if err := limitPDFTool(cmd.Process.Pid); err != nil {
		cancel()
		_ = cmd.Wait()
		return "", fmt.Errorf("%w: limit it: %w", errPDFTool, err)
	}
	fed := make(chan struct{})
	go func() {
		defer close(fed)
		_, _ = in.Write(data) // it may stop reading before the end
		_ = in.Close()
	}()
	text, readErr := io.ReadAll(io.LimitReader(out, int64(most)+1))
	full := len(text) > most
	if full || readErr != nil {
		cancel()
	}
	err = cmd.Wait()
	_ = in.Close()
	<-fed
	return t.outcome(ctx, text, full, err, said.b.Bytes())
}

// outcome says how it went.
func (t *pdfTool) outcome(ctx context.Context, text []byte, full bool, err error, said []byte) (string, error) {
	switch {
	case full, err == nil:
		return string(text), nil
	case errors.Is(ctx.Err(), context.DeadlineExceeded), cpuSpent(err):
		return "", fmt.Errorf("%w: pdftotext", ErrTime)
	case bytes.Contains(said, []byte("ncorrect password")):
		return "", ErrEncrypted
	}
	return "", fmt.Errorf("%w: %w", errPDFTool, err)
}

// cpuSpent tells that the processor time ran out.
func cpuSpent(err error) bool {
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		return false
	}
	status, ok := exit.Sys().(interface{ Signal() unix.Signal })
	return ok && status.Signal() == unix.SIGXCPU
}

// limitPDFTool sets what the child may use.
func limitPDFTool(pid int) error {
	for _, l := range []struct {
		resource int
		most     uint64
	}{
		{unix.RLIMIT_AS, pdfMemory}, {unix.RLIMIT_CPU, pdfSeconds}, {unix.RLIMIT_FSIZE, 0}, {unix.RLIMIT_CORE, 0},
		{unix.RLIMIT_NOFILE, 16}, {unix.RLIMIT_STACK, 16 << 20},
	} {
		if err := unix.Prlimit(pid, l.resource, &unix.Rlimit{Cur: l.most, Max: l.most}, nil); err != nil {
			return err
		}
	}
	return nil
}

// firstOctets keeps the beginning of what is written to it.
type firstOctets struct {
	b    bytes.Buffer
	most int
}

func (f *firstOctets) Write(p []byte) (int, error) {
	f.b.Write(p[:min(len(p), max(0, f.most-f.b.Len()))])
	return len(p), nil
}
