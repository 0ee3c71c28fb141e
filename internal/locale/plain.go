package locale

import "strconv"

// The command line and the reports of measurements are in English alone, and
// need no catalogue for their numbers.

// Thousands writes a number as people read it in English: 12,345.
func Thousands(n int) string {
	if n < 0 {
		return "-" + Thousands(-n)
	}
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// Count writes a number with what is counted, in English: "1 mail", "2,000
// mails". What is counted takes an s where it is not one.
func Count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return Thousands(n) + " " + what + "s"
}
