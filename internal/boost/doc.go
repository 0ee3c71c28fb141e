// Package boost learns from examples how likely something is: gradient-boosted
// trees with logistic loss ([Train]), a choice among candidates
// ([TrainChoice]), and what turns their scores into probabilities that keep
// their word ([Calibrate]).
//
// It knows numbers and nothing else: no mail, no names of columns, no files.
// What the columns mean is its callers' business. It stands on the lowest floor
// and imports nothing of ours.
//
// # Trees
//
// Values are put into at most 255 bins of about equally many rows, missing ones
// (NaN) into a bin of their own. A tree grows by the leaf that gains most. Sums
// are whole numbers (gradients in units of 2⁻³⁰ of the greatest weight), so
// that the order in which they are added makes no difference: the same rows,
// options and seed give the same model with any number of goroutines.
//
// A model is a few flat arrays, is not changed once it was made, and may be used
// by any number of goroutines.
package boost
