-- +goose Up

-- Attempts per hour by one of the things that searches filter by: 1 the
-- system, 2 the event, 3 the trigger, 4 the endpoint. at is the beginning of
-- the hour in seconds.
CREATE TABLE facet_counts (
    workspace INTEGER NOT NULL,
    facet     INTEGER NOT NULL,
    value     INTEGER NOT NULL,
    at        INTEGER NOT NULL,
    outcome   INTEGER NOT NULL,
    n         INTEGER NOT NULL,
    PRIMARY KEY (workspace, facet, value, at, outcome)
) WITHOUT ROWID;
INSERT INTO facet_counts SELECT workspace, 1, system, id / 3686400000000 * 3600, outcome, count(*) FROM attempts GROUP BY 1, 3, 4, 5;
INSERT INTO facet_counts SELECT workspace, 2, event, id / 3686400000000 * 3600, outcome, count(*) FROM attempts GROUP BY 1, 3, 4, 5;
INSERT INTO facet_counts SELECT workspace, 3, trigger_id, id / 3686400000000 * 3600, outcome, count(*) FROM attempts GROUP BY 1, 3, 4, 5;
INSERT INTO facet_counts SELECT workspace, 4, endpoint, id / 3686400000000 * 3600, outcome, count(*) FROM attempts GROUP BY 1, 3, 4, 5;
