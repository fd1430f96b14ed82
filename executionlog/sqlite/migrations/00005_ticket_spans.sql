-- +goose Up

-- When the tickets of a block, 64 numbers next to each other, had attempts: the
-- hours of the first and of the last one, by their beginnings in seconds. Both
-- may lie further out than what retention has left.
CREATE TABLE ticket_spans (
    block INTEGER PRIMARY KEY,
    first INTEGER NOT NULL,
    last  INTEGER NOT NULL
);
INSERT INTO ticket_spans SELECT ticket / 64, min(first) / 3686400000000 * 3600, max(last) / 3686400000000 * 3600
    FROM (SELECT ticket, min(id) AS first, max(id) AS last FROM attempts WHERE ticket > 0 GROUP BY ticket) GROUP BY 1;
CREATE INDEX ticket_spans_first ON ticket_spans (first, last);
CREATE INDEX ticket_spans_last ON ticket_spans (last, first);
