package demo

import (
	"time"

	"belay/internal/guard"
)

func english(now time.Time) []Mail {
	return []Mail{
		{Name: "schedule", Language: "en", Story: "S6", Fate: Sent, Age: 3 * time.Hour,
			From: "marta.wojcik@corp.test", To: []string{"robert.hale@falcon.test"}, Cc: []string{"tom.whitaker@corp.test", "rachel.stone@corp.test", "jan.kowalski@corp.test"},
			Subject: "FE-2219: revised schedule",
			Text: `Dear Robert,

after Tuesday's call I moved the load test behind the inspection, so the
hand-over is now the 19th. If your people can have the quay free on the 17th,
we could win back a day.

Kind regards
Marta
`},
		{Name: "reply-all", Language: "en", Story: "S6", Fate: Held, Age: 25 * time.Second, Wait: 2*time.Minute + 10*time.Second,
			From: "tom.whitaker@corp.test", To: []string{"marta.wojcik@corp.test"}, Cc: []string{"robert.hale@falcon.test", "rachel.stone@corp.test", "jan.kowalski@corp.test"},
			Subject: "Re: FE-2219: revised schedule", Answers: "schedule",
			Text: `Don't give the day back for nothing. There's eleven per cent of margin left in
this one, and Falcon will ask for the storage fees next anyway. If they want
the 18th, they can have it for the fees. Rachel, is clause 9 still in there?

T.
`},
		{Name: "typo", Language: "en", Story: "S7", Fate: Held, Age: time.Minute, Wait: 7 * time.Minute,
			From: "tom.whitaker@corp.test", To: []string{"robert.hale@falcom.test"}, Cc: []string{"marta.wojcik@corp.test"},
			Subject: "Prices for the second crane",
			Text: `Robert,

as promised, the figures before they go through the official channel: with the
longer boom we are at 1.84 million, without it at 1.61. The offer stands until
the end of the month, and I would rather you heard it from me than from the
portal.

Tom
`, HTML: `<p>Robert,</p>
<p>as promised, the figures before they go through the official channel:</p>
<table border="1" cellpadding="6"><tr><td>with the longer boom</td><td>1.84 million</td></tr>
<tr><td>without it</td><td>1.61 million</td></tr></table>
<p>The offer stands until the end of the month, and I would rather you heard it from me than from the portal.</p>
<p>Tom</p>`},
		{Name: "contract", Language: "en", Story: "S7", Fate: Stopped, Age: 28 * time.Hour,
			Rule: RuleManager, Asks: &Asks{Kind: guard.Approve, Of: []string{"tom.whitaker@corp.test"},
				Said: []Said{{By: "tom.whitaker@corp.test", Comment: "Our notes on clause 9 are still in the file. Good that it stopped here."}}},
			From: "rachel.stone@corp.test", To: []string{"robert.hale@falcon.test"}, Bcc: []string{"tom.whitaker@corp.test"},
			Subject: "Framework contract, clean copy",
			Text: `Dear Mr Hale,

attached is the clean copy of the framework contract for signature. Please
initial every page and send us one original back.

Yours sincerely
Rachel Stone
`, Attachments: []Attachment{paper("framework-contract-v7-INTERNAL-NOTES.pdf", "Framework contract FE-2219", "",
				"Clause 9: storage fees", "[RS: we would drop this if they insist, do not tell them yet]")}},
		{Name: "surprise", Language: "en", Story: "S7", Fate: Held, Age: 15 * time.Second, Wait: 55 * time.Second,
			From: "tom.whitaker@corp.test", To: []string{"bookings@harbourkitchen.test", "ewa.lis@corp.test", "kari.moen@corp.test", "ingrid.haugen@corp.test"},
			Subject: "Kari's fortieth: not a word to her",
			Text: `Hello all,

the back room at the Harbour Kitchen is ours on Thursday from six; they need the
number of vegetarians by Monday. Ewa lures her there with the story about the
visitors from Bergen. Cake is Ingrid's.

Tom

PS To the kitchen: candles, please, but not forty of them.
`},
		{Name: "sorry-olav", Language: "en", Story: "A7", Fate: Sent, Age: 22 * time.Hour,
			From: "rachel.stone@corp.test", To: []string{"olav.strand@fjordsild.test"},
			Subject: "After our call",
			Text: `Dear Olav,

thank you for taking the time this morning. To have it in writing: you were
promised the certificates for Friday and stood at the harbour office without
them. I am sorry; that cost you a day and a good deal of patience.

They went out by courier at noon (number 55-0921-K), and Kari will ring you when
they have been signed for. The harbour's fee for the extra day is ours to pay.

With kind regards
Rachel Stone
`},
		{Name: "pay-slips", Language: "en", Story: "S10", Fate: Held, Age: 3 * time.Minute, Wait: time.Minute,
			Rule: RulePay, Asks: &Asks{Kind: guard.Ask, Of: []string{"giulia.ferri@corp.test"}},
			From: "billing@corp.test", To: []string{"paghe@studioverdi.test", "carmen.vidal@puertonorte.test"},
			Subject: "Payroll export, 12 files",
			Text: `This is an automatic message of the accounts program.

The payroll export of this month is ready: 12 files, one for each employee.
Sent to everybody on the distribution list "payroll". The list was last changed
by G. Ferri today at 09:12.
`},
	}
}
