-- +goose Up

-- What retention removed, by day: the beginning of the day, UTC, in seconds.
CREATE TABLE removals (
    workspace  BIGINT NOT NULL,
    day        BIGINT NOT NULL,
    bodies     BIGINT NOT NULL,
    attempts   BIGINT NOT NULL,
    deliveries BIGINT NOT NULL,
    changes    BIGINT NOT NULL,
    PRIMARY KEY (workspace, day)
);
