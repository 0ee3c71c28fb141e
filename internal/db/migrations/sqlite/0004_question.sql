-- Questions: mail that waits for somebody's word, what is owed to people about
-- it, and the advance notices that were written.

-- +goose Up

-- What a delivery waits for besides its time: 0 nothing, 1 its sender's word,
-- 2 somebody else's. While it is not 0 the delivery is not in the due index.
ALTER TABLE delivery ADD COLUMN gate INTEGER NOT NULL DEFAULT 0;
DROP INDEX delivery_due;
CREATE INDEX delivery_due ON delivery (due) WHERE state IN (1, 2, 3) AND gate = 0;

-- How many errands the message ever had; 0 means that it has no questions and
-- no advance notices either. Errands are numbered with it, and no number comes
-- twice.
ALTER TABLE message ADD COLUMN errands INTEGER NOT NULL DEFAULT 0;

-- What became of the questions of a message's verdict.
CREATE TABLE question (
    bucket   INTEGER NOT NULL,
    message  BLOB    NOT NULL,
    n        INTEGER NOT NULL,             -- position in the verdict
    kind     INTEGER NOT NULL,             -- 1 asks the sender, 2 somebody else
    state    INTEGER NOT NULL DEFAULT 1,   -- 1 open, 2 yes, 3 no, 4 silence, 5 void
    people   TEXT    NOT NULL,             -- who may answer: addresses, a line feed before and after each
    expires  INTEGER NOT NULL,             -- queue time
    asked    INTEGER NOT NULL DEFAULT 0,   -- when the first notice was written (wall clock, microseconds)
    reminded INTEGER NOT NULL DEFAULT 0,   -- how many reminders were written
    closed   INTEGER NOT NULL DEFAULT 0,   -- wall clock, microseconds; 0 while it is open
    answers  TEXT    NOT NULL DEFAULT '',  -- one JSON object a line, oldest first
    PRIMARY KEY (message, n)
) WITHOUT ROWID;
CREATE INDEX question_open ON question (message, kind) WHERE state = 1;

-- Notices to be written and times that run out. A row goes in the transaction
-- that stores what it was for.
CREATE TABLE errand (
    bucket   INTEGER NOT NULL,
    message  BLOB    NOT NULL,
    n        INTEGER NOT NULL,
    kind     INTEGER NOT NULL,             -- 1 ask, 2 remind, 3 expire, 4 result, 5 copy, 6 withdraw
    question INTEGER NOT NULL,             -- -1 where it is about none
    copy     INTEGER NOT NULL,             -- position in the verdict, -1 where it is about none
    due      INTEGER NOT NULL,             -- queue time
    facts    TEXT    NOT NULL DEFAULT '',  -- JSON
    PRIMARY KEY (message, n)
) WITHOUT ROWID;
CREATE INDEX errand_due ON errand (due);

-- What became of the advance notices of a message's verdict.
CREATE TABLE advance (
    bucket    INTEGER NOT NULL,
    message   BLOB    NOT NULL,
    n         INTEGER NOT NULL,            -- position in the verdict
    told      INTEGER NOT NULL DEFAULT 0,  -- wall clock, microseconds; 0 while it was not written
    arrives   INTEGER NOT NULL DEFAULT 0,  -- when the mail comes, as they were last told; 0 where no time was named
    withdrawn INTEGER NOT NULL DEFAULT 0,  -- the same
    PRIMARY KEY (message, n)
) WITHOUT ROWID;
