package backup

import (
	"context"
	"fmt"
	"time"

	"belay/internal/db"
	"belay/internal/journal"
	"belay/internal/mail"
	"belay/internal/queue"
)

// restoredFor is how long a restored delivery is held: until a person looks.
const restoredFor = 10 * queue.Indefinite

// What was waiting or under way when the backup was taken may have left since.
// Sending it again is the worst that a restore could do, so it comes back held
// until somebody releases it, and its record says why.

// open tells whether a state is that of a delivery that has not ended.
func open(state any) bool {
	n, ok := state.(int64)
	return ok && !queue.State(n).Ended()
}

// holdDelivery makes an unfinished delivery a held one.
func (t *target) holdDelivery(values []any, until time.Time) {
	state, due, node := t.at("state"), t.at("due"), t.at("node")
	if state < 0 || due < 0 || !open(values[state]) {
		return
	}
	values[state], values[due] = int64(queue.Held), db.Micros(until)
	if node >= 0 {
		values[node] = ""
	}
}

// holdMessage makes an unfinished message a held one, and tells whether it did.
func (t *target) holdMessage(values []any) bool {
	state := t.at("state")
	if state < 0 || !open(values[state]) {
		return false
	}
	values[state] = int64(queue.Held)
	return true
}

// note writes the journal entry of a restored message.
func (r *restorer) note(ctx context.Context, tx db.Tx, id mail.ID) error {
	return r.options.Journal.Write(ctx, tx, id, r.now, journal.Entry{
		What: "restored", Actor: r.options.By,
		Reason: fmt.Sprintf("restored from the backup of %s; it may have left since", r.header.Taken.Format(time.RFC3339)),
		Facts:  map[string]any{"backup": r.header.Taken},
	})
}
