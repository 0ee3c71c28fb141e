package parties_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"belay/internal/directory"
	"belay/internal/guard"
	"belay/internal/guard/parties"
	"belay/internal/mail"
	"belay/internal/reading"
)

func look(body string, to ...string) *guard.Look {
	people, _ := directory.New(&directory.Facts{
		People:        []*directory.Person{{Name: "Anna Nowak", Addresses: []string{"anna@corp.test", "a.nowak@corp.test", "anna@old.test"}}},
		Organisations: []*directory.Organisation{{Name: "Falcon", Domains: []string{"falcon.test", "falcon.example"}}},
	}, []string{"corp.test"}, time.UTC)
	l := &guard.Look{Facts: &guard.Facts{Author: "jan@corp.test", Summary: &mail.Summary{}}, Directory: people,
		Own: func(d string) bool { return d == "corp.test" }, Mail: reading.FromTexts("", body, nil, true)}
	for _, a := range to {
		l.Summary.To = append(l.Summary.To, mail.ParseAddressList(a, "")...)
	}
	for _, b := range l.Summary.To {
		l.Keys = append(l.Keys, mail.Key(b.Address))
	}
	return l
}

func TestOf_ListsEverybodyOnce(t *testing.T) {
	l := look("", "Anna <anna@corp.test>", "a.nowak@corp.test", "jan+x@corp.test", "Tom <tom@x.test>", "TOM@X.test", "anna@old.test")
	l.Keys = append(l.Keys, "hidden@x.test")
	var got []string
	for _, p := range parties.Of(l).Recipients {
		got = append(got, fmt.Sprintf("%s ours=%t visible=%t %s", p.Main, p.Ours, p.Visible, p.Called()))
	}
	want := []string{"anna@corp.test ours=true visible=true Anna", "tom@x.test ours=false visible=true Tom",
		"hidden@x.test ours=false visible=false hidden@x.test"}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestOrganisation(t *testing.T) {
	d := look("").Directory
	for address, want := range map[string]string{
		"a@falcon.test": "Falcon", "b@mail.falcon.example": "Falcon", "c@x.firm.co.uk": "firm.co.uk", "d@gmail.com": "d@gmail.com",
		"e@hotmail.co.uk": "e@hotmail.co.uk", "f@wp.pl": "f@wp.pl",
	} {
		if got := parties.Organisation(d, address); got != want {
			t.Errorf("%s is of %q, want %q", address, got, want)
		}
	}
}

func TestReadable(t *testing.T) {
	for in, want := range map[string]string{
		"a@xn--bncalago-16g.test": "a@bаncalago.test", "xn--bncalago-16g.test": "bаncalago.test", "a@corp.test": "a@corp.test", "a@xn--0": "a@xn--0",
	} {
		if got := parties.Readable(in); got != want {
			t.Errorf("%s reads %q, want %q", in, got, want)
		}
	}
}

func TestRead_KnowsWhatIsGreeting(t *testing.T) {
	for body, want := range map[string]string{
		"Hi Jan,\nthe offer is there.":               "Hi Jan",
		"Dear Dr. Lis,\nhere":                        "Dear Dr Lis",
		"Szanowna Pani Anno!\nprosze":                "Szanowna Pani Anno",
		"Jan\n\nthe offer":                           "Jan",
		"We must not let that man Tom know.":         "",
		"Could you please send the offer by Friday?": "",
	} {
		got := ""
		for i, w := range parties.Read(look(body).Mail).Greeted() {
			if i > 0 {
				got += " "
			}
			got += w.Text
		}
		if got != want {
			t.Errorf("%q greets with %q, want %q", body, got, want)
		}
	}
}

func TestAddressesIn(t *testing.T) {
	got := parties.AddressesIn("Write to Tom <tom@x.test>, (eva.k@y.test) or a@b; jan@z.test. tom@X.test; @ x@ @y.test")
	if want := []string{"tom@x.test", "eva.k@y.test", "jan@z.test"}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestSubjectSays(t *testing.T) {
	for subject, want := range map[string]string{"Re: x": "re", "SV: x": "re", "Ynt: x": "re", "Odp.: x": "", "RE[2]: x": "re", "Fwd: Re: x": "fw",
		"PD: x": "fw", "İlt: x": "fw", "Offer: x": "", "x": "", "": "", ": x": ""} {
		if got := parties.SubjectSays(subject); got != want {
			t.Errorf("%q says %q, want %q", subject, got, want)
		}
	}
}
