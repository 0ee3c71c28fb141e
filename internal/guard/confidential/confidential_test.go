package confidential

import (
	"regexp"
	"testing"

	"belay/internal/guard"
	"belay/internal/guard/lexicon"
	"belay/internal/mail"
	"belay/internal/reading"
)

func detect(t testing.TB, d *Detector, subject, body string) *guard.Signal {
	t.Helper()
	l := &guard.Look{Facts: &guard.Facts{Summary: &mail.Summary{}}, Mail: reading.FromTexts(subject, body, nil, true)}
	signals, err := d.Detect(t.Context(), l)
	if err != nil {
		t.Fatal(err)
	}
	if len(signals) == 0 || signals[0].Score < 0.5 {
		return nil
	}
	return &signals[0]
}

func TestSixLanguagesHaveTheirWords(t *testing.T) {
	d := New(Options{})
	for body, say := range map[string]string{
		"Please do not forward this to anybody.":                          "secrecy",
		"Proszę nie przekazywać dalej, to zostaje między nami.":           "secrecy",
		"Por favor, no reenviar este mensaje a nadie.":                    "secrecy",
		"Mi raccomando, non inoltrare a nessuno questo messaggio.":        "secrecy",
		"Bu yazı şirket içi yazışmadır, lütfen kimseyle paylaşmayın.":     "secrecy",
		"Dette er strengt fortrolig og skal ikke videresendes til noen.":  "secrecy",
		"We have to talk about his salary and the pay rise for the team.": "pay",
		"Kari er sykmeldt igjen, legen sier at diagnosen er alvorlig.":    "health",
	} {
		if s := detect(t, d, "", body); s == nil || s.Say != say {
			t.Errorf("%q: %+v, want %s", body, s, say)
		}
	}
	for _, body := range []string{
		"There is nothing confidential in it, feel free to forward.", "To nie jest tajemnica, proszę przekazać dalej.",
		"Hi, lunch at twelve? Anna", "Set CLIENT_SECRET in the environment and run make.", "> strictly confidential, do not forward\n> and delete it\n\nThanks, see you on Monday at the office then.",
	} {
		if s := detect(t, d, "", body); s != nil {
			t.Errorf("%q: %+v", body, s)
		}
	}
}

func TestAnAdminsWordsCount(t *testing.T) {
	d := New(Options{Words: []lexicon.Word{{Text: "project Zephyr*"}, {Text: "żubr", Language: "pl", Weight: 0.3}},
		Patterns: []lexicon.Pattern{{Name: "file numbers", Code: Code, Re: regexp.MustCompile(`ZX-\d{4}`)}}})
	if s := detect(t, d, "", "About Project Zephyr: we start on Monday."); s == nil || s.Say != "own" || s.Facts["Word"] != "Project Zephyr" {
		t.Errorf("%+v", s)
	}
	if s := detect(t, d, "ZX-1204", "See you."); s == nil || s.Say != "own" || s.Found[0].Place != guard.InSubject {
		t.Errorf("%+v", s)
	}
	if s := detect(t, d, "", "Spotkaliśmy w lesie żubra i był to duży żubr, naprawdę."); s != nil {
		t.Errorf("a light word alone: %+v", s)
	}
}

func FuzzDetect(f *testing.F) {
	f.Add("Strictly confidential: do not forward!")
	d := New(Options{Words: []lexicon.Word{{Text: "* _ x*"}}})
	f.Fuzz(func(t *testing.T, text string) { detect(t, d, text, text) })
}

// TestWordsThatDoctorsShareNeedAMedicalOneBesideThem: weld seams have test
// results and engines a diagnosis.
func TestWordsThatDoctorsShareNeedAMedicalOneBesideThem(t *testing.T) {
	d := New(Options{})
	for _, body := range []string{
		"W załączeniu zakres badań spoin. Wyniki badań spoin wyślemy w piątek, badania wykona laboratorium.",
		"Diagnoza awarii sprężarki: zawaliła się podpora, proszę o rozpoznanie rynku części.",
		"The diagnosis of the pump is done: the motor had burnt out, test results of the new one follow.",
		"El diagnóstico de la bomba está listo; la analítica del agua llega mañana y el importe ya fue ingresado.",
		"La diagnosi della pompa è pronta, e per l'esito degli esami del materiale aspettiamo il laboratorio.",
		"Diagnosen på pumpen er klar: motoren er utbrent, og strøm er innlagt på hytta. Prøvesvar på betongen kommer i morgen.",
		"Pompanın arıza teşhisi tamam; yeni motorun test sonuçlarını ve kütüphane bağımlılık listesini yarın gönderiyoruz.",
	} {
		if s := detect(t, d, "", body); s != nil {
			t.Errorf("%q: %+v", body, s)
		}
	}
	for _, body := range []string{
		"Przyszły wyniki badań, lekarz mówi, że trzeba czekać.",
		"The diagnosis came in, and she goes to hospital on Monday.",
		"El diagnóstico de Marta ha llegado, la cirugía es el lunes.",
		"È arrivata la diagnosi di Marta, lunedì va in ospedale.",
		"Diagnosen kom i går, og han skal på sykehus på mandag.",
		"Teşhisi kesinleşti, pazartesi hastane yatışı var.",
	} {
		if s := detect(t, d, "", body); s == nil || s.Say != "health" {
			t.Errorf("%q: %+v", body, s)
		}
	}
}
