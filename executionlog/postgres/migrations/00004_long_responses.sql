-- +goose Up

-- Which attempts have a response of which only the beginning can be searched
-- by index: every search in responses looks at these.
CREATE INDEX attempt_errors_long ON attempt_errors (rowid) WHERE right(folded, 3) = E'\x01\x01\x01';
