-- +goose Up

-- When the tickets of a block, 64 numbers next to each other, had attempts: the
-- hours of the first and of the last one, by their beginnings in seconds. Both
-- may lie further out than what retention has left.
CREATE TABLE ticket_spans (
    block BIGINT PRIMARY KEY,
    first BIGINT NOT NULL,
    last  BIGINT NOT NULL
);
INSERT INTO ticket_spans SELECT ticket / 64, min(id) / 3686400000000 * 3600, max(id) / 3686400000000 * 3600
    FROM attempts WHERE ticket > 0 GROUP BY 1;
CREATE INDEX ticket_spans_first ON ticket_spans (first, last, block);
CREATE INDEX ticket_spans_last ON ticket_spans (last, first, block);
