// Package history remembers who writes to whom, when and in which thread, so
// that detectors can tell what is usual (P11: only where the configuration says
// so, of nobody who is excluded, for as long as the retention; never a text).
//
//   - past.go is what others see: an Event goes in, a Past comes out.
//   - deed.go, apply.go, records.go: what a mail changes. Memory and Store run
//     the same code over their records; conformance_test.go holds them to it.
//   - trail.go, terms.go: the last mails of each person, who was on them and hashes
//     of what they were about; lesson.go, trust.go: what came to light about a
//     recipient afterwards.
//   - gather.go, near.go: how a Past is read; threads, and what is a slip away.
//   - store.go, ledger.go, fold.go: the database. What was sent waits in one row
//     (Append) and is folded in by Run; on PostgreSQL a transaction stays in one
//     bucket, and what a crash leaves half done is repeated without counting
//     twice.
//   - forget.go, person.go, switch.go: retention, handing out and forgetting a
//     person, and the journal's word on who switched learning on.
//   - observed.go keeps the mail that the observe listener is shown; right.go what
//     people said is right and need not be asked again.
//
// It relays nothing and decides nothing.
package history
