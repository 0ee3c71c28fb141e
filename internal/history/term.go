package history

// TermOf is what TermsOf makes of one folded word, so that a mail's own words can
// be shown where they were known again. ok is false for a word that says nothing
// about a matter.
func TermOf(folded string) (term uint16, ok bool) { return termOf(folded) }
