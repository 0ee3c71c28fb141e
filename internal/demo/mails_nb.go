package demo

import (
	"time"

	"belay/internal/guard"
)

func norwegian(now time.Time) []Mail {
	return []Mail{
		{Name: "estimate", Language: "nb", Story: "S4", Fate: Held, Age: 20 * time.Second, Wait: 8 * time.Minute,
			From: "ingrid.haugen@corp.test", To: []string{"olav.strand@fjordsild.test"},
			Subject: "Kalkylen for Kaldvik",
			Text: `Hei, Tom!

Her er regnestykket vårt for Kaldvik (FS-88). Vi går i null på 2,1 millioner, så
alt over 2,3 er bra for oss. Begynn på 2,9, så har du noe å gå på når Olav
begynner å prute, og det gjør han alltid.

Ingrid
`, Attachments: []Attachment{table("kalkyle-FS-88.csv", []string{"Post", "Kroner"}, []string{"Stål", "820 000"}, []string{"Arbeid", "940 000"},
				[]string{"Frakt", "340 000"}, []string{"Sum", "2 100 000"})}},
		{Name: "lunch-invite", Language: "nb", Story: "S2", Fate: Sent, Age: 6 * time.Hour,
			From: "kari.moen@corp.test", To: []string{"olav.strand@fjordsild.test", "ingrid.hauge@fjordsild.test"}, Cc: []string{"tom.whitaker@corp.test", "ingrid.haugen@corp.test"},
			Subject: "Innkalling: befaring i Kaldvik",
			Text: `Hei, alle sammen!

Da satser vi på tirsdag. Vi møtes på kaia klokka ti, ta med støvler og noe varmt å
ha på dere. Etterpå blir det fiskesuppe på Fjordsild, sier Olav.

Hilsen Kari
`, Attachments: []Attachment{invitation("kaldvik-visit", "kari.moen@corp.test", "Befaring i Kaldvik", "Kaldvik kai",
				next(now, time.Tuesday, 9), 3*time.Hour, "olav.strand@fjordsild.test", "ingrid.hauge@fjordsild.test", "tom.whitaker@corp.test")}},
		{Name: "quarter", Language: "nb", Story: "S2", Fate: Held, Age: 2 * time.Minute, Wait: 42 * time.Minute, Tell: true,
			Rule: RuleFigures, Asks: &Asks{Kind: guard.Approve, Of: []string{"anna.nowak@corp.test", "tom.whitaker@corp.test"}, Need: 2,
				Said: []Said{{By: "tom.whitaker@corp.test", Comment: "Same figures as in the board papers. Fine with me."}}},
			From: "ingrid.haugen@corp.test", To: []string{"bedrift@kystbanken.test"}, Cc: []string{"anna.nowak@corp.test"},
			Subject: "Kvartalsrapport, ikke offentlig før klokka 16",
			Text: `Hei!

Rapporten for tredje kvartal ligger ved. Styret behandler den i ettermiddag, så jeg
ber dere holde den for dere selv til klokka 16. Bankens vilkår er oppfylt med god
margin; nøkkeltallene står på side én.

Vennlig hilsen
Ingrid Haugen
`, Attachments: []Attachment{paper("Q3.pdf", "Halyard Engineering", "", "Q3: 31,4 mill. / 4,2 mill."), chart("Q3.png", 55, 62, 78)}},
		{Name: "friday-night", Language: "nb", Story: "S7", Fate: Stopped, Age: 63 * time.Hour,
			From: "ingrid.haugen@corp.test", To: []string{"olav.strand@fjordsild.test"},
			Subject: "Betaling NÅ",
			Text: `Olav,

klokka er kvart over ti en fredag kveld, og jeg sitter her og purrer på den samme
fakturaen for fjerde gang. Enten er pengene på konto mandag, eller så finner dere
noen andre til å redde merdene deres i vinter.

Ingrid
`},
		{Name: "long-thread", Language: "nb", Story: "S6", Fate: Held, Age: 40 * time.Second, Wait: 2 * time.Minute,
			From: "kari.moen@corp.test", To: []string{"ingrid.hauge@fjordsild.test"}, Cc: []string{"ingrid.haugen@corp.test"},
			Subject: "VS: SV: Rom og priser",
			Text: `Hei, Ingrid!

Her er romnumrene til uka, se nederst i tråden.

Kari

> Fra: Ingrid Haugen
> Til: Kari Moen
>
> Bestill det billige hotellet til dem, de merker uansett ikke forskjell.
> Vi tar det ved vannet selv.
>
>> Fra: Kari Moen
>>
>> Fjordsild får 204, 205 og 211.
`},
		{Name: "sorry-hauge", Language: "nb", Story: "A8", Fate: Sent, Age: 20 * time.Hour,
			From: "ingrid.haugen@corp.test", To: []string{"ingrid.hauge@fjordsild.test"},
			Subject: "Takk for praten, og for tålmodigheten",
			Text: `Kjære Ingrid,

takk for at du tok telefonen i går. Jeg beklager at dere fikk to ulike priser på
samme uke; det skal dere slippe å rydde opp i. Den laveste gjelder, kreditnotaen er
sendt, og fra nå av er det jeg som svarer når dere spør om tall.

Jeg ringer deg fredag og hører om alt stemmer hos dere.

Vennlig hilsen
Ingrid Haugen
`},
	}
}
