-- The queue: messages, their deliveries, and the few values that all nodes
-- share. Every key leads with the bucket, so that the tables spread over a
-- distributed PostgreSQL. State numbers are those of internal/queue/types.go.

-- +goose Up
CREATE TABLE message (
    bucket     smallint NOT NULL,
    id         bytea    NOT NULL,
    author     text     NOT NULL,            -- mail.Key of the author's mailbox
    state      smallint NOT NULL,            -- least finished delivery, as of the last change other than a claim
    closed     bigint   NOT NULL DEFAULT 0,  -- when the last delivery ended (wall clock, microseconds); 0 while open
    body       smallint NOT NULL DEFAULT 1,  -- 1 while the bytes are kept
    received   bigint   NOT NULL,            -- wall clock, microseconds
    size       bigint   NOT NULL,
    message_id text     NOT NULL,
    search     text     NOT NULL,            -- subject and addresses, folded to lower case
    facts      text     NOT NULL,            -- JSON: envelope, verdict and the rest that only reading needs
    PRIMARY KEY (bucket, id)
);

CREATE INDEX message_state  ON message (state, id);
CREATE INDEX message_author ON message (author, state, id);
CREATE INDEX message_closed ON message (body, state, closed) WHERE closed > 0;

CREATE TABLE delivery (
    bucket   smallint NOT NULL,
    message  bytea    NOT NULL,
    n        integer  NOT NULL,              -- position in the envelope
    address  text     NOT NULL,
    notify   text     NOT NULL DEFAULT '',
    orcpt    text     NOT NULL DEFAULT '',
    visible  smallint NOT NULL DEFAULT 0,
    state    smallint NOT NULL,
    due      bigint   NOT NULL,              -- open: queue time; sending, ended: since when (wall clock)
    tries    integer  NOT NULL DEFAULT 0,
    node     text     NOT NULL DEFAULT '',   -- who is sending
    attempts text     NOT NULL DEFAULT '',   -- one JSON object a line, oldest first
    PRIMARY KEY (bucket, message, n)
);

CREATE INDEX delivery_due     ON delivery (due)  WHERE state IN (1, 2, 3);
CREATE INDEX delivery_sending ON delivery (node) WHERE state = 4;

CREATE TABLE queue_setting (
    bucket smallint NOT NULL DEFAULT 0,
    name   text     NOT NULL,
    value  text     NOT NULL,                -- JSON
    PRIMARY KEY (bucket, name)
);
