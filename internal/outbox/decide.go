package outbox

import (
	"context"
	"fmt"
	"sync"

	"belay/internal/mail"
)

// MostAtOnce is how many mails one decision may be about.
const MostAtOnce = 1000

// deciding is how many of them are under way at a time: enough that the
// database commits many in one transaction.
const deciding = 16

// Decided is what became of a decision for one mail: Err, or the answer.
type Decided struct {
	ID     mail.ID
	Answer *Answer
	Err    error
}

// Decide does the same to several mails: "approve", "deny", "stop" or
// "release". Each stands for itself: that it did not work for one stops none of
// the others. The results stand in the order of the ids, each id once.
func (s *Service) Decide(ctx context.Context, ids []mail.ID, by Person, decision string, r Request) ([]Decided, error) {
	do := map[string]func(context.Context, mail.ID, Person, Request) (*Answer, error){
		"approve": s.Approve, "deny": s.Deny, "stop": s.Stop, "release": s.Release}[decision]
	switch {
	case do == nil:
		return nil, &Problem{"decision", fmt.Sprintf("%q is no decision; there are approve, deny, stop and release", decision)}
	case len(ids) == 0:
		return nil, &Problem{"ids", "name at least one mail"}
	case len(ids) > MostAtOnce:
		return nil, &Problem{"ids", fmt.Sprintf("these are %d mails; decide about %d at a time", len(ids), MostAtOnce)}
	case len(r.Recipients) > 0:
		return nil, &Problem{"recipients", "a decision about several mails is about all of their recipients"}
	}
	if err := r.tidy(); err != nil {
		return nil, err
	}
	results := once(ids)
	slots := make(chan struct{}, deciding)
	var work sync.WaitGroup
	for i := range results {
		slots <- struct{}{}
		work.Go(func() {
			defer func() { <-slots }()
			results[i].Answer, results[i].Err = do(ctx, results[i].ID, by, r)
		})
	}
	work.Wait()
	return results, nil
}

// once makes a place for the result of each mail.
func once(ids []mail.ID) []Decided {
	seen := make(map[mail.ID]bool, len(ids))
	var results []Decided
	for _, id := range ids {
		if !seen[id] {
			seen[id] = true
			results = append(results, Decided{ID: id})
		}
	}
	return results
}
