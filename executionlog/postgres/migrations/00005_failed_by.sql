-- +goose Up

-- Failed attempts by what people look at them by: a healthy receiver has few
-- among many that succeeded.
CREATE INDEX attempts_failed_endpoint ON attempts (endpoint, id) WHERE outcome = 2;
CREATE INDEX attempts_failed_trigger ON attempts (trigger_id, id) WHERE outcome = 2;
CREATE INDEX attempts_failed_event ON attempts (event, id) WHERE outcome = 2;
CREATE INDEX attempts_failed_system ON attempts (system, id) WHERE outcome = 2;
