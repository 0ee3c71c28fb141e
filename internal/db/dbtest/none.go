//go:build !peers

package dbtest

var peers []target
