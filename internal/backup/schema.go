package backup

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"belay/internal/db"
)

// tables that are about this database itself, and stay with it.
var ownTables = []string{"goose_db_version", "node"}

// order is that of restoring: what others point to comes first, and a message
// last, so that one that can be seen is whole. Tables that are not named come
// in between, by name.
var order = []string{"journal", "journal_block", "meta", "queue_setting", "body", "delivery", "", "message"}

func rank(table string) int {
	if i := slices.Index(order, table); i >= 0 {
		return i
	}
	return slices.Index(order, "")
}

// tablesOf lists the tables to back up, in the order of restoring.
func tablesOf(ctx context.Context, q db.Tx) ([]string, error) {
	query := `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\_%' ESCAPE '\'`
	if q.Dialect() == db.Postgres {
		query = `SELECT table_name FROM information_schema.tables
			WHERE table_schema = current_schema() AND table_type = 'BASE TABLE'`
	}
	rows, err := q.Query(ctx, query)
	if err != nil {
		return nil, fmt.Errorf("list the tables: %w", err)
	}
	defer rows.Close()
	var tables []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, fmt.Errorf("list the tables: %w", err)
		}
		if !slices.Contains(ownTables, name) {
			tables = append(tables, name)
		}
	}
	slices.SortFunc(tables, func(a, b string) int {
		if d := rank(a) - rank(b); d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
	return tables, rows.Err()
}

// column is a column of the database that is restored into.
type column struct {
	name     string
	bytes    bool // BLOB or bytea, as opposed to text and numbers
	text     bool
	identity bool // PostgreSQL draws its numbers from a sequence
}

// columnsOf reads a table's columns; none where there is no such table.
func columnsOf(ctx context.Context, q db.Tx, table string) ([]column, error) {
	query, args := `SELECT name, type, 0 FROM pragma_table_info($1)`, []any{table}
	if q.Dialect() == db.Postgres {
		query = `SELECT column_name, data_type, CASE is_identity WHEN 'YES' THEN 1 ELSE 0 END
			FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = $1`
	}
	rows, err := q.Query(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("read the columns of %s: %w", table, err)
	}
	return scanColumns(rows)
}

func scanColumns(rows *sql.Rows) ([]column, error) {
	defer rows.Close()
	var columns []column
	for rows.Next() {
		var c column
		var kind string
		if err := rows.Scan(&c.name, &kind, &c.identity); err != nil {
			return nil, err
		}
		kind = strings.ToLower(kind)
		c.bytes, c.text = kind == "blob" || kind == "bytea", kind == "text"
		columns = append(columns, c)
	}
	return columns, rows.Err()
}

// quote makes a name safe in SQL.
func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// insertSQL is the statement that adds rows to a table. Rows that are there
// already stay as they are.
func insertSQL(table string, columns []string, rows int) string {
	var b strings.Builder
	b.WriteString("INSERT INTO " + quote(table) + " (")
	for i, c := range columns {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(quote(c))
	}
	b.WriteString(") VALUES ")
	for i := range rows * len(columns) {
		switch {
		case i == 0:
			b.WriteByte('(')
		case i%len(columns) == 0:
			b.WriteString("), (")
		default:
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "$%d", i+1)
	}
	b.WriteString(") ON CONFLICT DO NOTHING")
	return b.String()
}
