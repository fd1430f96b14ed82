-- +goose Up

-- What retention removed, by day: the beginning of the day, UTC, in seconds.
CREATE TABLE removals (
    workspace  INTEGER NOT NULL,
    day        INTEGER NOT NULL,
    bodies     INTEGER NOT NULL,
    attempts   INTEGER NOT NULL,
    deliveries INTEGER NOT NULL,
    changes    INTEGER NOT NULL,
    PRIMARY KEY (workspace, day)
) WITHOUT ROWID;
