-- +goose Up

-- "It is right, do not ask again": what an author, or somebody for them, said
-- about a recipient.
CREATE TABLE rightful (
    bucket    INTEGER NOT NULL,
    author    TEXT    NOT NULL, -- main address, in the form of mail.Key
    recipient TEXT    NOT NULL, -- in the form of mail.Key
    code      TEXT    NOT NULL, -- of a signal, or 'rule:' and the name of a rule
    actor     TEXT    NOT NULL, -- who said so
    since     INTEGER NOT NULL, -- UTC, microseconds
    PRIMARY KEY (bucket, author, recipient, code)
) WITHOUT ROWID;
