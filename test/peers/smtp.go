package peers

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"net"
	"regexp"
	"strings"
	"time"
)

// Client speaks SMTP line by line, as a test wants it and not as a library
// would. Every method fails on a reply that was not asked for.
type Client struct {
	conn net.Conn
	r    *bufio.Reader
	// Transcript is what was said, without message data.
	Transcript strings.Builder
	// Offers are the lines of the last answer to EHLO.
	Offers []string
}

// Refused is a reply other than the one that was wanted.
type Refused struct{ Command, Reply string }

func (r *Refused) Error() string { return fmt.Sprintf("%q was answered with %q", r.Command, r.Reply) }

// Dial connects, reads the greeting and says EHLO. With a TLS configuration
// it speaks TLS from the first octet.
func Dial(addr string, implicit *tls.Config) (*Client, error) {
	conn, err := net.DialTimeout("tcp", addr, 10*time.Second)
	if err != nil {
		return nil, err
	}
	if implicit != nil {
		conn = tls.Client(conn, implicit)
	}
	c := &Client{conn: conn, r: bufio.NewReader(conn)}
	c.conn.SetDeadline(time.Now().Add(60 * time.Second))
	if _, err := c.read("(connect)", "220"); err != nil {
		conn.Close()
		return nil, err
	}
	if err := c.Hello(); err != nil {
		conn.Close()
		return nil, err
	}
	return c, nil
}

// Close hangs up without QUIT.
func (c *Client) Close() { c.conn.Close() }

// Hello says EHLO and keeps what the server offers.
func (c *Client) Hello() error {
	reply, err := c.Cmd("250", "EHLO client.test")
	c.Offers = strings.Split(reply, "\n")
	return err
}

// Offered tells whether EHLO's answer had this keyword.
func (c *Client) Offered(keyword string) bool {
	for _, o := range c.Offers {
		if word, _, _ := strings.Cut(o[min(4, len(o)):], " "); strings.EqualFold(word, keyword) {
			return true
		}
	}
	return false
}

// Cmd sends a line and wants a reply that begins with want. It gives all lines
// of the reply, joined by line feeds.
func (c *Client) Cmd(want, format string, args ...any) (string, error) {
	line := fmt.Sprintf(format, args...)
	if err := c.Raw([]byte(line + "\r\n")); err != nil {
		return "", err
	}
	return c.read(line, want)
}

// Raw sends octets as they are.
func (c *Client) Raw(b []byte) error {
	c.conn.SetDeadline(time.Now().Add(60 * time.Second))
	_, err := c.conn.Write(b)
	return err
}

func (c *Client) read(command, want string) (string, error) {
	var lines []string
	for {
		line, err := c.r.ReadString('\n')
		if err != nil {
			return strings.Join(lines, "\n"), fmt.Errorf("read the answer to %q: %w", command, err)
		}
		line = strings.TrimRight(line, "\r\n")
		lines = append(lines, line)
		if len(line) < 4 || line[3] != '-' {
			break
		}
	}
	reply := strings.Join(lines, "\n")
	fmt.Fprintf(&c.Transcript, "C: %s\nS: %s\n", command, reply)
	if !strings.HasPrefix(lines[len(lines)-1], want) {
		return reply, &Refused{command, reply}
	}
	return reply, nil
}

// StartTLS upgrades the connection and says EHLO again.
func (c *Client) StartTLS(config *tls.Config) error {
	if _, err := c.Cmd("220", "STARTTLS"); err != nil {
		return err
	}
	conn := tls.Client(c.conn, config)
	if err := conn.Handshake(); err != nil {
		return fmt.Errorf("TLS: %w", err)
	}
	c.conn, c.r = conn, bufio.NewReader(conn)
	return c.Hello()
}

// Plain signs in with AUTH PLAIN.
func (c *Client) Plain(user, password string) error {
	_, err := c.Cmd("235", "AUTH PLAIN %s", base64.StdEncoding.EncodeToString([]byte("\x00"+user+"\x00"+password)))
	return err
}

