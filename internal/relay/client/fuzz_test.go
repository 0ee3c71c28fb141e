package client_test

import (
	"context"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"belay/internal/relay/client"
)

// FuzzServer lets a server say anything at all. Whatever it is, the client
// comes to an end, and says of each recipient either what the server said or
// why nothing is known.
func FuzzServer(f *testing.F) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		f.Fatal(err)
	}
	defer l.Close()
	script := make(chan []byte)
	go func() {
		for octets := range script {
			c, err := l.Accept()
			if err != nil {
				return
			}
			c.Write(octets)
			c.(*net.TCPConn).CloseWrite()
			io.Copy(io.Discard, c)
			c.Close()
		}
	}()
	greeting := "220 x\r\n250-x\r\n250 PIPELINING\r\n"
	f.Add([]byte(greeting + "250 a\r\n250 b\r\n250 c\r\n354 d\r\n250 e\r\n"))
	f.Add([]byte(greeting + "250 a\r\n550 5.1.1 b\r\n450 c\r\n554 d\r\n"))
	f.Add([]byte("220 x\r\n250 x\r\n250 a\r\n421 b\r\n"))
	f.Add([]byte("220-x\r\n220 x\r\n500 x\r\n250 x\r\n250 a\r\n250 b\r\n452 c\r\n354 d\r\n421 e\r\n"))
	f.Fuzz(func(t *testing.T, octets []byte) {
		script <- octets
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		c, err := client.Open(ctx, client.Config{Host: "127.0.0.1", Port: l.Addr().(*net.TCPAddr).Port, Helo: "me", TLS: client.Off})
		if err != nil {
			return
		}
		defer c.Drop()
		o := c.Send(ctx, &client.Mail{To: to("a@x.test", "b@x.test"), Body: strings.NewReader(body)})
		for i, r := range o.Replies {
			switch {
			case r.Code == 0 && o.Err == nil:
				t.Fatalf("%q: recipient %d has neither reply nor error", octets, i)
			case r.OK() && o.Err != nil:
				t.Fatalf("%q: recipient %d is called delivered after %v", octets, i, o.Err)
			case r.OK() && strings.Count(string(octets), "354") == 0:
				t.Fatalf("%q: recipient %d is called delivered without DATA", octets, i)
			}
		}
		if o.Unknown && o.Err == nil || ctx.Err() != nil {
			t.Fatalf("%q: unknown %t, error %v, %v", octets, o.Unknown, o.Err, ctx.Err())
		}
	})
}
