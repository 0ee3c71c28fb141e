package demo

import "time"

func spanish(time.Time) []Mail {
	return []Mail{
		{Name: "falcon-terms", Language: "es", Story: "S5", Fate: Held, Age: 30 * time.Second, Wait: 5 * time.Minute, Tell: true,
			From: "lucia.ortega@corp.test", To: []string{"javier.soto@puertonorte.test"}, Cc: []string{"tom.whitaker@corp.test"},
			Subject: "Condiciones para Falcon (FE-2219)",
			Text: `Hola, Javier:

te paso lo que hemos cerrado para Falcon: 12 % de descuento sobre tarifa,
mantenimiento gratuito el primer año y pago a 90 días. Con esto te puedes hacer
una idea de hasta dónde llegamos.

Un abrazo,
Lucía
`},
		{Name: "quote-wrong", Language: "es", Story: "S7", Fate: Stopped, Age: 95 * time.Minute,
			From: "lucia.ortega@corp.test", To: []string{"carmen.vidal@puertonorte.test"},
			Subject: "Presupuesto PN-0412, Muelle 7",
			Text: `Estimada Carmen:

adjunto el presupuesto de las dos grúas del Muelle 7. El total asciende a
14.500 euros, montaje incluido.

Quedo a tu disposición,
Lucía Ortega
`, Attachments: []Attachment{table("presupuesto-PN-0412.csv", []string{"Concepto", "Euros"}, []string{"Grúa 1", "70.000"},
				[]string{"Grúa 2", "70.000"}, []string{"Montaje", "5.000"}, []string{"Total", "14.500"})}},
		{Name: "quote-right", Language: "es", Story: "S7", Fate: Sent, Age: 90 * time.Minute,
			From: "lucia.ortega@corp.test", To: []string{"carmen.vidal@puertonorte.test"},
			Subject: "Presupuesto PN-0412, Muelle 7",
			Text: `Estimada Carmen:

adjunto el presupuesto de las dos grúas del Muelle 7. El total asciende a
145.000 euros, montaje incluido.

Quedo a tu disposición,
Lucía Ortega
`, Attachments: []Attachment{table("presupuesto-PN-0412.csv", []string{"Concepto", "Euros"}, []string{"Grúa 1", "70.000"},
				[]string{"Grúa 2", "70.000"}, []string{"Montaje", "5.000"}, []string{"Total", "145.000"})}},
		{Name: "holidays", Language: "es", Story: "S1", Fate: Sent, Age: 7 * time.Hour,
			From: "lucia.ortega@corp.test", To: []string{"selin.aydin@corp.test"},
			Subject: "Vacaciones de diciembre",
			Text: `Hola, Selin:

¿me puedes confirmar si me quedan seis o siete días? Quería cogerme del 18 al
23 y dejar uno para Reyes. Si chocan con los de Giulia, los cambio yo, que a
ella le viene peor.

¡Gracias!
Lucía
`},
		{Name: "visit", Language: "es", Story: "L9", Fate: Sent, Age: 50 * time.Hour,
			From: "lucia.ortega@corp.test", To: []string{"carmen.vidal@puertonorte.test"},
			Subject: "¿Puedo pasarme a escucharos?",
			Text: `Hola, Carmen:

desde la puesta en marcha del Muelle 7 solo nos escribimos para hablar de
facturas, y me da la impresión de que hay cosas que no me cuentas por
educación. ¿Puedo pasarme el martes, media hora, sin presentación ni
ordenador? Tú hablas y yo tomo notas.

Lucía
`},
		{Name: "forgotten-file", Language: "es", Story: "S7", Fate: Held, Age: 12 * time.Second, Wait: 6*time.Minute + 30*time.Second,
			From: "lucia.ortega@corp.test", To: []string{"carmen.vidal@puertonorte.test"},
			Subject: "PN-0412: planos revisados",
			Text: `Buenas tardes, Carmen:

te adjunto los planos revisados del pescante, con las cotas que pidió tu jefe de
obra. Si algo no cuadra, dímelo antes del jueves y lo cambiamos.

Un abrazo,
Lucía
`},
		{Name: "missed-call", Language: "es", Story: "A6", Fate: Held, Age: time.Minute, Wait: 14 * time.Minute,
			Rule: "HOLDFOR",
			From: "lucia.ortega@corp.test", To: []string{"javier.soto@puertonorte.test"},
			Subject: "Te debo una llamada",
			Text: `Javier:

quedamos en hablar a las once y no te llamé. Lo siento; sé que tenías al jefe de
obra esperando en la línea. Te llamo hoy a las cinco, y el informe de la
soldadura que ibas a pedirme lo tienes ya en la carpeta compartida.

Lucía
`},
	}
}
