package db

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"log/slog"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed migrations
var migrations embed.FS

// migrate brings the tables forward to version (0: the newest) and gives the
// version they now have.
func migrate(ctx context.Context, pool *sql.DB, dialect Dialect, version int64, logger *slog.Logger) (int64, error) {
	provider, err := migrator(pool, dialect)
	if err != nil {
		return 0, fmt.Errorf("read the migrations: %w", err)
	}
	sources := provider.ListSources()
	newest := sources[len(sources)-1].Version
	current, err := provider.GetDBVersion(ctx)
	if err != nil {
		return 0, unavailable(fmt.Errorf("read the version of the tables: %w", err))
	}
	if current > newest {
		return 0, fmt.Errorf("the database has tables of version %d, written by a newer belay; this one knows %d: install the newer belay, or restore a backup", current, newest)
	}
	if version == 0 {
		version = newest
	}
	if current >= version {
		return current, nil
	}
	done, err := provider.UpTo(ctx, version)
	if err != nil {
		return 0, fmt.Errorf("migrate the tables from version %d to %d: %w", current, version, err)
	}
	for _, m := range done {
		logger.Info("database migrated", "version", m.Source.Version, "took", m.Duration)
	}
	return version, nil
}

func migrator(pool *sql.DB, dialect Dialect) (*goose.Provider, error) {
	files, err := fs.Sub(migrations, "migrations/"+dialect.String())
	if err != nil {
		return nil, err
	}
	options := []goose.ProviderOption{goose.WithDisableGlobalRegistry(true)}
	if dialect == SQLite {
		// goose has no lock for SQLite; the lock on the directory serves.
		return goose.NewProvider(goose.DialectSQLite3, pool, files, options...)
	}
	// Several nodes may start at once.
	locker, err := lock.NewPostgresSessionLocker()
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(goose.DialectPostgres, pool, files, append(options, goose.WithSessionLocker(locker))...)
}
