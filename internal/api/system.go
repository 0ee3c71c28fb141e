package api

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"belay/internal/access"
	"belay/internal/door"
)

// Archive backs a running belay up and brings an archive back into it.
type Archive interface {
	// Backup streams an archive. withKeys puts the keys into it, in the clear.
	Backup(ctx context.Context, w io.Writer, withKeys bool) error
	// Restore adds what the archive has and this belay does not know. replace
	// puts the archive's accounts and tokens in the place of those there are.
	Restore(ctx context.Context, archive io.ReadSeeker, by string, replace bool) (any, error)
}

// noDeadline lets an archive take its time.
var noDeadline time.Time

type versionOutput struct{ Body Version }

// system are the calls about belay itself. Backup and restore are no part of
// the description: only the admin socket has them, since an archive holds
// everybody's mail and perhaps the keys.
func (s *server) system(mux *http.ServeMux) {
	huma.Register(s.huma, huma.Operation{OperationID: "get-version", Method: http.MethodGet, Path: "/api/v1/version",
		Summary: "Which belay this is", Tags: []string{"system"}, Metadata: does(access.SeeFacts)},
		func(context.Context, *struct{}) (*versionOutput, error) { return &versionOutput{s.Version}, nil })
	if s.Archive != nil {
		mux.Handle("POST /api/v1/backup", overSocket(s.backup))
		mux.Handle("POST /api/v1/restore", overSocket(s.restore))
	}
}

func overSocket(next http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if p, ok := door.Who(r.Context()); !ok || !p.Admin || !p.Socket {
			door.Problem(w, http.StatusForbidden, "backup and restore go over the socket in the data directory only: call them on belay's own machine")
			return
		}
		next(w, r)
	})
}

func (s *server) backup(w http.ResponseWriter, r *http.Request) {
	http.NewResponseController(w).SetWriteDeadline(noDeadline)
	w.Header().Set("Content-Type", "application/gzip")
	if err := s.Archive.Backup(r.Context(), w, r.URL.Query().Get("keys") == "true"); err != nil {
		s.Logger.ErrorContext(r.Context(), "write a backup", "error", err)
		panic(http.ErrAbortHandler) // a broken connection tells the reader that it is not whole
	}
}

// restore keeps the archive in a file first: it is read twice, once to see
// that it is whole.
func (s *server) restore(w http.ResponseWriter, r *http.Request) {
	http.NewResponseController(w).SetReadDeadline(noDeadline)
	spool, err := os.CreateTemp(s.Spool, ".restore-")
	if err != nil {
		s.Logger.ErrorContext(r.Context(), "keep an archive that is to be restored", "error", err)
		door.Problem(w, http.StatusInternalServerError, "the archive could not be kept; belay's log says why")
		return
	}
	defer os.Remove(spool.Name())
	defer spool.Close()
	if _, err := io.Copy(spool, r.Body); err != nil {
		door.Problem(w, http.StatusBadRequest, "the archive did not arrive whole: "+err.Error())
		return
	}
	result, err := s.Archive.Restore(r.Context(), spool, who(r.Context()).Name, r.URL.Query().Get("replace") == "true")
	if err != nil {
		s.Logger.ErrorContext(r.Context(), "restore", "error", err)
		door.Problem(w, http.StatusUnprocessableEntity, err.Error())
		return
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(result)
}
