// Package client speaks to a running belay: over the socket in its data
// directory (whoever may open it is admin), or over HTTP with a token. It
// gives the API's JSON both as it came and decoded.
package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// Client is a connection to one belay.
type Client struct {
	http  *http.Client
	base  string
	token string
	where string // for errors
}

// SocketName is the name of the admin socket in the data directory.
const SocketName = "belay.sock"

// Local speaks to the belay whose data directory this is.
func Local(data string) *Client {
	path := filepath.Join(data, SocketName)
	transport := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return dialSocket(ctx, path)
	}}
	return &Client{http: &http.Client{Transport: transport}, base: "http://localhost", where: path}
}

// dialSocket also reaches sockets whose path is longer than an address may be
// (108 octets on Linux), by way of their open directory.
func dialSocket(ctx context.Context, path string) (net.Conn, error) {
	var dialer net.Dialer
	if len(path) < 100 {
		return dialer.DialContext(ctx, "unix", path)
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	return dialer.DialContext(ctx, "unix", fmt.Sprintf("/proc/self/fd/%d/%s", dir.Fd(), filepath.Base(path)))
}

// Remote speaks to the belay at an address such as https://belay.corp.test.
func Remote(server, token string) (*Client, error) {
	u, err := url.Parse(strings.TrimRight(server, "/"))
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("%q is no address of a belay; write it like https://belay.corp.test", server)
	}
	return &Client{http: &http.Client{}, base: u.String(), token: token, where: u.String()}, nil
}

// Problem is an answer that is none: problem details (RFC 9457).
type Problem struct {
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail"`
	Errors []struct {
		Message  string `json:"message"`
		Location string `json:"location"`
	} `json:"errors"`
}

func (p *Problem) Error() string {
	text := p.Detail
	if text == "" {
		text = fmt.Sprintf("%d %s", p.Status, p.Title)
	}
	for _, e := range p.Errors {
		if e.Message != p.Detail {
			text += fmt.Sprintf("; %s (%s)", e.Message, e.Location)
		}
	}
	return text
}

// ErrNotRunning: nobody listens at the socket.
var ErrNotRunning = errors.New("belay is not running here")

// Do asks and gives the JSON of the answer. in is sent as JSON; nil is none.
func (c *Client) Do(ctx context.Context, method, path string, in any) (json.RawMessage, error) {
	body, err := c.Stream(ctx, method, path, in)
	if err != nil {
		return nil, err
	}
	defer body.Close()
	text, err := io.ReadAll(body)
	if err != nil {
		return nil, fmt.Errorf("read the answer of %s: %w", c.where, err)
	}
	return bytes.TrimSpace(text), nil
}

// Into is Do with the answer decoded.
func (c *Client) Into(ctx context.Context, method, path string, in, out any) (json.RawMessage, error) {
	text, err := c.Do(ctx, method, path, in)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(text, out); err != nil {
		return nil, fmt.Errorf("%s answered with something that is not belay's: %w", c.where, err)
	}
	return text, nil
}

// Stream asks and gives the body of the answer.
func (c *Client) Stream(ctx context.Context, method, path string, in any) (io.ReadCloser, error) {
	var body io.Reader
	if in != nil {
		text, err := json.Marshal(in)
		if err != nil {
			return nil, err
		}
		body = bytes.NewReader(text)
	}
	kind := ""
	if in != nil {
		kind = "application/json"
	}
	return c.send(ctx, method, path, kind, body)
}

// Upload sends a file and gives the JSON of the answer.
func (c *Client) Upload(ctx context.Context, path string, file io.Reader) (json.RawMessage, error) {
	body, err := c.send(ctx, http.MethodPost, path, "application/octet-stream", io.NopCloser(file))
	if err != nil {
		return nil, err
	}
	defer body.Close()
	return io.ReadAll(body)
}

// Post sends a body of a media type and gives the JSON of the answer.
func (c *Client) Post(ctx context.Context, path, kind string, body []byte) (json.RawMessage, error) {
	answer, err := c.send(ctx, http.MethodPost, path, kind, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	defer answer.Close()
	return io.ReadAll(answer)
}

func (c *Client) send(ctx context.Context, method, path, kind string, body io.Reader) (io.ReadCloser, error) {
	r, err := http.NewRequestWithContext(ctx, method, c.base+path, body)
	if err != nil {
		return nil, err
	}
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	if c.token != "" {
		r.Header.Set("Authorization", "Bearer "+c.token)
	}
	answer, err := c.http.Do(r)
	if err != nil {
		return nil, c.unreachable(err)
	}
	if answer.StatusCode/100 == 2 {
		return answer.Body, nil
	}
	defer answer.Body.Close()
	p := &Problem{Status: answer.StatusCode, Title: http.StatusText(answer.StatusCode)}
	text, _ := io.ReadAll(io.LimitReader(answer.Body, 64<<10))
	json.Unmarshal(text, p) // what is no problem document keeps the status
	return nil, p
}

func (c *Client) unreachable(err error) error {
	var inner *url.Error
	if errors.As(err, &inner) {
		err = inner.Err
	}
	switch {
	case errors.Is(err, context.Canceled):
		return err
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("%s is not yours to open: be the user that belay runs as, or give --server and --token-file", c.where)
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ECONNREFUSED):
		if strings.HasSuffix(c.where, SocketName) {
			return fmt.Errorf("%w: nobody listens at %s; start it (belay serve), or name its --config or --server", ErrNotRunning, c.where)
		}
	}
	return fmt.Errorf("%s does not answer: %w", c.where, err)
}

// Listen opens the admin socket in a data directory, for its owner alone. A
// socket that a dead belay left is taken away; one that answers is an error.
func Listen(ctx context.Context, data string) (net.Listener, error) {
	path := filepath.Join(data, SocketName)
	probe, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	if c, err := dialSocket(probe, path); err == nil {
		c.Close()
		return nil, fmt.Errorf("another belay already runs on %s", data)
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("take away the socket that an earlier belay left: %w", err)
	}
	name := path
	if len(path) >= 100 {
		dir, err := os.Open(data)
		if err != nil {
			return nil, fmt.Errorf("open the data directory for the socket: %w", err)
		}
		defer dir.Close()
		name = fmt.Sprintf("/proc/self/fd/%d/%s", dir.Fd(), SocketName)
	}
	// The directory is its owner's alone (0700), so nobody can come between
	// these two steps.
	l, err := net.Listen("unix", name)
	if err != nil {
		return nil, fmt.Errorf("open the socket %s: %w", path, err)
	}
	l.(*net.UnixListener).SetUnlinkOnClose(false)
	if err := os.Chmod(path, 0o600); err != nil {
		l.Close()
		return nil, fmt.Errorf("close the socket to others: %w", err)
	}
	return &socket{l, path}, nil
}

// socket takes its file away when it closes.
type socket struct {
	net.Listener
	path string
}

func (s *socket) Close() error {
	os.Remove(s.path)
	return s.Listener.Close()
}
