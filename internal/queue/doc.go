// Package queue is where mail waits. It owns the states of messages and
// deliveries: taking them in durably, stopping, releasing and postponing them,
// waking what is due, handing it to the relay and recording what became of it.
// Mail may wait for people's word as well: questions, their answers, and the
// errands, which are what people are owed about it (matter.go is one message in
// a transaction). It writes no notice itself, and knows neither SMTP nor rules;
// what it promises is P1 to P3 and the silence of P6, and docs/states.md draws
// the state machine.
//
// Due times are stored in queue time, a clock that no correction of the wall
// clock moves (timeline.go). Everything else is wall clock, UTC.
package queue
