package main

import (
	"context"
	"net/http"
	"time"

	"belay/internal/api"
	"belay/internal/directory"
)

// people looks whether it is known who is who, and since when.
func (d *diagnosis) people() {
	status, err := d.peopleStatus()
	advice := "belay directory check says what is wrong with the people; belay directory sync has them read again"
	switch {
	case err != nil:
		d.add("people", wrong, advice, "it cannot be read who is who: %s", directory.Brief(err))
	case status.Source == "":
		d.add("people", fine, "", "no directory is named; addresses are known by their domain only")
	case status.Problem != "":
		d.add("people", doubt, advice, "who is who could not be read again and stands as of %s: %s", relative(status.Synced, time.Now()), status.Problem)
	case len(status.Warnings) > 0:
		d.add("people", doubt, advice, "%d people, %d mailboxes; %s", status.People, status.Mailboxes, status.Warnings[0])
	default:
		d.add("people", fine, "", "%d people, %d mailboxes, read %s", status.People, status.Mailboxes, relative(status.Synced, time.Now()))
	}
}

// peopleStatus is what a running belay says of its directory, else what the
// configuration leads to.
func (d *diagnosis) peopleStatus() (directory.Status, error) {
	ctx, cancel := context.WithTimeout(d.e.ctx, 30*time.Second)
	defer cancel()
	if d.running {
		var page api.Directory
		_, err := d.conn.Into(ctx, http.MethodGet, "/api/v1/directory?limit=1", nil, &page)
		return page.Status, err
	}
	book, err := d.e.openDirectory()
	return book.Status(), err
}
