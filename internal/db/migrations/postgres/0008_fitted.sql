-- +goose Up

-- What past mail of the organisation showed about wrong recipients: the model
-- that judges in place of the shipped one. Numbers only, nobody's mail.
CREATE TABLE fitted_model (
    bucket integer NOT NULL, -- always 0: there is one
    made   bigint NOT NULL, -- UTC, microseconds
    data   bytea NOT NULL, -- as package expect writes it
    PRIMARY KEY (bucket)
);
