package expect

import "strings"

// Groups are what the columns are about, for those who want to know what each
// group is worth.
var Groups = []string{"counts", "recency", "together", "thread", "text", "names", "alternative", "peers", "address", "mail", "signals"}

// columnGroups name the group of the columns whose name is, or begins with, a
// text; the longest that fits counts.
var columnGroups = map[string]string{
	"sent": "counts", "received": "counts", "warm": "counts", "share": "counts", "alone": "counts", "known": "counts",
	"mails": "counts", "contacts": "counts", "here": "counts", "as often": "counts",

	"since": "recency", "seen": "recency", "owed": "recency",

	"together": "together", "domain together": "together", "others": "together", "order": "together",

	"thread": "thread",

	"text": "text", "subject": "text", "length": "text",

	"open": "names", "body": "names", "subject name": "names", "writer": "names", "audience": "names", "quoted": "names", "answer writer": "names",
	"answer heard": "names", "forward writer": "names", "greet": "names", "self": "names", "heard": "names", "names": "names",

	"fit": "alternative", "rank": "alternative", "soft": "alternative", "best": "alternative", "instead": "alternative",

	"peer": "peers",

	"colleagues": "address", "domain": "address", "ours": "address", "author domain": "address", "private": "address", "list": "address", "named": "address",
	"near": "address", "slip": "address", "twin": "address", "unseen": "address", "office": "address", "shown": "address", "beside": "address", "local": "address", "name": "address",
	"prefix": "address", "same": "address", "distance": "address", "other domain": "address",

	"recipients": "mail", "place": "mail", "visible": "mail", "own words": "mail", "terms": "mail", "answer": "mail", "forward": "mail", "cites": "mail",
}

// GroupOf is the group of a column (Names, InsteadNames); "" where nobody said.
func GroupOf(column string) string {
	if strings.Contains(column, ".") {
		return "signals"
	}
	group, longest := "", 0
	for begin, g := range columnGroups {
		if len(begin) > longest && (column == begin || strings.HasPrefix(column, begin)) {
			group, longest = g, len(begin)
		}
	}
	return group
}
