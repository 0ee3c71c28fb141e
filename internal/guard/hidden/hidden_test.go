package hidden

import (
	"testing"

	"belay/internal/directory"
	"belay/internal/extract"
	"belay/internal/guard"
	"belay/internal/mail"
	"belay/internal/reading"
)

func signal(t *testing.T, to string, doc *extract.Document) *guard.Signal {
	t.Helper()
	d, _ := directory.New(&directory.Facts{Organisations: []*directory.Organisation{{Name: "Falcon Energy", Kind: "client", Domains: []string{"falcon.test"}},
		{Name: "Paperworks", Kind: "supplier", Domains: []string{"paper.test"}}, {Name: "Osprey Marine", Kind: "client", Domains: []string{"osprey.test"}}}}, []string{"corp.test"}, nil)
	l := &guard.Look{Facts: &guard.Facts{Summary: &mail.Summary{}}, Directory: d, Keys: []string{to}, Own: func(domain string) bool { return domain == "corp.test" },
		Mail: &reading.Mail{Listed: true, Files: []reading.File{{Attachment: mail.Attachment{Name: "pay.xlsx"}, Doc: doc}}}}
	signals, err := New().Detect(t.Context(), l)
	if err != nil {
		t.Fatal(err)
	}
	if len(signals) == 0 {
		return nil
	}
	return &signals[0]
}

func TestWhatHidesInAFileIsSaid(t *testing.T) {
	sheet := &extract.Document{Hidden: []extract.Hidden{{Kind: extract.HiddenSheet, Where: "Salaries", Text: "Anna 5000", Count: 1}}}
	s := signal(t, "jan@heron.test", sheet)
	if s == nil || s.Score < 0.5 || s.Say != "sheet" || s.Count != 1 || s.Facts["Part"] != "Salaries" || s.Found[0].Where != "Salaries" {
		t.Errorf("%+v", s)
	}
	if s := signal(t, "ewa@corp.test", sheet); s == nil || s.Score >= 0.5 {
		t.Errorf("among colleagues it is worth less: %+v", s)
	}
	inside := &extract.Document{Kind: extract.KindZip, Inside: []extract.Entry{{Name: "a.xlsx", Doc: sheet}}}
	if s := signal(t, "jan@heron.test", inside); s == nil || s.Say != "sheet" {
		t.Errorf("in an archive: %+v", s)
	}
	more := &extract.Document{Hidden: append([]extract.Hidden{{Kind: extract.HiddenComment, Text: "no!", Count: 3}}, sheet.Hidden...)}
	if s := signal(t, "jan@heron.test", more); s == nil || s.Say != "several" || s.Count != 2 || s.Found[0].Text != "Anna 5000" {
		t.Errorf("several: %+v", s)
	}
	if s := signal(t, "jan@heron.test", &extract.Document{Text: "all of it shows"}); s != nil {
		t.Errorf("nothing hides: %+v", s)
	}
}

func TestPropertiesThatNameAnotherClient(t *testing.T) {
	doc := func(company string) *extract.Document {
		return &extract.Document{Properties: map[string]string{"company": company}}
	}
	if s := signal(t, "jan@heron.test", doc("Falcon Energy")); s == nil || s.Say != "property" || s.Facts["Organisation"] != "Falcon Energy" {
		t.Errorf("%+v", s)
	}
	for to, company := range map[string]string{"fred@falcon.test": "Falcon Energy", "jan@heron.test": "Paperworks", "jan@x.test": "Corp"} {
		if s := signal(t, to, doc(company)); s != nil {
			t.Errorf("%s to %s: %+v", company, to, s)
		}
	}
}

func TestAClientWhomTheTextShowsIsNotHidden(t *testing.T) {
	doc := &extract.Document{Text: "Offer for Falcon Energy", Properties: map[string]string{"company": "Falcon Energy"}}
	if s := signal(t, "jan@heron.test", doc); s != nil {
		t.Errorf("everybody sees it: %+v", s)
	}
	doc.Properties["title"] = "Osprey Marine"
	if s := signal(t, "jan@heron.test", doc); s == nil || s.Facts["Organisation"] != "Osprey Marine" {
		t.Errorf("the other one is hidden: %+v", s)
	}
}

func TestOfTwoClientsInAFilesPropertiesItIsAlwaysTheSame(t *testing.T) {
	doc := &extract.Document{Properties: map[string]string{"title": "Osprey Marine", "company": "Falcon Energy", "subject": "Osprey Marine"}}
	for range 50 {
		if s := signal(t, "jan@heron.test", doc); s == nil || s.Facts["Organisation"] != "Falcon Energy" {
			t.Fatalf("%+v, want Falcon Energy each time: its property comes first", s)
		}
	}
}
