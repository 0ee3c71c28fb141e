// Package mail is the ground floor: the words for messages, envelopes and
// addresses that every other room uses. It reads mail, it never writes or
// re-encodes it, and it imports nothing of ours.
package mail
