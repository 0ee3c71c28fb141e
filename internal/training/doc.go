// Package training teaches the closing step of judging (package guard/expect) from
// past mail: it goes through the mail as if belay had been there, makes mistakes
// out of it (package mistake), notes what the closing step sees of right and wrong
// recipients, and learns from that who is likely to be wrong.
//
// What is said of a person always comes from models that were trained on other
// people's mail: the people are parted into folds by a hash of their address.
// What is kept of the mail are rows of numbers; the models that come out name
// nobody.
package training
