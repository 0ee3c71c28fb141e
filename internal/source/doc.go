// Package source reads past mail, wherever it lies: mbox files, Maildirs, .eml
// files, folders of those, and JSON lines, each of them perhaps packed by gzip.
// It finds first what is there, then gives the mails in the order of their dates,
// one at a time. It changes nothing that it reads.
package source
