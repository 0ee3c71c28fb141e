-- +goose Up

-- Mail that the observe listener was shown, to learn from; its bytes are in
-- body. Ids are ordered by time.
CREATE TABLE observed (
    bucket INTEGER NOT NULL,
    id     BLOB    NOT NULL PRIMARY KEY,
    author TEXT    NOT NULL, -- in the form of mail.Key, '' where the header names nobody
    size   INTEGER NOT NULL, -- octets
    facts  TEXT    NOT NULL  -- JSON: envelope, mailboxes, ids
) WITHOUT ROWID;
