-- +goose Up

-- What is learned from mail: who writes to whom, when, in which thread (P11).
-- No text is kept; ids, subjects and lines stand as hashes (64 bits, signed).
-- data are versioned binary records of package history.

-- Mails that were learned and are not folded in yet.
CREATE TABLE learn_waiting (
    bucket integer NOT NULL,
    batch  bytea   NOT NULL, -- ordered by time, like ids
    deeds  bytea   NOT NULL,
    PRIMARY KEY (bucket, batch)
);

-- Which buckets have taken in their part of a batch (PostgreSQL, where a
-- transaction stays in one bucket).
CREATE TABLE learn_taken (
    bucket integer NOT NULL,
    batch  bytea   NOT NULL,
    phase  integer NOT NULL, -- 1 the mails themselves, 2 what follows from them
    kept   bytea   NOT NULL, -- phase 1: what was new
    PRIMARY KEY (bucket, batch, phase)
);

-- Whom one of ours wrote to and heard from.
CREATE TABLE learned_profile (
    bucket integer NOT NULL,
    author text    NOT NULL, -- main address, in the form of mail.Key
    rev    bigint  NOT NULL, -- another one each time it is written
    oldest bigint  NOT NULL, -- the contact that was quiet for the longest: since when (UTC, seconds)
    data   bytea   NOT NULL,
    PRIMARY KEY (bucket, author)
);
CREATE INDEX learned_profile_oldest ON learned_profile (oldest);

-- What all of ours together know of an address or a domain.
CREATE TABLE learned_known (
    bucket integer NOT NULL,
    kind   integer NOT NULL, -- 1 an address, 2 a domain
    name   text    NOT NULL,
    oldest bigint  NOT NULL, -- UTC, seconds
    data   bytea   NOT NULL,
    PRIMARY KEY (bucket, kind, name)
);
CREATE INDEX learned_known_oldest ON learned_known (oldest);

-- Established addresses and domains, by what most slips leave of them.
CREATE TABLE learned_near (
    bucket integer NOT NULL, -- the item's
    hash   bigint  NOT NULL,
    item   text    NOT NULL,
    PRIMARY KEY (bucket, hash, item)
);
CREATE INDEX learned_near_hash ON learned_near (hash);

-- How often two things stood together.
CREATE TABLE learned_pair (
    bucket integer NOT NULL, -- of a
    kind   text    NOT NULL, -- d: two outside domains in one mail; n: a domain, and an organisation named to it
    a      text    NOT NULL,
    b      text    NOT NULL,
    times  integer NOT NULL,
    last   bigint  NOT NULL, -- UTC, seconds
    PRIMARY KEY (bucket, kind, a, b)
);
CREATE INDEX learned_pair_last ON learned_pair (last);

-- Mails, for the threads that they make.
CREATE TABLE learned_mail (
    bucket  integer NOT NULL, -- of the author
    mark    bigint  NOT NULL, -- hash of the Message-ID
    writer  bigint  NOT NULL, -- hash of the author
    root    bigint  NOT NULL, -- of the thread's first mail
    subject bigint  NOT NULL, -- of the bare subject; 0 where there is none
    at      bigint  NOT NULL, -- UTC, microseconds
    data    bytea   NOT NULL,
    PRIMARY KEY (bucket, mark, writer)
);
CREATE INDEX learned_mail_mark ON learned_mail (mark);
CREATE INDEX learned_mail_root ON learned_mail (root, at) WHERE root <> mark;
CREATE INDEX learned_mail_subject ON learned_mail (subject, at) WHERE subject <> 0;
CREATE INDEX learned_mail_at ON learned_mail (at);

-- How many mails of ours were learned.
CREATE TABLE learned_total (
    bucket integer NOT NULL PRIMARY KEY,
    mails  bigint  NOT NULL
);
