package api_test

import (
	"net/http"
	"strings"
	"testing"

	"belay/internal/guard"
)

// TestP8_AReaderOfListsReadsNoWordsOfTheMail: a program with a token of scope
// read learns what kind of thing was noticed and where, and no words of it; who
// runs belay reads the evidence.
func TestP8_AReaderOfListsReadsNoWordsOfTheMail(t *testing.T) {
	w := newWorld(t)
	m := w.queue.Held("Pay", "anna@corp.test", noon, "bob@client.test")
	m.Verdict.Signals = []guard.Signal{
		{Code: "content.identifier", Score: 0.9, Count: 2, Evidence: "PL61 •••• 2874 stands in it", Facts: map[string]string{"Kind": "PL61"},
			Found: []guard.Found{{Text: "PL61 •••• 2874", Place: guard.InFile, File: "pay.xlsx", Where: "Dismissals"}}},
		{Code: "recipient.twin", Recipient: "bob@client.test", Score: 0.8, Evidence: "40 mails to bob@other.test", Instead: []string{"bob@other.test"}},
	}
	m.Verdict.Ratings = []guard.Rating{{Recipient: "bob@client.test", Probability: 0.25, Instead: []string{"bob@third.test"}}}
	reader := func(r *http.Request) { r.Header.Set("Authorization", "Bearer reader") }
	for _, path := range []string{"/api/v1/messages/" + m.ID.String(), "/api/v1/messages"} {
		answer := w.call("GET", path, "", reader).Body.String()
		if strings.Contains(answer, "PL61") || strings.Contains(answer, "Dismissals") || strings.Contains(answer, "bob@other.test") || strings.Contains(answer, "bob@third.test") || strings.Contains(answer, `"score":0.25`) {
			t.Errorf("a reader learns words of the mail: %s", answer)
		}
		if !strings.Contains(answer, "2 numbers that identify people or firms") || !strings.Contains(answer, `"code":"recipient.twin"`) {
			t.Errorf("a reader does not learn what was noticed: %s", answer)
		}
		if answer := w.call("GET", path, "", nil).Body.String(); !strings.Contains(answer, "PL61") || !strings.Contains(answer, "bob@other.test") ||
			!strings.Contains(answer, `"score":0.25,"instead":["bob@third.test"]`) {
			t.Errorf("whoever runs belay does not read the evidence: %s", answer)
		}
	}
}
