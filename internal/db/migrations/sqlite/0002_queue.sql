-- The queue: messages, their deliveries, and the few values that all nodes
-- share. Keys lead with the time-ordered id: what arrives together lies on the
-- same pages. State numbers are those of internal/queue/types.go.

-- +goose Up
CREATE TABLE message (
    bucket     INTEGER NOT NULL,
    id         BLOB    NOT NULL,
    author     TEXT    NOT NULL,            -- mail.Key of the author's mailbox
    state      INTEGER NOT NULL,            -- least finished delivery, as of the last change other than a claim
    closed     INTEGER NOT NULL DEFAULT 0,  -- when the last delivery ended (wall clock, microseconds); 0 while open
    body       INTEGER NOT NULL DEFAULT 1,  -- 1 while the bytes are kept
    received   INTEGER NOT NULL,            -- wall clock, microseconds
    size       INTEGER NOT NULL,
    message_id TEXT    NOT NULL,
    search     TEXT    NOT NULL,            -- subject and addresses, folded to lower case
    facts      TEXT    NOT NULL,            -- JSON: envelope, verdict and the rest that only reading needs
    PRIMARY KEY (id)
) WITHOUT ROWID;

CREATE INDEX message_state  ON message (state, id);
CREATE INDEX message_author ON message (author, state, id);
CREATE INDEX message_closed ON message (body, state, closed) WHERE closed > 0;

CREATE TABLE delivery (
    bucket   INTEGER NOT NULL,
    message  BLOB    NOT NULL,
    n        INTEGER NOT NULL,              -- position in the envelope
    address  TEXT    NOT NULL,
    notify   TEXT    NOT NULL DEFAULT '',
    orcpt    TEXT    NOT NULL DEFAULT '',
    visible  INTEGER NOT NULL DEFAULT 0,
    state    INTEGER NOT NULL,
    due      INTEGER NOT NULL,              -- open: queue time; sending, ended: since when (wall clock)
    tries    INTEGER NOT NULL DEFAULT 0,
    node     TEXT    NOT NULL DEFAULT '',   -- who is sending
    attempts TEXT    NOT NULL DEFAULT '',   -- one JSON object a line, oldest first
    PRIMARY KEY (message, n)
) WITHOUT ROWID;

CREATE INDEX delivery_due     ON delivery (due)  WHERE state IN (1, 2, 3);
CREATE INDEX delivery_sending ON delivery (node) WHERE state = 4;

CREATE TABLE queue_setting (
    bucket INTEGER NOT NULL DEFAULT 0,
    name   TEXT    NOT NULL,
    value  TEXT    NOT NULL,                -- JSON
    PRIMARY KEY (name)
) WITHOUT ROWID;
