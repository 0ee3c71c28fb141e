package queue

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"belay/internal/db"
	"belay/internal/mail"
	"belay/internal/node"
)

// All SQL of this package stands here. The same text runs on both databases;
// what must differ is in dialect-named functions at the end.

const (
	sqlInsertMessage = `INSERT INTO message
		(bucket, id, author, state, closed, received, size, message_id, search, facts)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`

	// The same of a message with questions or advance notices.
	sqlInsertAsking = `INSERT INTO message
		(bucket, id, author, state, closed, received, size, message_id, search, facts, errands)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`

	sqlMessage = `SELECT author, received, size, message_id, facts
		FROM message WHERE bucket = $1 AND id = $2`

	sqlDeliveries = `SELECT n, address, notify, orcpt, visible, state, gate, due, tries, attempts
		FROM delivery WHERE bucket = $1 AND message = $2 ORDER BY n`

	sqlBodyKept = `SELECT body FROM message WHERE bucket = $1 AND id = $2`

	sqlFindHeld = `SELECT bucket, id FROM message
		WHERE bucket = $1 AND author = $2 AND state IN (1, 2, 3) AND message_id = $3 ORDER BY id DESC`
	// A claim leaves the message's row alone, so what is being sent still
	// stands there in the state that it was claimed from.
	sqlWalkSending = `id IN (SELECT message FROM delivery WHERE state = 4 AND node > '')`

	sqlCount = `SELECT count(*) FROM (SELECT 1 FROM message WHERE state = $1 LIMIT $2) AS counted`
	// What is being sent is never much, so it is counted by reading it. (Asked
	// to group by message, SQLite would go through its key, that is everything.)
	sqlAllSending = `SELECT bucket, message FROM delivery WHERE state = 4`

	sqlLockMessage = `SELECT 1 FROM message WHERE bucket = $1 AND id = $2`

	// What it says of a message is only needed where it has questions.
	sqlMatter = `SELECT errands, author, CASE WHEN errands > 0 THEN facts ELSE '' END
		FROM message WHERE bucket = $1 AND id = $2`

	sqlFactsOf = `SELECT facts FROM message WHERE bucket = $1 AND id = $2`

	// What forgetting a person reads and writes (forget.go).
	sqlVerdictOf = `SELECT author, facts FROM message WHERE bucket = $1 AND id = $2`
	sqlAddresses = `SELECT address FROM delivery WHERE bucket = $1 AND message = $2`
	sqlSaveFacts = `UPDATE message SET facts = $1 WHERE bucket = $2 AND id = $3`

	sqlActable = `SELECT n, address, visible, state, gate, due FROM delivery
		WHERE bucket = $1 AND message = $2 ORDER BY n`

	// A person's verb. The state is checked once more in the statement, so that
	// a stop can never overwrite "sending". What is postponed keeps its gate; a
	// stop and a release leave none.
	sqlActAll = `UPDATE delivery SET state = $1, due = $2, gate = gate * $3
		WHERE bucket = $4 AND message = $5 AND state IN (1, 2, 3)`
	sqlActOne = `UPDATE delivery SET state = $1, due = $2, gate = gate * $3
		WHERE bucket = $4 AND message = $5 AND n = $6 AND state IN (1, 2, 3)`

	// An answer: only the gate changes, the time stays.
	sqlGateAll = `UPDATE delivery SET gate = $1 WHERE bucket = $2 AND message = $3 AND state = 1 AND gate > 0`
	sqlGateOne = `UPDATE delivery SET gate = $1 WHERE bucket = $2 AND message = $3 AND n = $4 AND state = 1 AND gate > 0`

	sqlLeast = `SELECT min(state) FROM delivery WHERE bucket = $1 AND message = $2`

	sqlSettle = `UPDATE message SET state = $1, closed = $2 WHERE bucket = $3 AND id = $4`

	// Both go on with sqlMine.
	sqlNextDue = `SELECT due FROM delivery WHERE state IN (1, 2, 3) AND gate = 0`
	sqlDue     = `SELECT bucket, message FROM delivery WHERE state IN (1, 2, 3) AND gate = 0 AND due <= $1`

	sqlFinish = `UPDATE delivery SET state = $1, due = $2, node = '', tries = $3, attempts = attempts || $4
		WHERE bucket = $5 AND message = $6 AND n = $7 AND state = 4 AND node = $8 AND tries = $9`

	sqlAttempts = `SELECT attempts FROM delivery WHERE bucket = $1 AND message = $2 AND n = $3`

	sqlSenders = `SELECT DISTINCT node FROM delivery WHERE state = 4`

	sqlSending = `SELECT bucket, message FROM delivery WHERE state = 4 AND node = $1 LIMIT $2`

	// Taking over what another node, or a lost claim, left behind.
	sqlLeftBehind = `SELECT n, tries, due FROM delivery
		WHERE bucket = $1 AND message = $2 AND state = 4 AND node = $3 ORDER BY n`
	sqlTakeOver = `UPDATE delivery SET state = 2, due = $1, node = '', tries = $2, attempts = attempts || $3
		WHERE bucket = $4 AND message = $5 AND n = $6 AND state = 4 AND node = $7`

	sqlSetting = `SELECT value FROM queue_setting WHERE bucket = 0 AND name = $1`

	sqlClosedBodies = `SELECT bucket, id FROM message
		WHERE body = 1 AND state = $1 AND closed > 0 AND closed < $2 ORDER BY closed LIMIT $3`
	sqlClosedRows = `SELECT bucket, id FROM message
		WHERE body = 0 AND state = $1 AND closed > 0 AND closed < $2 ORDER BY closed LIMIT $3`
	sqlBodyGone       = `UPDATE message SET body = 0 WHERE bucket = $1 AND id = $2`
	sqlDropDeliveries = `DELETE FROM delivery WHERE bucket = $1 AND message = $2`
	sqlDropMessage    = `DELETE FROM message WHERE bucket = $1 AND id = $2`

	// Questions, advance notices and errands (question.go, errand.go).
	sqlHasErrands     = `SELECT 1 FROM message WHERE bucket = $1 AND id = $2 AND errands > 0`
	sqlCountErrands   = `UPDATE message SET errands = $1 WHERE bucket = $2 AND id = $3`
	sqlInsertQuestion = `INSERT INTO question (bucket, message, n, kind, state, people, expires) VALUES ($1, $2, $3, $4, $5, $6, $7)`
	sqlCountQuestions = `SELECT count(CASE WHEN kind = 1 THEN 1 END), count(CASE WHEN kind = 2 THEN 1 END)
		FROM (SELECT kind FROM question WHERE state = 1 LIMIT $1) AS counted`
	sqlQuestions = `SELECT n, state, people, expires, asked, reminded, closed, answers
		FROM question WHERE bucket = $1 AND message = $2 ORDER BY n`
	sqlSaveQuestion = `UPDATE question SET state = $1, people = $2, asked = $3, reminded = $4, closed = $5, answers = $6
		WHERE bucket = $7 AND message = $8 AND n = $9`
	sqlAdvance    = `SELECT n, told, arrives, withdrawn FROM advance WHERE bucket = $1 AND message = $2`
	sqlHasAdvance = `SELECT 1 FROM advance WHERE bucket = $1 AND message = $2 AND n = $3`
	sqlTold       = `UPDATE advance SET told = $1 WHERE bucket = $2 AND message = $3 AND n = $4`
	sqlArrives    = `UPDATE advance SET arrives = $1 WHERE bucket = $2 AND message = $3 AND n = $4`
	sqlWithdrawn  = `UPDATE advance SET withdrawn = $1 WHERE bucket = $2 AND message = $3 AND n = $4`
	sqlAddAdvance = `INSERT INTO advance (bucket, message, n, told, withdrawn) VALUES ($1, $2, $3, 0, 0)`

	// Both go on with sqlMine. Of a kind that a newer belay on the same database
	// made, nothing is known here: it is left to that one.
	sqlNextErrand   = `SELECT due FROM errand WHERE kind BETWEEN 1 AND 7`
	sqlErrands      = `SELECT bucket, message, n, kind, question, copy, due, facts FROM errand WHERE kind BETWEEN 1 AND 7 AND due <= $1`
	sqlInsertErrand = `INSERT INTO errand (bucket, message, n, kind, question, copy, due, facts)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`
	sqlDoneErrand  = `DELETE FROM errand WHERE bucket = $1 AND message = $2 AND n = $3`
	sqlDelayErrand = `UPDATE errand SET due = $1 WHERE bucket = $2 AND message = $3 AND n = $4`
	// Nobody is asked, reminded or waited for any more.
	sqlDropAsking    = `DELETE FROM errand WHERE bucket = $1 AND message = $2 AND question = $3 AND kind IN (1, 2, 3)`
	sqlDropCopying   = `DELETE FROM errand WHERE bucket = $1 AND message = $2 AND copy = $3 AND kind = 5`
	sqlDropErrands   = `DELETE FROM errand WHERE bucket = $1 AND message = $2`
	sqlDropQuestions = `DELETE FROM question WHERE bucket = $1 AND message = $2`
	sqlDropAdvance   = `DELETE FROM advance WHERE bucket = $1 AND message = $2`
)

