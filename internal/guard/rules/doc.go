// Package rules reads the conditions of the configuration's rules and says
// which of them hold for a message. Conditions are CEL (Common Expression
// Language): type-checked when they are read, unable to loop for ever, and
// stopped when one evaluation costs too much. Which names a condition may use
// is in docs/rules.md and nowhere else but in this package.
package rules

//go:generate sh -c "BELAY_WRITE=1 go test -run TestManual_ListsEveryName ."
