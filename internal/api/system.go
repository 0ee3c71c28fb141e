package api

import (
	"context"
	"net/http"
	"path/filepath"

	"github.com/danielgtaylor/huma/v2"

	"belay/internal/door"
)

// Backup writes a backup of the running belay into a new directory and gives
// what it wrote.
type Backup func(ctx context.Context, directory string) (any, error)

type versionOutput struct{ Body Version }

type backupInput struct {
	Body struct {
		Directory string `json:"directory" minLength:"1" doc:"an absolute path on belay's machine; it must not exist yet"`
	}
}

type backupOutput struct{ Body any }

func (s *server) system() {
	huma.Register(s.huma, huma.Operation{OperationID: "get-version", Method: http.MethodGet, Path: "/api/v1/version",
		Summary: "Which belay this is", Tags: []string{"system"}},
		func(context.Context, *struct{}) (*versionOutput, error) { return &versionOutput{s.Version}, nil })
	if s.Backup == nil {
		return
	}
	huma.Register(s.huma, huma.Operation{OperationID: "make-backup", Method: http.MethodPost, Path: "/api/v1/backup",
		Summary: "Write a backup on belay's machine", Description: "Only over the admin socket: it writes files with belay's rights.",
		Tags: []string{"system"}, Metadata: admins, DefaultStatus: http.StatusOK}, s.makeBackup)
}

func (s *server) makeBackup(ctx context.Context, in *backupInput) (*backupOutput, error) {
	if p, _ := door.Who(ctx); !p.Local {
		return nil, huma.Error403Forbidden("a backup can only be asked for on belay's own machine")
	}
	if !filepath.IsAbs(in.Body.Directory) {
		return nil, unprocessable("directory must be an absolute path", "body.directory")
	}
	made, err := s.Backup(ctx, in.Body.Directory)
	if err != nil {
		s.Logger.ErrorContext(ctx, "write a backup", "error", err)
		return nil, huma.Error422UnprocessableEntity(err.Error())
	}
	return &backupOutput{made}, nil
}
