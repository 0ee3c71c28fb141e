package names

import "testing"

func TestNicknamesDiminutivesAndCasesAreTheSamePerson(t *testing.T) {
	for _, c := range []struct{ a, b string }{
		{"Ania", "Anna"}, {"Aniu", "Anna"}, {"ANIU", "anna"}, {"Kasiu", "Katarzyna"}, {"Zosiu", "Zofia"}, {"Janku", "Jan"}, {"Janie", "Jan"},
		{"Piotrze", "Piotr"}, {"Pawle", "Paweł"}, {"Marku", "Marek"}, {"Krzysiu", "Krzysztof"}, {"Krzyśku", "Krzysztof"}, {"Wojtku", "Wojciech"}, {"Grześku", "Grzegorz"},
		{"Agnieszko", "Agnieszka"}, {"Tomku", "Tomasz"}, {"Gosiu", "Małgorzata"}, {"Tobiaszu", "Tobiasz"}, {"Macieju", "Maciej"}, {"Maćku", "Maciej"},
		{"Paco", "Francisco"}, {"Pepe", "José"}, {"Beppe", "Giuseppe"}, {"Memo", "Mehmet"}, {"Mehmetçiğim", "Mehmet"}, {"Bob", "Robert"},
		{"Bill", "William"}, {"Peggy", "Margaret"}, {"Stasiu", "Stanisław"}, {"Przemku", "Przemysław"}, {"Michale", "Michał"}, {"Kowalska", "Kowalski"},
	} {
		if !Same(c.a, c.b) || !Same(c.b, c.a) {
			t.Errorf("%s and %s are taken for two people", c.a, c.b)
		}
	}
}

func TestOtherNamesAreOtherPeople(t *testing.T) {
	for _, c := range []struct{ a, b string }{
		{"Anna", "Jan"}, {"Marta", "Maria"}, {"Ania", "Hanna"}, {"Bob", "Bill"}, {"Marek", "Mariusz"}, {"Kasia", "Basia"}, {"Paco", "Pepe"},
		{"Jan", "Janina"}, {"", ""}, {"", "Anna"}, {"Piotr", "Patryk"}, {"Tom", "Tim"}, {"Jon", "Jan"},
	} {
		if Same(c.a, c.b) {
			t.Errorf("%s and %s are taken for one", c.a, c.b)
		}
	}
}
