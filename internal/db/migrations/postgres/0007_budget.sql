-- +goose Up

-- How strongly mail was questioned lately, by node: from this the threshold is
-- found that keeps questions within their share (P10). Counts only, nobody's mail.
CREATE TABLE question_strength (
    bucket  integer NOT NULL, -- always 0: a handful of rows for the whole organisation
    node    text    NOT NULL, -- 'learned' for what past mail showed
    began   bigint  NOT NULL, -- UTC, microseconds
    counts  bytea   NOT NULL, -- histograms, as package budget writes them
    PRIMARY KEY (bucket, node)
);
