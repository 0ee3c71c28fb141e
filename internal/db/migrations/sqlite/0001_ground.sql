-- +goose Up

-- Small facts about the installation itself, by name.
CREATE TABLE meta (
    name  TEXT PRIMARY KEY,
    value BLOB NOT NULL
) WITHOUT ROWID;

-- Bodies of messages, sealed, in pieces of up to 256 KiB. New pieces go to the
-- end of the table. The key is an index of its own: SQLite reads a whole row to
-- compare keys where the row itself is the index.
CREATE TABLE body (
    row  INTEGER PRIMARY KEY,
    id   BLOB    NOT NULL,
    n    INTEGER NOT NULL, -- 0-based
    last INTEGER NOT NULL, -- 1 on the last piece
    data BLOB    NOT NULL
);
CREATE UNIQUE INDEX body_piece ON body (id, n);
-- Finds what was begun and never finished among the bodies of several pieces.
CREATE INDEX body_begun ON body (id) WHERE n = 0 AND last = 0;

-- The journal. seq is the order of writing. content holds facts and salted
-- hashes of the personal values; the values and salts stand in personal, which
-- alone may be erased.
CREATE TABLE journal (
    seq      INTEGER PRIMARY KEY,
    bucket   INTEGER NOT NULL,
    message  BLOB, -- NULL where an entry is about no message
    at       INTEGER NOT NULL,
    what     TEXT    NOT NULL,
    content  BLOB    NOT NULL,
    personal BLOB
);
CREATE INDEX journal_message ON journal (message) WHERE message IS NOT NULL;

-- The chain over the journal: one row for a block of entries.
CREATE TABLE journal_block (
    number    INTEGER PRIMARY KEY, -- from 1, without gaps
    at        INTEGER NOT NULL,
    low       INTEGER NOT NULL, -- every entry below this seq is in a block, or is nowhere
    first     INTEGER NOT NULL, -- the smallest and
    last      INTEGER NOT NULL, -- the greatest seq in this block
    entries   BLOB    NOT NULL, -- seq and hash of each entry
    previous  BLOB    NOT NULL, -- hash of the block before
    hash      BLOB    NOT NULL,
    signature BLOB    NOT NULL
);
CREATE INDEX journal_block_last ON journal_block (last);

-- Running programs.
CREATE TABLE node (
    id      TEXT PRIMARY KEY,
    name    TEXT    NOT NULL, -- host and process, for people
    lock    INTEGER NOT NULL, -- key of the advisory lock it holds (PostgreSQL)
    started INTEGER NOT NULL,
    lease   INTEGER NOT NULL  -- it may act until then
) WITHOUT ROWID;