// messageColumns are the columns that sqlInsertMessage fills.
const messageColumns = 10

// sqlInsertGated is one delivery with its gate. There are few of these.
const sqlInsertGated = `INSERT INTO delivery
	(bucket, message, n, address, notify, orcpt, visible, state, due, gate) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`

// deliveryColumns are the columns that an insert fills.
const deliveryColumns = 9

// insertSizes are the numbers of rows for which an INSERT is kept prepared;
// others are put together from these.
var insertSizes = [...]int{64, 8, 1}

var insertDeliverySQL = func() map[int]string {
	texts := make(map[int]string, len(insertSizes))
	for _, rows := range insertSizes {
		texts[rows] = `INSERT INTO delivery
		(bucket, message, n, address, notify, orcpt, visible, state, due) VALUES ` + tuples(rows, deliveryColumns)
	}
	return texts
}()

// tuples gives "($1, $2), ($3, $4)" for 2 rows of 2.
func tuples(rows, columns int) string {
	var b strings.Builder
	for i := range rows * columns {
		switch {
		case i == 0:
			b.WriteByte('(')
		case i%columns == 0:
			b.WriteString("), (")
		default:
			b.WriteString(", ")
		}
		b.WriteByte('$')
		b.WriteString(strconv.Itoa(i + 1))
	}
	b.WriteByte(')')
	return b.String()
}

