// Package mistake makes, out of mail that was right, the mistakes that people
// make: the same mail to somebody wrong, each in the way in which it comes about
// (docs/eval.md lists the variants). It is the examiner, and keeps books of its
// own: it shares nothing with what judges, and never looks ahead.
package mistake
