-- +goose Up

-- Mail that the observe listener was shown, to learn from; its bytes are in
-- body. Ids are ordered by time.
CREATE TABLE observed (
    bucket integer NOT NULL,
    id     bytea   NOT NULL,
    author text    NOT NULL, -- in the form of mail.Key, '' where the header names nobody
    size   bigint  NOT NULL, -- octets
    facts  text    NOT NULL, -- JSON: envelope, mailboxes, ids
    PRIMARY KEY (bucket, id)
);
-- Learning and forgetting go through all buckets in the order of time.
CREATE INDEX observed_id ON observed (id);
