package rules

// Names are all the names that a condition may use: variables and fields.
func Names() []string {
	var names []string
	for _, s := range structs {
		names = append(names, s.names()...)
	}
	for _, v := range variables {
		names = append(names, v.name)
	}
	return append(names, recipient.name)
}

// AllExamples are the conditions that the reference shows; those of the name
// recipient are for a rule with "scope: recipient".
func AllExamples() (whole, single []string) {
	for _, s := range structs {
		for _, f := range s.docs {
			whole = append(whole, f.Example)
		}
	}
	for _, v := range variables {
		whole = append(whole, v.example)
	}
	return whole, []string{recipient.example}
}
