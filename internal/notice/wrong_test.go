package notice

import (
	"slices"
	"strings"
	"testing"
	"time"

	"belay/internal/queue"
	"belay/internal/smtpd"
)

// TestOops_AMailThatWasWrongIsALesson: whoever may say so says which mail it was.
func TestOops_AMailThatWasWrongIsALesson(t *testing.T) {
	newest, named := "oops two@corp.test", "oops one@corp.test"
	for name, c := range map[string]struct {
		client  smtpd.Client
		address string
		text    string
		want    []string
	}{
		"an answer to the copy":               {signedIn, "oops", fromAnna + "In-Reply-To: <one@corp.test>\n\n", []string{named}},
		"from the network":                    {fromNetwork, "oops", fromAnna + "In-Reply-To: <one@corp.test>\n\n", []string{named}},
		"its subject":                         {signedIn, "oops", fromAnna + "Subject: Fwd: Offer\n\nthis one\n", []string{named}},
		"an empty mail: the latest":           {signedIn, "oops", fromAnna + "\n", []string{newest}},
		"a text that names none":              {signedIn, "oops", fromAnna + "\nsomething went wrong\n", nil},
		"one that is not here":                {signedIn, "oops", fromAnna + "In-Reply-To: <gone@corp.test>\n\n", nil},
		"somebody else":                       {signedIn, "oops", strings.ReplaceAll(fromAnna, "anna@", "eve@") + "In-Reply-To: <one@corp.test>\n\n", nil},
		"incoming mail, which anybody writes": {fromOutside, "oops", fromAnna + "In-Reply-To: <one@corp.test>\n\n", nil},
		"another address":                     {signedIn, "listen", fromAnna + "In-Reply-To: <one@corp.test>\n\n", nil},
	} {
		f := newFakeStore()
		f.add("one@corp.test", "Offer", time.Hour, queue.Sent, "bob@falcon.test")
		f.add("two@corp.test", "Lunch", time.Minute, queue.Sent, "eve@falcon.test")
		handle(t, newService(t, f), write(c.client, c.address+"@belay.corp.test", c.text))
		if !slices.Equal(f.acts, c.want) {
			t.Errorf("%s: taught %q, want %q", name, f.acts, c.want)
		}
	}
}
