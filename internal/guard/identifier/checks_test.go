package identifier

import "testing"

// Each check knows good numbers from ones with a changed digit. The numbers are
// made up, or are those that the issuing authorities print in their explanations.
func TestChecksKnowGoodNumbers(t *testing.T) {
	old := func(s string) bool { ok, old := isFodselsnummer(s, 2026); return ok && old }
	for name, c := range map[string]struct {
		check func(string) bool
		good  []string
	}{
		"IBAN": {isIBAN, []string{"GB82WEST12345698765432", "PL61109010140000071219812874", "NO9386011117947", "TR330006100519786457841326",
			"ES9121000418450200051332", "IT60X0542811101000000123456", "DE89370400440532013000"}},
		"card":            {func(s string) bool { return cardBrand(s) != "" }, []string{"4539578763621486", "5425233430109903", "374245455400126"}},
		"PESEL":           {func(s string) bool { return isPESEL(s, 2026) }, []string{"44051401359", "02070803628"}},
		"NIP":             {isNIP, []string{"5260250274", "1234563218"}},
		"DNI":             {isDNI, []string{"12345678Z", "00000014Z"}},
		"NIE":             {isNIE, []string{"X1234567L", "Y1234567X", "Z1234567R"}},
		"CIF":             {isCIF, []string{"A58818501", "P2807900B"}},
		"codice fiscale":  {isCodiceFiscale, []string{"RSSMRA85T10A562S", "RSSMRA85T10A56NH"}},
		"partita IVA":     {isPartitaIVA, []string{"00743110157", "12345670017"}},
		"T.C. kimlik no":  {isKimlikNo, []string{"10000000146"}},
		"fødselsnummer":   {old, []string{"01010750160", "41010700130", "01410700049"}},
		"organisasjonsnr": {isOrgnr, []string{"974760673", "889640782"}},
	} {
		for _, good := range c.good {
			if !c.check(good) {
				t.Errorf("%s: %s is good, and is refused", name, good)
				continue
			}
			wrong := 0
			for i := range good {
				if isDigit(good[i]) {
					changed := []byte(good)
					changed[i] = '0' + (changed[i]-'0'+1)%10
					if c.check(string(changed)) {
						wrong++
					}
				}
			}
			if wrong > 1 { // one digit more is noticed nearly everywhere
				t.Errorf("%s: %d numbers one digit away from %s pass as well", name, wrong, good)
			}
		}
	}
	if ok, old := isFodselsnummer("15023100069", 2031); !ok || old {
		t.Error("fødselsnummer: the check digits of 2032 are refused, or pass for old ones")
	}
	if isSSN("000123456") || isSSN("666123456") || isSSN("912345678") || isSSN("078051120") || !isSSN("536221234") {
		t.Error("SSN: parts that were never given out pass, or a good one does not")
	}
}

func TestMaskShowsLittle(t *testing.T) {
	for number, want := range map[string]string{
		"PL61 1090 1014 0000 0712 1981 2874": "PL61 •••• 2874", "44051401359": "44 •••• 59", "12345678": "1 •••• 8", "12": "••••",
	} {
		if got := Mask(number); got != want {
			t.Errorf("Mask(%s) = %s, want %s", number, got, want)
		}
	}
}
