package main

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"belay/internal/history"
)

// TestWhatWasLearnedOfSomebodyCanBeRead: it was one line of many kilobytes, with
// contacts that were first met in the year 1.
func TestWhatWasLearnedOfSomebodyCanBeRead(t *testing.T) {
	p := history.Dossier{Address: "anna@corp.test", Name: "Anna <3 & “co”", Known: &history.PersonKnown{Sent: 2},
		Contacts: []history.PersonContact{{Address: "bob@falcon.test", Sent: 1}, {Address: "eve@there.test", Sent: 1}},
		Mails:    []history.PersonMail{{Sent: true, People: []string{"bob@falcon.test"}, Words: []uint16{1, 2, 3}}},
		KnownBy:  []history.PersonContact{}, Threads: []history.PersonThread{}, Right: []history.PersonRight{}}
	raw, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := printDossier(&b, raw); err != nil {
		t.Fatal(err)
	}
	text := b.String()
	if strings.Contains(text, "0001-01-01") {
		t.Errorf("it has a time that nobody knows:\n%s", text)
	}
	for _, line := range []string{`  "address": "anna@corp.test",`, `  "known": {"sent": 2, "received": 0, "colleagues": 0},`, `    {"address": "bob@falcon.test", "sent": 1, "received": 0},`,
		`    {"sent": true, "answer": false, "people": ["bob@falcon.test"], "word_hashes": [1,2,3]}`, `  "known_by": [],`} {
		if !strings.Contains(text, line+"\n") {
			t.Errorf("the line %q is not in\n%s", line, text)
		}
	}
	var again history.Dossier
	if err := json.Unmarshal(b.Bytes(), &again); err != nil || !reflect.DeepEqual(again, p) {
		t.Errorf("%v: it says something else:\n%s", err, text)
	}
	if err := printDossier(&b, json.RawMessage(`[1]`)); err == nil {
		t.Error("a list is no dossier")
	}
}
