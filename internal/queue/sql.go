package queue

import (
	"context"
	"database/sql"
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

	sqlMessage = `SELECT author, received, size, message_id, facts
		FROM message WHERE bucket = $1 AND id = $2`

	sqlDeliveries = `SELECT n, address, notify, orcpt, visible, state, due, tries, attempts
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

	sqlActable = `SELECT n, address, visible, state FROM delivery
		WHERE bucket = $1 AND message = $2 ORDER BY n`

	// A person's verb. The state is checked once more in the statement, so that
	// a stop can never overwrite "sending".
	sqlActAll = `UPDATE delivery SET state = $1, due = $2
		WHERE bucket = $3 AND message = $4 AND state IN (1, 2, 3)`
	sqlActOne = `UPDATE delivery SET state = $1, due = $2
		WHERE bucket = $3 AND message = $4 AND n = $5 AND state IN (1, 2, 3)`

	sqlLeast = `SELECT min(state) FROM delivery WHERE bucket = $1 AND message = $2`

	sqlSettle = `UPDATE message SET state = $1, closed = $2 WHERE bucket = $3 AND id = $4`

	// Both go on with sqlMine.
	sqlNextDue = `SELECT due FROM delivery WHERE state IN (1, 2, 3)`
	sqlDue     = `SELECT bucket, message FROM delivery WHERE state IN (1, 2, 3) AND due <= $1`

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
)

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
		WHERE bucket = $3 AND message = $4 AND state IN (1, 2, 3) AND due <= $5
		RETURNING n, tries`
	sqlClaimPostgres = `UPDATE delivery SET state = 4, tries = tries + 1, node = $1, due = $2
		WHERE bucket = $3 AND message = $4 AND n IN (
			SELECT n FROM delivery
			WHERE bucket = $3 AND message = $4 AND state IN (1, 2, 3) AND due <= $5
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

// exists tells whether a query gives a row.
func exists(ctx context.Context, tx db.Tx, query string, args ...any) (bool, error) {
	var one int
	err := tx.QueryRow(ctx, query, args...).Scan(&one)
	if err == sql.ErrNoRows {
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
