-- +goose Up

-- What past mail of the organisation showed about wrong recipients: the model
-- that judges in place of the shipped one. Numbers only, nobody's mail.
CREATE TABLE fitted_model (
    bucket INTEGER NOT NULL, -- always 0: there is one
    made   INTEGER NOT NULL, -- UTC, microseconds
    data   BLOB NOT NULL, -- as package expect writes it
    PRIMARY KEY (bucket)
) WITHOUT ROWID;
