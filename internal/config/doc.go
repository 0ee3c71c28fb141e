// Package config is belay.yaml: what may stand in it, what holds where nothing
// stands, and errors that point at the line. It is plain data: it opens no
// port and starts nothing, and nobody below reads it. cmd/belay hands each
// room the part that is its own.
package config
