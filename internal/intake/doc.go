// Package intake is what happens between a client's MAIL FROM and the 250: it
// asks who may write as whom, reads the header, has the guard judge, and puts
// the message and its verdict into the queue (or, from the observe listener,
// into the history). Mail to a service address goes to the notices and to
// nobody else. It speaks no SMTP of its own: smtpd does.
package intake
