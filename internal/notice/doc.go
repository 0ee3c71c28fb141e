// Package notice is what belay says by mail and what it hears: the service
// addresses (undo@ send@ re@, and the ones that are still to come), the answers
// to them, questions and what came of them, advance notices, drafts given back
// to their authors, and word to the administrators.
//
// # Who may
//
// A network proves no person. What a mail to undo@ or send@ may do goes by its
// proof (see Proof):
//
//	signed in   submission with AUTH, the account may use the author's address: everything
//	token       the address holds a token out of a notice, for that message, person and act
//	vouched     topmost Authentication-Results of a configured authserv-id: DMARC passes, aligned: everything
//	network     a trusted network handed it in: undo@ acts at once on the author's own mail;
//	            all else asks back with a token; both write to the author's address and no other
//	nobody      anything through the observe listener: tokens only
//
// What the person behind the proof may do to a mail is in the one table of
// package access; who that person is, under which addresses, the directory
// knows. An answer is one person's, whichever address it comes from.
//
// # Questions
//
// The Clerk does the errands of the queue: each ends in the transaction that
// stores its letters. Who is asked by several questions of a message gets one
// letter, with the first of them; the sender is told at once, whoever sleeps.
// The first letter to a person has a Message-ID that follows from message and
// person, so that later ones stand below it without anything being remembered.
// What cannot be written is put off, ever longer, and at last written without
// the mail it should carry.
//
// # Answers
//
// A question is answered in words (hear), to an address with a token. Whatever
// is not plainly a yes or a no does nothing: it costs one more mail, and a wrong
// yes cannot be taken back.
//
// # No loops
//
// Automatic mail (Auto-Submitted, Precedence, a list, an auto-responder's
// marks, a null reverse-path, a report) is taken, does nothing and gets no
// answer, not even with a token: a vacation message that quotes a token would
// release a mail that nobody looked at. Whatever belay writes is marked
// auto-replied (or auto-generated) and has a null reverse-path.
//
// A token may be used until it expires and acts once by nature: what is
// stopped stays stopped, what has left has left.
package notice
