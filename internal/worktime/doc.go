// Package worktime knows when people work: it counts working days and hours
// over weekends, holidays and changes of the clock, and knows the hours in
// which nobody is to be disturbed. It is pure arithmetic: it reads no clock and
// imports nothing of ours.
package worktime
