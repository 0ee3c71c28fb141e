package db

import "testing"

func TestPatience_WhoIsAloneNeverWaits(t *testing.T) {
	var p patience
	for range 10 * crowdMemory {
		if p.want() > 1 {
			t.Fatalf("it waits for %d", p.want())
		}
		p.learn(1)
	}
}

func TestPatience_WaitsForACrowdAndForgetsIt(t *testing.T) {
	var p patience
	p.learn(12)
	for range crowdMemory {
		if p.want() != 12 {
			t.Fatalf("it waits for %d, where there were 12", p.want())
		}
		p.learn(5)
	}
	for range crowdMemory {
		p.learn(1)
	}
	if p.want() != 5 {
		t.Errorf("it waits for %d, where there were 5", p.want())
	}
	for range crowdMemory {
		p.learn(1)
	}
	if p.want() != 1 {
		t.Errorf("alone again, it waits for %d", p.want())
	}
}