// forUpdate locks the rows of a SELECT against other transactions. SQLite has
// one writer and needs none.
func forUpdate(tx db.Tx, query string) string {
	if tx.Dialect() == db.Postgres {
		return query + " FOR UPDATE"
	}
	return query
}

// sqlClaim makes the due deliveries of one message "sending". PostgreSQL steps
// over rows that another node is claiming or a person is stopping.
func sqlClaim(d db.Dialect) string {
	if d == db.Postgres {
		return sqlClaimPostgres
	}
	return sqlClaimSQLite
}

const (
	sqlClaimSQLite = `UPDATE delivery SET state = 4, tries = tries + 1, node = $1, due = $2
		WHERE bucket = $3 AND message = $4 AND state IN (1, 2, 3) AND gate = 0 AND due <= $5
		RETURNING n, tries`
	sqlClaimPostgres = `UPDATE delivery SET state = 4, tries = tries + 1, node = $1, due = $2
		WHERE bucket = $3 AND message = $4 AND n IN (
			SELECT n FROM delivery
			WHERE bucket = $3 AND message = $4 AND state IN (1, 2, 3) AND gate = 0 AND due <= $5
			FOR UPDATE SKIP LOCKED)
		RETURNING n, tries`
)

// sqlSaveSetting writes a value that all nodes share.
func sqlSaveSetting(d db.Dialect) string {
	key := "name"
	if d == db.Postgres {
		key = "bucket, name"
	}
	return `INSERT INTO queue_setting (bucket, name, value) VALUES (0, $1, $2)
		ON CONFLICT (` + key + `) DO UPDATE SET value = excluded.value`
}

