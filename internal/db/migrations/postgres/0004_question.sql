-- Questions: mail that waits for somebody's word, what is owed to people about
-- it, and the advance notices that were written.

-- +goose Up

-- What a delivery waits for besides its time: 0 nothing, 1 its sender's word,
-- 2 somebody else's. While it is not 0 the delivery is not in the due index.
ALTER TABLE delivery ADD COLUMN gate smallint NOT NULL DEFAULT 0;
DROP INDEX delivery_due;
CREATE INDEX delivery_due ON delivery (due) WHERE state IN (1, 2, 3) AND gate = 0;

-- How many errands the message ever had; 0 means that it has no questions and
-- no advance notices either. Errands are numbered with it, and no number comes
-- twice.
ALTER TABLE message ADD COLUMN errands integer NOT NULL DEFAULT 0;

-- What became of the questions of a message's verdict.
CREATE TABLE question (
    bucket   smallint NOT NULL,
    message  bytea    NOT NULL,
    n        integer  NOT NULL,             -- position in the verdict
    kind     smallint NOT NULL,             -- 1 asks the sender, 2 somebody else
    state    smallint NOT NULL DEFAULT 1,   -- 1 open, 2 yes, 3 no, 4 silence, 5 void
    people   text     NOT NULL,             -- who may answer: addresses, a line feed before and after each
    expires  bigint   NOT NULL,             -- queue time
    asked    bigint   NOT NULL DEFAULT 0,   -- when the first notice was written (wall clock, microseconds)
    reminded integer  NOT NULL DEFAULT 0,   -- how many reminders were written
    closed   bigint   NOT NULL DEFAULT 0,   -- wall clock, microseconds; 0 while it is open
    answers  text     NOT NULL DEFAULT '',  -- one JSON object a line, oldest first
    PRIMARY KEY (bucket, message, n)
);
CREATE INDEX question_open ON question (message, kind) WHERE state = 1;

-- Notices to be written and times that run out. A row goes in the transaction
-- that stores what it was for.
CREATE TABLE errand (
    bucket   smallint NOT NULL,
    message  bytea    NOT NULL,
    n        integer  NOT NULL,
    kind     smallint NOT NULL,             -- 1 ask, 2 remind, 3 expire, 4 result, 5 copy, 6 withdraw
    question integer  NOT NULL,             -- -1 where it is about none
    copy     integer  NOT NULL,             -- position in the verdict, -1 where it is about none
    due      bigint   NOT NULL,             -- queue time
    facts    text     NOT NULL DEFAULT '',  -- JSON
    PRIMARY KEY (bucket, message, n)
);
CREATE INDEX errand_due ON errand (due);

-- What became of the advance notices of a message's verdict.
CREATE TABLE advance (
    bucket    smallint NOT NULL,
    message   bytea    NOT NULL,
    n         integer  NOT NULL,            -- position in the verdict
    told      bigint   NOT NULL DEFAULT 0,  -- wall clock, microseconds; 0 while it was not written
    arrives   bigint   NOT NULL DEFAULT 0,  -- when the mail comes, as they were last told; 0 where no time was named
    withdrawn bigint   NOT NULL DEFAULT 0,  -- the same
    PRIMARY KEY (bucket, message, n)
);
