package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"syscall"

	"belay/internal/config"
	"belay/internal/smtpd"
)

// smtpDoor is one SMTP listener of the configuration.
type smtpDoor struct {
	name    string // submission, relay, observe
	key     string // of the configuration, for errors
	address config.Address
	tls     bool // from the first octet
}

// noDoors is what to do about a file that opens no way in for mail.
const noDoors = "the file names no listener; open one under listen: submission, relay or observe"

func smtpDoors(c *config.Config) []smtpDoor {
	var doors []smtpDoor
	add := func(name, key string, address config.Address, tls bool) {
		if address != "" {
			doors = append(doors, smtpDoor{name, key, address, tls})
		}
	}
	if s := c.Listen.Submission; s != nil {
		add("submission", "listen.submission.address", s.Address, false)
		add("submission", "listen.submission.tls_address", s.TLSAddress, true)
	}
	if r := c.Listen.Relay; r != nil {
		add("relay", "listen.relay.address", r.Address, false)
	}
	if o := c.Listen.Observe; o != nil {
		add("observe", "listen.observe.address", o.Address, false)
	}
	return doors
}

func webOf(c *config.Config) string {
	if c.Listen.Web == nil {
		return ""
	}
	return string(c.Listen.Web.Address)
}

// smtpOptions are the options of one listener.
func (h *house) smtpOptions(cfg *config.Config, name string) (smtpd.Options, error) {
	o := smtpd.Options{Listener: name, Hostname: cfg.Hostname, Extensions: h.current.extensions, Limits: limitsOf(cfg), Logger: h.lower.logger}
	var cert *config.TLS
	switch name {
	case "submission":
		cert = cfg.Listen.Submission.TLS
		o.Auth, o.FutureRelease = true, cfg.Limits.Hold
	case "relay":
		cert = cfg.Listen.Relay.TLS
		o.Trust, o.FutureRelease = cfg.Listen.Relay.Trust, cfg.Limits.Hold
	case "observe":
		cert = cfg.Listen.Observe.TLS
		o.Trust, o.Extensions = cfg.Listen.Observe.Trust, nil // nothing of it is relayed
	}
	var err error
	o.TLS, err = certificate(cert)
	return o, err
}

// openSMTP opens the SMTP ports.
func (h *house) openSMTP(cfg *config.Config) error {
	h.servers = map[string]*smtpd.Server{}
	limits := limitsOf(cfg)
	counter := smtpd.NewCounter(limits.Connections, limits.ClientConnections)
	for _, d := range smtpDoors(cfg) {
		server := h.servers[d.name]
		if server == nil {
			o, err := h.smtpOptions(cfg, d.name)
			if err != nil {
				return err
			}
			o.Counter = counter
			if server, err = smtpd.New(o, &h.current); err != nil {
				return err
			}
			h.servers[d.name] = server
		}
		l, err := listen(h.env.ctx, option(cfg, d.key), d.address)
		if err != nil {
			return err
		}
		h.serveSMTP(d, server, l)
	}
	return nil
}

func (h *house) serveSMTP(d smtpDoor, server *smtpd.Server, l net.Listener) {
	serve := server.Serve
	if d.tls {
		serve = server.ServeTLS
	}
	h.crew.start("smtp "+d.name, func(ctx context.Context) {
		go func() {
			if err := serve(l); err != nil {
				h.lower.logger.Error("take SMTP connections", "listener", d.name, "error", err)
			}
		}()
		<-ctx.Done()
		ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTime)
		defer cancel()
		if err := server.Shutdown(ending); err != nil {
			h.lower.logger.Warn("SMTP sessions were cut off", "listener", d.name, "error", err)
		}
	})
}

// reloadSMTP gives the listeners that are open their new limits, certificates
// and trusted networks.
func (h *house) reloadSMTP(cfg *config.Config) error {
	present := map[string]bool{}
	for _, d := range smtpDoors(cfg) {
		present[d.name] = true
	}
	for name, server := range h.servers {
		if !present[name] {
			continue // its port stays open until belay is started again; a warning says so
		}
		o, err := h.smtpOptions(cfg, name)
		if err == nil {
			err = server.Reload(o)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// option is how to set a key: where no file is given yet, in which.
func option(c *config.Config, key string) string {
	if c.File == "" {
		return key + " in a file (--config FILE)"
	}
	return key
}

// portsFree tries every port and lets go of it again, so that a busy one is
// found before a data directory is made. None stays bound: clients would
// connect into its backlog long before anybody answers.
func portsFree(ctx context.Context, cfg *config.Config) error {
	doors := smtpDoors(cfg)
	if web := webOf(cfg); web != "" {
		doors = append(doors, smtpDoor{key: "listen.web.address", address: cfg.Listen.Web.Address})
	}
	for _, d := range doors {
		l, err := listen(ctx, option(cfg, d.key), d.address)
		if err != nil {
			return err
		}
		l.Close()
	}
	return nil
}

// listen opens a port. A busy one is an error that names the port and the
// option.
func listen(ctx context.Context, key string, address config.Address) (net.Listener, error) {
	// Sessions and requests have time limits of their own: probes of the
	// kernel's would only cost four system calls a connection.
	lc := net.ListenConfig{KeepAlive: -1}
	l, err := lc.Listen(ctx, "tcp", string(address))
	if err == nil {
		return l, nil
	}
	_, port := address.Split()
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("port %s is busy: another program listens on %s; stop it, or give belay another port with %s", port, address, key)
	case errors.Is(err, syscall.EACCES):
		if n, convErr := strconv.Atoi(port); convErr == nil && n < 1024 {
			return nil, fmt.Errorf("port %s (%s) is only for root, or for a program with CAP_NET_BIND_SERVICE", port, key)
		}
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return nil, fmt.Errorf("%s is no address of this machine; change %s", strings.TrimSuffix(string(address), ":"+port), key)
	}
	return nil, fmt.Errorf("listen on %s (%s): %w", address, key, err)
}
