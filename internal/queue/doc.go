// Package queue is where mail waits. It owns the states of messages and
// deliveries: taking them in durably, stopping, releasing and postponing them,
// waking what is due, handing it to the relay and recording what became of it.
// It knows neither SMTP nor rules; what it promises is P1 to P3, and
// docs/states.md draws the state machine.
//
// Due times are stored in queue time, a clock that no correction of the wall
// clock moves (timeline.go). Everything else is wall clock, UTC.
package queue
