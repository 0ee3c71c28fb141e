package demo

import "time"

func polish(now time.Time) []Mail {
	return []Mail{
		{Name: "plan", Language: "pl", Story: "S5", Fate: Sent, Age: 26 * time.Hour,
			From: "jan.kowalski@corp.test", To: []string{"marta.wojcik@corp.test"},
			Subject: "Plan przesunięć",
			Text: `Cześć Marta,

tak jak mówiliśmy przy kawie: spisz proszę, co by nam dało połączenie obu
zespołów i rezygnacja z drugiego biura. Bez nazwisk w tabeli, same liczby,
nazwiska omówimy we dwoje. Potem niech to zobaczy pani dyrektor, bo bez
jej zgody nie ruszamy.

Jan
`},
		{Name: "savings", Language: "pl", Story: "S5", Fate: Held, Age: 40 * time.Second, Wait: 4*time.Minute + 20*time.Second,
			From: "marta.wojcik@corp.test", To: []string{"anna.nowacka@falcon.test"}, Cc: []string{"jan.kowalski@corp.test"},
			Subject: "Odp: Plan przesunięć – prośba o zgodę", Answers: "plan",
			Text: `Dzień dobry, Pani Dyrektor,

poniżej to, o czym rozmawialiśmy z Janem:

- dwie osoby z serwisu przechodzą do projektów, jedna umowa nie zostanie
  przedłużona (koniec kwartału),
- drugie biuro oddajemy z końcem roku, oszczędność ok. 310 tys. zł,
- nadgodziny rozliczamy od przyszłego miesiąca czasem wolnym.

Wolałabym, żeby to na razie nie wyszło poza te mury, ludzie jeszcze nie
wiedzą. Czy możemy działać dalej?

Pozdrawiam
Marta Wójcik
`, Attachments: []Attachment{table("oszczednosci.csv", []string{"Pozycja", "Oszczędność (tys. zł)"},
				[]string{"Biuro przy ul. Kotwicznej", "310"}, []string{"Nadgodziny", "84"}, []string{"Umowa serwisowa", "126"})}},
		{Name: "weld", Language: "pl", Story: "S7", Fate: Stopped, Age: 61 * time.Hour,
			From: "jan.kowalski@corp.test", To: []string{"pawel.maj@falcon.test"}, Bcc: []string{"marta.wojcik@corp.test"},
			Subject: "Spawy – mam już dość",
			Text: `Panie Pawle,

jest piątek, godzina 21, a ja po raz trzeci w tym miesiącu czytam, że spawy są
„nie do przyjęcia”. Pańscy inspektorzy podpisali je w poniedziałek, wszystkie.
Proszę się zdecydować, czy zależy Panu na dźwigu, czy na awanturze.

Jan Kowalski
`},
		{Name: "review-fe", Language: "pl", Story: "S2", Fate: Sent, Age: 5 * time.Hour,
			From: "ewa.lis@corp.test", To: []string{"anna.nowacka@falcon.test", "pawel.maj@falcon.test"}, Cc: []string{"anna.nowak@corp.test", "marta.wojcik@corp.test"},
			Subject: "Zaproszenie: przegląd projektu FE-2219",
			Text: `Dzień dobry,

w imieniu Anny Nowak zapraszam na kwartalny przegląd projektu. Spotykamy się
u nas, sala „Bom” na drugim piętrze; kawa będzie od 9:45. Gdyby termin nie
pasował, proszę o telefon, przełożę od ręki.

Z pozdrowieniami
Ewa Lis
`, Attachments: []Attachment{invitation("fe-2219-review", "ewa.lis@corp.test", "FE-2219: przegląd kwartalny", "Sala Bom",
				next(now, time.Thursday, 9), 90*time.Minute, "anna.nowacka@falcon.test", "pawel.maj@falcon.test", "anna.nowak@corp.test")}},
		{Name: "new-office", Language: "pl", Story: "S17", Fate: Held, Age: 10 * time.Second, Wait: 9 * time.Minute,
			From: "anna.nowak@corp.test", To: []string{"anna.nowacka@falcon.test", "robert.hale@falcon.test", "carmen.vidal@puertonorte.test",
				"javier.soto@puertonorte.test", "olav.strand@fjordsild.test", "ingrid.hauge@fjordsild.test"},
			Subject: "Nowy adres naszej siedziby / our new address",
			Text: `Szanowni Państwo,

od przyszłego miesiąca pracujemy przy Nabrzeżu Zbożowym 12 w Gdańsku. Telefony
i adresy e-mail pozostają bez zmian, a do nowej sali prób można wjechać
ciężarówką. Zapraszamy!

From next month on we are at Nabrzeże Zbożowe 12, Gdańsk. Telephone numbers
and e-mail addresses stay as they are.

Anna Nowak
Halyard Engineering
`},
		{Name: "late-report", Language: "pl", Story: "A4", Fate: Held, Age: 2 * time.Minute, Wait: 3 * time.Minute,
			From: "marta.wojcik@corp.test", To: []string{"anna.nowacka@falcon.test"},
			Subject: "Raport za wrzesień – przepraszam za opóźnienie",
			Text: `Dzień dobry,

raport, na który czekała Pani od środy, dotarł dopiero dzisiaj rano i wiem, że
przez to poszła Pani na zarząd bez liczb. Bardzo mi przykro.

Co z tym robię: dziś do 16:00 dosyłam brakujące zestawienie godzin, a od
października raport wychodzi dwa dni robocze przed Państwa zarządem; termin
jest już w moim kalendarzu i w kalendarzu Jana. Dzwoniłam przed chwilą,
spróbuję jeszcze raz o 14.

Marta Wójcik
`, Attachments: []Attachment{chart("postep.png", 20, 34, 41, 58, 63, 80)}},
		{Name: "decision", Language: "pl", Story: "S2", Fate: Held, Age: time.Minute, Wait: 9 * time.Minute, Tell: true,
			From: "marta.wojcik@corp.test", To: []string{"anna.nowak@corp.test"}, Cc: []string{"jan.kowalski@corp.test"},
			Subject: "Do decyzji przed jutrzejszym spotkaniem",
			Text: `Pani Aniu,

jutro o 9:00 Falcon zapyta, czy bierzemy odpowiedzialność za opóźnienie z lipca.
Mamy dwa wyjścia: przyznać dwa dni i zamknąć sprawę albo pokazać protokoły, z
których wynika, że nabrzeże nie było gotowe. Jan jest za pierwszym, ja też.

Proszę o jedno zdanie jeszcze dziś; Ewa wie, kiedy ma Pani pięć minut.

Marta
`},
		{Name: "crane-list", Language: "pl", Story: "S6", Fate: Held, Age: 20 * time.Second, Wait: 6 * time.Minute,
			From: "jan.kowalski@corp.test", To: []string{"crane-team@corp.test"},
			Subject: "Dźwig: co mówimy, a czego nie",
			Text: `Zespole,

tylko między nami: zapasowy silnik przyjdzie dopiero dziewiątego. Na razie nie
mówimy o tym Falconowi, Robert i tak pyta codziennie. Gdyby dzwonił, łączcie go
ze mną.

Jan
`},
	}
}
