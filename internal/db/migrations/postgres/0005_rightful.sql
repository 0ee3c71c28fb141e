-- +goose Up

-- "It is right, do not ask again": what an author, or somebody for them, said
-- about a recipient.
CREATE TABLE rightful (
    bucket    integer NOT NULL,
    author    text    NOT NULL, -- main address, in the form of mail.Key
    recipient text    NOT NULL, -- in the form of mail.Key
    code      text    NOT NULL, -- of a signal, or 'rule:' and the name of a rule
    actor     text    NOT NULL, -- who said so
    since     bigint  NOT NULL, -- UTC, microseconds
    PRIMARY KEY (bucket, author, recipient, code)
);
