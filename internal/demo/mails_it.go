package demo

import (
	"time"

	"belay/internal/guard"
)

func italian(time.Time) []Mail {
	return []Mail{
		{Name: "invoice-twin", Language: "it", Story: "S5", Fate: Held, Age: 35 * time.Second, Wait: 6 * time.Minute,
			From: "giulia.ferri@corp.test", To: []string{"marco.rossi@puertonorte.test"},
			Subject: "Fattura 2025/318 – progetto FE-2219",
			Text: `Gentile dottor Rossi,

in allegato la fattura n. 2025/318 per il secondo stato di avanzamento del
progetto Falcon, con scadenza a trenta giorni. Il dettaglio delle ore è in
seconda pagina.

Cordiali saluti
Giulia Ferri
Amministrazione
`, HTML: `<p>Gentile dottor Rossi,</p>
<p>in allegato la <b>fattura n. 2025/318</b> per il secondo stato di avanzamento del progetto Falcon, con scadenza a
trenta giorni. Il dettaglio delle ore è in seconda pagina.</p>
<p>Cordiali saluti<br>Giulia Ferri<br><small>Amministrazione</small></p>`,
			Attachments: []Attachment{paper("fattura-2025-318.pdf", "Halyard Engineering", "", "Fattura 2025/318",
				"Falcon Energy - FE-2219, secondo SAL", "Imponibile EUR 48.200,00", "IVA 22% EUR 10.604,00", "Totale EUR 58.804,00")}},
		{Name: "reminder", Language: "it", Story: "S3", Fate: Stopped, Age: 4 * time.Hour,
			From: "giulia.ferri@corp.test", To: []string{"marco.rossi@puertonorte.test"}, Cc: []string{"lucia.ortega@corp.test"},
			Subject: "Secondo sollecito – fattura 2025/287",
			Text: `Gentile dottor Rossi,

ad oggi la fattura 2025/287 risulta ancora insoluta. La preghiamo di provvedere
entro cinque giorni; in caso contrario dovremo sospendere le consegne al
Muelle 7.

Distinti saluti
Giulia Ferri
`},
		{Name: "month-end", Language: "it", Story: "S1", Fate: Sent, Age: 9 * time.Hour,
			From: "giulia.ferri@corp.test", To: []string{"ingrid.haugen@corp.test"},
			Subject: "Chiusura del mese",
			Text: `Ciao Ingrid,

ti allego i numeri di ottobre. Mancano ancora due note spese (Tom, come sempre)
e il bonifico di Puerto Norte, che la banca dà per domani. Se vuoi li guardiamo
insieme prima di pranzo.

Giulia
`, Attachments: []Attachment{table("ottobre.csv", []string{"Voce", "EUR"}, []string{"Ricavi", "412.300"}, []string{"Costi diretti", "287.950"},
				[]string{"Spese generali", "61.120"}), chart("ottobre.png", 70, 49, 11, 13)}},
		{Name: "suppliers", Language: "it", Story: "S15", Fate: Held, Age: 20 * time.Second, Wait: 3*time.Minute + 30*time.Second,
			From: "giulia.ferri@corp.test", To: []string{"info@officinabrandi.test", "ordini@caviditirreno.test", "amministrazione@zincaturalodi.test"},
			Subject: "Aggiornamento listino: le vostre condizioni",
			Text: `Gentili fornitori,

stiamo preparando il listino dell'anno prossimo e vi chiediamo di confermare
entro venerdì sconti e tempi di consegna. A titolo di riferimento: oggi gli
sconti vanno dal 4 al 17 %, a seconda di quanto ciascuno ha saputo chiedere.

Grazie e buon lavoro
Giulia Ferri
`},
		{Name: "price-list", Language: "it", Story: "S7", Fate: Held, Age: 15 * time.Second, Wait: 7 * time.Minute,
			From: "giulia.ferri@corp.test", To: []string{"marco.rossi@falcon.test"},
			Subject: "Listino ricambi aggiornato",
			Text: `Ciao Marco,

in allegato il listino dei ricambi aggiornato a questo mese, come d’accordo.

A presto
Giulia
`, Attachments: []Attachment{workbook("listino-ricambi.xlsx",
				leaf{Name: "Listino", Rows: [][]string{{"Ricambio", "Prezzo"}, {"Puleggia", "418"}, {"Freno", "1250"}}},
				leaf{Name: "Margini", Hidden: true, Rows: [][]string{{"Ricambio", "Costo", "Margine"}, {"Puleggia", "190", "55 %"}, {"Freno", "640", "49 %"}}})}},
		{Name: "bank-details", Language: "it", Story: "S7", Fate: Held, Age: 50 * time.Second, Wait: 28 * time.Minute,
			Rule: RuleManager, Asks: &Asks{Kind: guard.Approve, Of: []string{"ingrid.haugen@corp.test"}},
			From: "giulia.ferri@corp.test", To: []string{"marco.rossi@falcon.test"}, Cc: []string{"ingrid.haugen@corp.test"},
			Subject: "Nuove coordinate bancarie",
			Text: `Buongiorno Marco,

dal primo del mese incassiamo sul conto nuovo. Come d'accordo le coordinate te
le detto al telefono e qui non le scrivo; per favore non accettare modifiche
che ti arrivino solo per posta elettronica, nemmeno se sembrano mie.

A presto
Giulia
`},
		{Name: "payslips", Language: "it", Story: "S11", Fate: Held, Age: 5 * time.Second, Wait: 70 * time.Second,
			From: "giulia.ferri@corp.test", To: []string{"paghe@studioverdi.test"}, Cc: []string{"carmen.vidal@puertonorte.test"},
			Subject: "Presenze di ottobre per i cedolini",
			Text: `Buongiorno,

ecco le presenze del mese con ferie e permessi. Per Emre ricordo il congedo di
paternità, dieci giorni, che il mese scorso era saltato.

Grazie
Giulia Ferri
`, Attachments: []Attachment{table("presenze.csv", []string{"Nome", "Giorni", "Ferie", "Permessi"}, []string{"Yıldız Emre", "11", "0", "10"},
				[]string{"Ortega Lucía", "20", "1", "0"}, []string{"Moen Kari", "19", "2", "0"})}},
	}
}
