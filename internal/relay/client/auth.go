package client

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"

	"github.com/emersion/go-sasl"
)

// verify does for an opportunistic handshake what the TLS library does for a
// required one.
func verify(conf *tls.Config, state tls.ConnectionState) error {
	if len(state.PeerCertificates) == 0 {
		return errors.New("no certificate")
	}
	between := x509.NewCertPool()
	for _, c := range state.PeerCertificates[1:] {
		between.AddCert(c)
	}
	_, err := state.PeerCertificates[0].Verify(x509.VerifyOptions{
		DNSName: conf.ServerName, Roots: conf.RootCAs, Intermediates: between,
	})
	return err
}

// mayTell says whether a password may be sent over this connection.
func (c *Conn) mayTell() error {
	switch {
	case c.verified, c.Remote().Addr().IsLoopback():
		return nil
	case c.tls == nil:
		return errors.New("the connection is not encrypted, so the password is not sent (set tls: required)")
	}
	return fmt.Errorf("the server's certificate is not trusted for %s, so the password is not sent (name its authority in ca and set tls: required)", c.cfg.Host)
}

// signIn authenticates (RFC 4954) with PLAIN, else LOGIN.
func (c *Conn) signIn(user, password string) error {
	if err := c.mayTell(); err != nil {
		return c.fail("AUTH", err)
	}
	var mechanism sasl.Client
	switch {
	case slices.Contains(c.ext.Auth, "PLAIN"):
		mechanism = sasl.NewPlainClient("", user, password)
	case slices.Contains(c.ext.Auth, "LOGIN"):
		mechanism = sasl.NewLoginClient(user, password)
	default:
		return c.fail("AUTH", fmt.Errorf("the server offers none of PLAIN and LOGIN (it offers %q)", c.ext.Auth))
	}
	reply, err := c.exchange(mechanism)
	if err == nil && (reply.Code == 535 || reply.Code == 534) {
		c.broken = true
		return &Error{Peer: c.cfg.Address(), Stage: "AUTH", Reply: reply, Err: ErrPassword}
	}
	return c.failed("AUTH", reply, err)
}

// exchange goes through the challenges of a mechanism.
func (c *Conn) exchange(mechanism sasl.Client) (Reply, error) {
	name, initial, err := mechanism.Start()
	if err != nil {
		return Reply{}, err
	}
	line := "AUTH " + name
	if initial != nil {
		line += " " + base64.StdEncoding.EncodeToString(initial)
	}
	for {
		var challenge string
		if _, err := c.c.Write([]byte(line + "\r\n")); err != nil {
			return Reply{}, err
		}
		reply, err := readReply(c.r, true, func(text string) { challenge = text })
		if err != nil || reply.Code/100 != 3 {
			return reply, err
		}
		asked, err := base64.StdEncoding.DecodeString(challenge)
		if err != nil {
			return reply, fmt.Errorf("the challenge is no base64: %w", err)
		}
		answer, err := mechanism.Next(asked)
		if err != nil {
			return reply, err
		}
		line = base64.StdEncoding.EncodeToString(answer)
	}
}
