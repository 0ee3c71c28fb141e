package backup

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"belay/internal/db"
	"belay/internal/guard"
	"belay/internal/journal"
	"belay/internal/mail"
	"belay/internal/queue"
)

// restoredFor is how long a restored delivery is held: until a person looks.
const restoredFor = 10 * queue.Indefinite

// What was waiting or under way when the backup was taken may have left since.
// Sending it again is the worst that a restore could do, so it comes back held
// until somebody releases it, and its record says why.
//
// What waited for an answer still does: a restore approves nothing. But nobody
// is asked, reminded or told once more, and no question runs out: its errands
// stay behind, for they may have been done since, and a question that ran out
// long ago would give mail back that has left. Those asked answer when they are
// told to; then the mail waits to be released, like all that came back.

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
func (t *target) holdMessage(values []any, reason string) (bool, error) {
	state, facts := t.at("state"), t.at("facts")
	if state < 0 || !open(values[state]) {
		return false, nil
	}
	values[state] = int64(queue.Held)
	if facts < 0 {
		return true, nil
	}
	text, err := because(values[facts], reason)
	if err != nil {
		return false, fmt.Errorf("say in a restored message why it waits: %w", err)
	}
	values[facts] = text
	return true, nil
}

// because puts a reason first among those of a message's verdict. The facts of
// a message are JSON, of which only the verdict is read.
func because(facts any, reason string) (string, error) {
	text, ok := facts.([]byte)
	if s, is := facts.(string); is {
		text, ok = []byte(s), true
	}
	if !ok {
		return "", fmt.Errorf("its facts are %T, not text", facts)
	}
	var all map[string]json.RawMessage
	if err := json.Unmarshal(text, &all); err != nil {
		return "", err
	}
	var v guard.Verdict
	if verdict, there := all["verdict"]; there {
		if err := json.Unmarshal(verdict, &v); err != nil {
			return "", err
		}
	}
	v.Action = guard.Delay
	v.Rules = append([]guard.Hit{{Name: guard.HitRestored, Action: guard.Delay, Reason: reason}}, v.Rules...)
	var err error
	if all["verdict"], err = json.Marshal(v); err != nil {
		return "", err
	}
	text, err = json.Marshal(all)
	return string(text), err
}

// reason is why a restored message waits.
func (r *restorer) reason() string {
	return fmt.Sprintf("restored from the backup of %s; it may have left since", r.header.Taken.Format(time.RFC3339))
}

// note writes the journal entry of a restored message.
func (r *restorer) note(ctx context.Context, tx db.Tx, id mail.ID) error {
	return r.options.Journal.Write(ctx, tx, id, r.now, journal.Entry{
		What: "restored", Actor: r.options.By,
		Reason: r.reason(),
		Facts:  map[string]any{"backup": r.header.Taken},
	})
}
