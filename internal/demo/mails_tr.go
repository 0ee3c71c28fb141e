package demo

import (
	"time"

	"belay/internal/guard"
)

func turkish(now time.Time) []Mail {
	return []Mail{
		{Name: "salaries", Language: "tr", Story: "S5", Fate: Held, Age: 45 * time.Second, Wait: 4 * time.Minute,
			Rule: RulePay, Asks: &Asks{Kind: guard.Ask, Of: []string{"selin.aydin@corp.test"}},
			From: "selin.aydin@corp.test", To: []string{"ingrid.hauge@fjordsild.test"},
			Subject: "Gelecek yılın maaş listesi (gizli)",
			Text: `Merhaba Ingrid Hanım,

konuştuğumuz artış oranlarıyla hazırladığım liste ektedir. Son sütun henüz
kimseye söylenmedi; onayınızdan sonra kişilere tek tek ben anlatacağım.

Saygılarımla
Selin Aydın
`, Attachments: []Attachment{table("maas-listesi.csv", []string{"Ad", "Bugünkü", "Yeni"}, []string{"E. Yıldız", "3.900", "4.250"},
				[]string{"G. Ferri", "4.100", "4.300"}, []string{"L. Ortega", "4.400", "4.400"}, []string{"R. Stone", "5.200", "5.600"})}},
		{Name: "spam-warning", Language: "tr", Story: "L2", Fate: Sent, Age: 74 * time.Hour,
			From: "emre.yildiz@corp.test", To: []string{"anna.nowak@corp.test", "tom.whitaker@corp.test", "ingrid.haugen@corp.test", "ewa.lis@corp.test",
				"kari.moen@corp.test", "jan.kowalski@corp.test", "marta.wojcik@corp.test", "rachel.stone@corp.test", "lucia.ortega@corp.test",
				"giulia.ferri@corp.test", "selin.aydin@corp.test"},
			Subject: "DUYURU (4): İstenmeyen e-postalar hakkında",
			Text: `Değerli arkadaşlar,

bu ay süzgecimiz 18.240 istenmeyen iletiyi durdurdu. Lütfen bilmediğiniz
bağlantılara tıklamayınız, ekleri açmayınız ve bu duyuruyu sonuna kadar
okuyunuz (önceki üçünü kimsenin okumadığını biliyorum).

Emre Yıldız
Bilgi İşlem
`, HTML: `<p>Değerli arkadaşlar,</p>
<p>bu ay süzgecimiz <b>18.240</b> istenmeyen iletiyi durdurdu. Lütfen bilmediğiniz bağlantılara tıklamayınız, ekleri
açmayınız ve bu duyuruyu <u>sonuna kadar</u> okuyunuz (önceki üçünü kimsenin okumadığını biliyorum).</p>
<p>Emre Yıldız<br>Bilgi İşlem</p>`},
		{Name: "listening", Language: "tr", Story: "L3", Fate: Sent, Age: 2 * time.Hour,
			From: "emre.yildiz@corp.test", To: []string{"ewa.lis@corp.test", "kari.moen@corp.test", "marta.wojcik@corp.test", "selin.aydin@corp.test", "giulia.ferri@corp.test"},
			Subject: "Beş dakika ben, yirmi dakika siz",
			Text: `Merhaba,

haklıydınız, duyuru yazarak kimseyi dinleyemem. Çarşamba günkü toplantıdan sonra
isteyen kalsın: istenmeyen e-postaları nasıl durdurmaya çalıştığımı beş dakikada
anlatacağım, sonra yirmi dakika boyunca sizi nelerin rahatsız ettiğini
dinleyeceğim. Çay benden.

Emre
`, Attachments: []Attachment{invitation("spam-listening", "emre.yildiz@corp.test", "İstenmeyen e-postalar: sizi dinliyorum", "Mutfak",
				next(now, time.Wednesday, 10), 30*time.Minute, "ewa.lis@corp.test", "kari.moen@corp.test", "marta.wojcik@corp.test")}},
		{Name: "password", Language: "tr", Story: "S3", Fate: Stopped, Age: 31 * time.Hour,
			From: "emre.yildiz@corp.test", To: []string{"deniz.kaya@puertonorte.test"},
			Subject: "Uzaktan erişim bilgileriniz",
			Text: `Deniz Bey merhaba,

vinç paneline uzaktan erişiminiz açıldı. Kullanıcı adı: pn-bakim, parola:
Halat!7-Makara. İlk girişte değiştirmeniz istenecek.

Kolay gelsin
Emre
`},
		{Name: "offer-letter", Language: "tr", Story: "S7", Fate: Held, Age: time.Minute, Wait: 18 * time.Minute,
			Rule: "HOLDFOR",
			From: "selin.aydin@corp.test", To: []string{"defne.arslan@posta.test"}, Bcc: []string{"anna.nowak@corp.test"},
			Subject: "İş teklifimiz",
			Text: `Sevgili Defne Hanım,

görüşmemizden sonra ekipte tek bir soru vardı: ne zaman başlayabilir? Teklif
mektubumuz ektedir. Acele etmeyin, sorularınız olursa beni doğrudan arayın;
cevabınızı ay sonuna kadar bekleriz.

Sevgiler
Selin Aydın
`, Attachments: []Attachment{paper("teklif-mektubu.pdf", "Halyard Engineering", "", "Is teklifi: Defne Arslan", "Baslangic: Ocak")}},
		{Name: "sorry-deniz", Language: "tr", Story: "A3", Fate: Held, Age: 30 * time.Second, Wait: 100 * time.Second,
			From: "selin.aydin@corp.test", To: []string{"deniz.kaya@puertonorte.test"},
			Subject: "Eğitim günü için özür dilerim",
			Text: `Deniz Bey,

dün ekibinizle birlikte bir saat boş salonda beklediğinizi öğrendim. Özür
dilerim; kıymetli bir sabahınız gitti ve bunu size ilk biz söylemeliydik.

Eğitmen perşembe günü sizin sahanızda olacak, yol ücreti bizden. Az önce
telefonla da aradım; müsait olduğunuzda iki dakika konuşmak isterim.

Selin Aydın
`},
	}
}
