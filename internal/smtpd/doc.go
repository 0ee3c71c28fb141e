// Package smtpd speaks SMTP to those who hand mail in: the session, its
// extensions and its limits (RFC 5321, 3207, 4954, 1870, 2920, 3030, 6152, 6531,
// 3461, 2034, 9422, 4865, 8314). It keeps every byte and knows nothing of what
// becomes of a message: that is the Handler's.
//
// A Server is one listener. A session is one goroutine, reading through a wire
// (deadlines, lines) and answering before it waits for more. Nothing of a
// message's content is ever logged here, and no password.
package smtpd