// sqlWalk goes through the messages older than $1, the newest first, $2 at most.
func sqlWalk(match, where string) string {
	return "SELECT bucket, id, CASE WHEN " + match + " THEN 1 ELSE 0 END FROM message WHERE id < $1 AND " +
		where + " ORDER BY id DESC LIMIT $2"
}

// sqlAsks is true for an open question that asks who, "*" being anybody.
func sqlAsks(d db.Dialect, who string, args []any) (string, []any) {
	if who == "*" {
		return "question.state = 1", args
	}
	args = append(args, "\n"+who+"\n")
	return "question.state = 1 AND " + sqlContains(d, "people", "$"+strconv.Itoa(len(args))), args
}

// sqlWalkAsked is sqlWalk along the questions. A message with several comes as
// many times, one after the other. The messages are looked up one by one: asked
// to join them, PostgreSQL, which cannot tell how few a search for people finds,
// reads all that there are.
func sqlWalkAsked(match, where string) string {
	return "SELECT bucket, message, (SELECT CASE WHEN " + match + ` THEN 1 ELSE 0 END FROM message
			WHERE message.bucket = question.bucket AND message.id = question.message)
		FROM question WHERE message < $1 AND ` + where + " ORDER BY message DESC LIMIT $2"
}

// sqlWalkAskedOf is sqlWalkAsked among the messages of one author, who are few.
func sqlWalkAskedOf(match, where string) string {
	return "SELECT message.bucket, message.id, CASE WHEN " + match + ` THEN 1 ELSE 0 END
		FROM question JOIN message ON message.bucket = question.bucket AND message.id = question.message
		WHERE question.message < $1 AND ` + where + " ORDER BY question.message DESC LIMIT $2"
}

// sqlCountAsked counts messages, $1 at most.
func sqlCountAsked(where string) string {
	return "SELECT count(*) FROM (SELECT DISTINCT message FROM question WHERE " + where + " LIMIT $1) AS counted"
}

// sqlContains is true where text holds what is looked for.
func sqlContains(d db.Dialect, column, param string) string {
	if d == db.Postgres {
		return "strpos(" + column + ", " + param + ") > 0"
	}
	return "instr(" + column + ", " + param + ") > 0"
}

// ref names a message in its bucket.
type ref struct {
	bucket int
	id     mail.ID
}

// refs reads all of a result of (bucket, id).
func refs(rows *sql.Rows, err error) ([]ref, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var found []ref
	for rows.Next() {
		var r ref
		var id []byte
		if err := rows.Scan(&r.bucket, &id); err != nil {
			return nil, err
		}
		copy(r.id[:], id)
		found = append(found, r)
	}
	return found, rows.Err()
}

// notThere tells that a query gave no row.
func notThere(err error) bool { return errors.Is(err, sql.ErrNoRows) }

// exists tells whether a query gives a row.
func exists(ctx context.Context, tx db.Tx, query string, args ...any) (bool, error) {
	var one int
	err := tx.QueryRow(ctx, query, args...).Scan(&one)
	if notThere(err) {
		return false, nil
	}
	return err == nil, err
}

// unique leaves each message once. Rows of one message need not be neighbours.
func unique(found []ref) []ref {
	seen := make(map[ID]bool, len(found))
	return slices.DeleteFunc(found, func(r ref) bool {
		again := seen[r.id]
		seen[r.id] = true
		return again
	})
}

// sqlMine narrows a query over deliveries to a range of buckets. Where that is
// all of them, as on SQLite, it adds nothing.
func sqlMine(r node.Range) string {
	if r.From <= 0 && r.To >= mail.Buckets {
		return ""
	}
	return fmt.Sprintf(" AND bucket >= %d AND bucket < %d", r.From, r.To)
}