// Login signs in with AUTH LOGIN.
func (c *Client) Login(user, password string) error {
	if _, err := c.Cmd("334", "AUTH LOGIN"); err != nil {
		return err
	}
	if _, err := c.Cmd("334", "%s", base64.StdEncoding.EncodeToString([]byte(user))); err != nil {
		return err
	}
	_, err := c.Cmd("235", "%s", base64.StdEncoding.EncodeToString([]byte(password)))
	return err
}

// Envelope says MAIL and RCPT. Addresses may carry parameters behind a space:
// "a@b BODY=8BITMIME".
func (c *Client) Envelope(from string, to ...string) error {
	if _, err := c.Cmd("250", "MAIL FROM:%s", path(from)); err != nil {
		return err
	}
	for _, rcpt := range to {
		if _, err := c.Cmd("25", "RCPT TO:%s", path(rcpt)); err != nil {
			return err
		}
	}
	return nil
}

func path(address string) string {
	begin := 0
	if strings.HasPrefix(address, `"`) {
		begin = strings.LastIndex(address, `"@`) // a quoted local part may hold spaces
	}
	space := strings.IndexByte(address[begin:], ' ')
	if space < 0 {
		return "<" + address + ">"
	}
	return "<" + address[:begin+space] + ">" + address[begin+space:]
}

// Data sends a message (CRLF line ends; a final CRLF is added where it lacks)
// with its dots stuffed and gives the reply.
func (c *Client) Data(message []byte) (string, error) {
	if _, err := c.Cmd("354", "DATA"); err != nil {
		return "", err
	}
	if err := c.Raw(Stuff(message)); err != nil {
		return "", err
	}
	return c.read("(data)", "250")
}

// Stuff is a message as DATA carries it, its end included.
func Stuff(message []byte) []byte {
	stuffed := bytes.ReplaceAll(append([]byte("\r\n"), message...), []byte("\r\n."), []byte("\r\n.."))[2:]
	if len(stuffed) > 0 && !bytes.HasSuffix(stuffed, []byte("\r\n")) {
		stuffed = append(stuffed, "\r\n"...)
	}
	return append(stuffed, ".\r\n"...)
}

// BDAT sends a message in chunks (RFC 3030) and gives the last reply.
func (c *Client) BDAT(chunks ...[]byte) (reply string, err error) {
	for i, chunk := range chunks {
		last := ""
		if i == len(chunks)-1 {
			last = " LAST"
		}
		command := fmt.Sprintf("BDAT %d%s", len(chunk), last)
		if err := c.Raw(append([]byte(command+"\r\n"), chunk...)); err != nil {
			return "", err
		}
		if reply, err = c.read(command, "250"); err != nil {
			return reply, err
		}
	}
	return reply, nil
}

// Send is a whole transaction.
func (c *Client) Send(message []byte, from string, to ...string) (reply string, err error) {
	if err := c.Envelope(from, to...); err != nil {
		return "", err
	}
	return c.Data(message)
}

// Quit ends the session.
func (c *Client) Quit() error {
	defer c.Close()
	_, err := c.Cmd("221", "QUIT")
	return err
}

// Send opens a connection, sends one message and gives belay's id for it, read
// from "250 2.0.0 belay <id> queued" or "… held until …".
func Send(addr string, message []byte, from string, to ...string) (id string, err error) {
	c, err := Dial(addr, nil)
	if err != nil {
		return "", err
	}
	defer c.Close()
	reply, err := c.Send(message, from, to...)
	if err != nil {
		return "", err
	}
	if id = IDOf(reply); id == "" {
		return "", fmt.Errorf("no id in the reply %q", reply)
	}
	return id, c.Quit()
}

var idInReply = regexp.MustCompile(`^250 2\.0\.0 belay ([0-9a-f]{8}-[0-9a-f-]{27}) (?:queued|held until \d{4}-\d\d-\d\dT[0-9:.]+(?:Z|[+-]\d\d:\d\d))`)

// IDOf reads the id out of the reply to a message, "" where it is not of the
// form that belay promises.
func IDOf(reply string) string {
	found := idInReply.FindStringSubmatch(reply)
	if found == nil {
		return ""
	}
	return found[1]
}

// Swaks runs swaks against a server and gives what it printed and its exit
// code.
func Swaks(addr string, args ...string) (output string, code int, err error) {
	return command("swaks", append([]string{"--server", addr, "--helo", "swaks.test", "--timeout", "30"}, args...)...)
}
