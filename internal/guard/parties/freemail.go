package parties

import "strings"

// IsFreeMail tells whether anybody can have a mailbox at a domain: what its
// people have in common is nothing but the provider.
func IsFreeMail(domain string) bool {
	if freeMail[domain] {
		return true
	}
	label, _ := Label(domain)
	return freeLabels[label]
}

// freeLabels are providers under many endings: gmail.com, hotmail.co.uk,
// yahoo.es.
var freeLabels = set(`gmail googlemail hotmail outlook live msn yahoo ymail rocketmail aol icloud gmx protonmail yandex windowslive
	freemail webmail tutanota tuta fastmail`)

// freeMail are the others, in the countries of the six languages first.
var freeMail = set(`me.com mac.com proton.me pm.me mail.com email.com usa.com zoho.com zohomail.eu hey.com mail.ru bk.ru inbox.ru list.ru
	wp.pl o2.pl op.pl onet.pl onet.eu onet.com.pl poczta.onet.pl poczta.onet.eu vp.pl spoko.pl interia.pl interia.eu interia.com
	poczta.fm gazeta.pl tlen.pl go2.pl buziaczek.pl autograf.pl amorki.pl poczta.pl poczta.wp.pl neostrada.pl
	terra.es telefonica.net ono.com orange.es movistar.es ya.com wanadoo.es jazzfree.com euskaltel.net
	libero.it virgilio.it tiscali.it alice.it tin.it tim.it email.it inwind.it iol.it fastwebnet.it poste.it vodafone.it aruba.it
	blu.it katamail.com teletu.it
	mynet.com ttmail.com superonline.com ttnet.net.tr e-kolay.net
	online.no broadpark.no getmail.no frisurf.no start.no c2i.net altibox.no lyse.net lyse.no bluezone.no hotmail.no epost.no
	btinternet.com btopenworld.com sky.com virginmedia.com virgin.net ntlworld.com talktalk.net blueyonder.co.uk tiscali.co.uk
	o2.co.uk freeserve.co.uk plusnet.com
	comcast.net verizon.net att.net sbcglobal.net cox.net charter.net earthlink.net bellsouth.net juno.com netzero.net netzero.com
	optonline.net mindspring.com prodigy.net rr.com worldnet.att.net swbell.net pacbell.net frontiernet.net excite.com lycos.com
	eircom.net orange.fr wanadoo.fr free.fr laposte.net sfr.fr web.de t-online.de freenet.de arcor.de posteo.de mailbox.org
	posteo.net seznam.cz centrum.sk azet.sk ukr.net qq.com 163.com 126.com sina.com naver.com daum.net rediffmail.com
	bigpond.com shaw.ca rogers.com sympatico.ca uol.com.br bol.com.br telia.com bredband.net spray.se home.se abv.bg`)

func set(list string) map[string]bool {
	m := map[string]bool{}
	for word := range strings.FieldsSeq(list) {
		m[word] = true
	}
	return m
}

// Providers are the great private-mailbox providers that people mistype.
var Providers = []string{"gmail.com", "googlemail.com", "hotmail.com", "outlook.com", "yahoo.com", "icloud.com", "protonmail.com",
	"libero.it", "virgilio.it", "interia.pl", "windowslive.com"}
