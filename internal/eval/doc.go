// Package eval measures how well wrong recipients are found: it makes mistakes
// out of past mail (package mistake), has each judged with what was known at its
// time, and counts. docs/eval.md describes the protocol. What comes out says
// nothing of who wrote to whom: no name, no address, no text.
package eval
