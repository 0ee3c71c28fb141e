package history

import "testing"

func TestTrust(t *testing.T) {
	for _, c := range []struct {
		contact *Contact
		want    int
	}{
		{nil, 0},
		{&Contact{Sent: 4}, 4},
		{&Contact{Sent: 4, Doubted: 1}, 0},
		{&Contact{Sent: 25, Doubted: 1}, 15},
		{&Contact{Sent: 600, Bounced: true}, 0},
		{&Contact{Received: 3}, 0},
	} {
		if got := c.contact.Trusted(); got != c.want {
			t.Errorf("%+v is trusted %d, want %d", c.contact, got, c.want)
		}
	}
}
