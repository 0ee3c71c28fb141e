// Package source reads past mail, wherever it lies: mbox files, Maildirs, .eml
// files, folders of those, and JSON lines, each of them perhaps packed by gzip;
// and folders of IMAP servers. It finds first what is there, then gives the mails
// in the order of their dates, one at a time. It changes nothing that it reads.
//
// The form of a mail as a line of JSON, and of the verdict on it, is here too.
package source
