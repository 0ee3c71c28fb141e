// Package stories tells what belay does for people, with the programs that
// they use: swaks and an SMTP client before it, Postfix behind it, a browser,
// a PostgreSQL. Its tests carry the build tag peers.
package stories
