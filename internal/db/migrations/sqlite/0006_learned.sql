-- +goose Up

-- What is learned from mail: who writes to whom, when, in which thread (P11).
-- No text is kept; ids, subjects and lines stand as hashes (64 bits, signed).
-- data are versioned binary records of package history.

-- Mails that were learned and are not folded in yet.
CREATE TABLE learn_waiting (
    bucket INTEGER NOT NULL,
    batch  BLOB    NOT NULL, -- ordered by time, like ids
    deeds  BLOB    NOT NULL,
    PRIMARY KEY (batch)
) WITHOUT ROWID;

-- Which buckets have taken in their part of a batch (PostgreSQL, where a
-- transaction stays in one bucket).
CREATE TABLE learn_taken (
    bucket INTEGER NOT NULL,
    batch  BLOB    NOT NULL,
    phase  INTEGER NOT NULL, -- 1 the mails themselves, 2 what follows from them
    kept   BLOB    NOT NULL, -- phase 1: what was new
    PRIMARY KEY (bucket, batch, phase)
) WITHOUT ROWID;

-- Whom one of ours wrote to and heard from.
CREATE TABLE learned_profile (
    bucket INTEGER NOT NULL,
    author TEXT    NOT NULL, -- main address, in the form of mail.Key
    rev    INTEGER NOT NULL, -- another one each time it is written
    oldest INTEGER NOT NULL, -- the contact that was quiet for the longest: since when (UTC, seconds)
    data   BLOB    NOT NULL,
    PRIMARY KEY (author)
) WITHOUT ROWID;
CREATE INDEX learned_profile_oldest ON learned_profile (oldest);

-- What all of ours together know of an address or a domain.
CREATE TABLE learned_known (
    bucket INTEGER NOT NULL,
    kind   INTEGER NOT NULL, -- 1 an address, 2 a domain
    name   TEXT    NOT NULL,
    oldest INTEGER NOT NULL, -- UTC, seconds
    data   BLOB    NOT NULL,
    PRIMARY KEY (kind, name)
) WITHOUT ROWID;
CREATE INDEX learned_known_oldest ON learned_known (oldest);

-- Established addresses and domains, by what most slips leave of them.
CREATE TABLE learned_near (
    bucket INTEGER NOT NULL, -- the item's
    hash   INTEGER NOT NULL,
    item   TEXT    NOT NULL,
    PRIMARY KEY (hash, item)
) WITHOUT ROWID;

-- How often two things stood together.
CREATE TABLE learned_pair (
    bucket INTEGER NOT NULL, -- of a
    kind   TEXT    NOT NULL, -- d: two outside domains in one mail; n: a domain, and an organisation named to it
    a      TEXT    NOT NULL,
    b      TEXT    NOT NULL,
    times  INTEGER NOT NULL,
    last   INTEGER NOT NULL, -- UTC, seconds
    PRIMARY KEY (kind, a, b)
) WITHOUT ROWID;
CREATE INDEX learned_pair_last ON learned_pair (last);

-- Mails, for the threads that they make.
CREATE TABLE learned_mail (
    row     INTEGER PRIMARY KEY,
    bucket  INTEGER NOT NULL, -- of the author
    mark    INTEGER NOT NULL, -- hash of the Message-ID
    writer  INTEGER NOT NULL, -- hash of the author
    root    INTEGER NOT NULL, -- of the thread's first mail
    subject INTEGER NOT NULL, -- of the bare subject; 0 where there is none
    at      INTEGER NOT NULL, -- UTC, microseconds
    data    BLOB    NOT NULL
);
CREATE UNIQUE INDEX learned_mail_mark ON learned_mail (mark, writer);
CREATE INDEX learned_mail_root ON learned_mail (root, at) WHERE root <> mark;
CREATE INDEX learned_mail_subject ON learned_mail (subject, at) WHERE subject <> 0;
CREATE INDEX learned_mail_at ON learned_mail (at);

-- How many mails of ours were learned.
CREATE TABLE learned_total (
    bucket INTEGER NOT NULL PRIMARY KEY,
    mails  INTEGER NOT NULL
);
