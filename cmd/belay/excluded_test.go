package main

import (
	"testing"
	"time"

	"belay/internal/config"
	"belay/internal/directory"
)

func TestP11_WhoIsLeftOutIsSoUnderEveryAddress(t *testing.T) {
	people, err := directory.New(&directory.Facts{People: []*directory.Person{
		{Name: "Ewa Lis", Addresses: []string{"ewa.lis@corp.test", "works-council@corp.test", "e.lis@corp.test"}}}}, []string{"corp.test"}, time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	excluded := excludedBy(&config.Config{Learning: &config.Learning{Exclude: []string{"works-council@corp.test", "ward.test"}}}, people)
	for address, want := range map[string]bool{"works-council@corp.test": true, "ewa.lis@corp.test": true, "E.Lis+x@corp.test": true,
		"dr@ward.test": true, "dr@a.ward.test": true, "jan@corp.test": false, "dr@inward.test": false} {
		if excluded(address) != want {
			t.Errorf("%s: %v", address, !want)
		}
	}
}
