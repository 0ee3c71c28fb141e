package directory

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"belay/internal/reading"
)

func clients(t testing.TB) *Directory {
	t.Helper()
	d, warnings := New(&Facts{
		People: []*Person{{Name: "Anna Nowak", Addresses: []string{"anna@corp.test"}}, {Name: "Tom Berg", Addresses: []string{"tom@heron.test"}}},
		Organisations: []*Organisation{
			{Name: "Falcon Energy Ltd", Kind: "client", Domains: []string{"falcon.test"}, Keywords: []string{"Project Aurora", "FE-2219", "Turbina"}},
			{Name: "Heron S.A.", Kind: "client", Domains: []string{"heron.test"}},
			{Name: "Łódzkie Zakłady Chemiczne Sp. z o.o.", Domains: []string{"lzch.test"}},
			{Name: "Bank One", Domains: []string{"one.test"}},
		}}, []string{"corp.test"}, time.UTC)
	if len(warnings) > 0 {
		t.Fatal(warnings)
	}
	return d
}

func TestOrganisationsAreFoundByWhatNamesThem(t *testing.T) {
	d := clients(t)
	for _, c := range []struct{ text, want string }{
		{"the offer for Falcon Energy is ready", "name:Falcon Energy"},
		{"FALCON  ENERGY LTD", "name:FALCON  ENERGY LTD"},
		{"see www.falcon.test/offer", "domain:falcon.test"},
		{"write to jan@falcon.test", "domain:falcon.test"},
		{"about fe-2219", "keyword:fe-2219"},
		{"about fe2219", ""},
		{"project aurora starts", "keyword:project aurora"},
		{"Turbina idzie dobrze", "keyword:Turbina"},
		{"każda turbina idzie dobrze", ""},
		{"we saw Falcon last week", "short:Falcon"},
		{"a falcon on the roof", ""},
		{"The falcon. Test it", ""},
		{"for Heron", "name:Heron"},
		{"a heron stood there", ""},
		{"lodzkie zaklady chemiczne", "name:lodzkie zaklady chemiczne"},
		{"the Bank is closed", ""},
		{"Tom Berg called", "person:Tom Berg"},
		{"Anna Nowak called", ""},
		{"łódzkich zakładów chemicznych", "name:łódzkich zakładów chemicznych"},
		{"Herons offer", "name:Herons"},
		{"Heronsund is a place", ""},
		{"Turbiny", "keyword:Turbiny"},
		{"Falcon Energy's offer", "name:Falcon Energy"},
		{"file Project_Aurora_v2.pdf", "keyword:Project_Aurora"},
		{"Falcon Energy and Heron SA", "name:Falcon Energy, name:Heron"},
	} {
		var got []string
		words := reading.WordsOf(c.text)
		for _, m := range d.Named(words) {
			got = append(got, fmt.Sprintf("%s:%s", m.By, c.text[words[m.From].Start:words[m.To-1].End]))
		}
		if s := strings.Join(got, ", "); s != c.want {
			t.Errorf("%q: %s, want %s", c.text, s, c.want)
		}
	}
	if names := d.NamesOf(reading.WordsOf("Heron"), reading.WordsOf("FE-2219 for Heron; Falcon")); fmt.Sprint(names) != "[Heron S.A. Falcon Energy Ltd]" {
		t.Errorf("%v", names)
	}
	var nobody *Directory
	if nobody.Named(reading.WordsOf("Falcon Energy")) != nil {
		t.Error("nobody's directory knows an organisation")
	}
}

// BenchmarkNamed looks for 2,000 organisations in a text of 10 KB.
func BenchmarkNamed(b *testing.B) {
	f := &Facts{}
	for i := range 2000 {
		f.Organisations = append(f.Organisations, &Organisation{Name: fmt.Sprintf("Falk%dia Energy%d Ltd", i, i), Domains: []string{fmt.Sprintf("falk%d.test", i)},
			Keywords: []string{fmt.Sprintf("Project Aurora%d", i), fmt.Sprintf("FE-%d", i)}})
	}
	d, _ := New(f, []string{"corp.test"}, time.UTC)
	words := reading.WordsOf(strings.Repeat("We would like to come back to what was said on Tuesday about the delivery and its price. ", 112))
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N {
		d.Named(words)
	}
}
