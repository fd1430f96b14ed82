-- +goose Up

CREATE TABLE settings (
    name  TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) WITHOUT ROWID;
INSERT INTO settings (name, value) VALUES ('check', 0), ('node', 0), ('sequence', 0);

-- Every repeated name once: workspaces, systems, events, endpoints, triggers,
-- error codes.
CREATE TABLE names (
    id   INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
);

-- Every ticket number once.
CREATE TABLE numbers (
    id        INTEGER PRIMARY KEY,
    workspace INTEGER NOT NULL,
    number    TEXT NOT NULL,
    folded    TEXT NOT NULL,
    UNIQUE (workspace, number)
);
CREATE INDEX numbers_folded ON numbers (workspace, folded);
CREATE VIRTUAL TABLE number_grams USING fts5 (
    folded, content = '', contentless_delete = 1, detail = none, tokenize = 'trigram case_sensitive 1'
);

CREATE TABLE tickets (
    id         INTEGER PRIMARY KEY, -- of the number
    workspace  INTEGER NOT NULL,
    number     TEXT NOT NULL,
    version    INTEGER NOT NULL,
    deleted    INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    doc        BLOB,
    meta       BLOB
);
CREATE INDEX tickets_updated ON tickets (workspace, updated_at DESC, number) WHERE deleted = 0;

CREATE TABLE changes (
    id          INTEGER PRIMARY KEY,
    workspace   INTEGER NOT NULL,
    ticket      INTEGER NOT NULL,
    kind        INTEGER NOT NULL,
    at          INTEGER NOT NULL,
    accepted_at INTEGER NOT NULL,
    key         TEXT,
    chain       TEXT NOT NULL,
    depth       INTEGER NOT NULL,
    content     BLOB
);
CREATE INDEX changes_ticket ON changes (ticket);
CREATE INDEX changes_workspace ON changes (workspace);
CREATE UNIQUE INDEX changes_key ON changes (workspace, key) WHERE key IS NOT NULL;

-- outcome: 0 pending, 1 succeeded, 2 failed, 3 cancelled.
CREATE TABLE deliveries (
    id              INTEGER PRIMARY KEY,
    workspace       INTEGER NOT NULL,
    change          INTEGER NOT NULL,
    ticket          INTEGER NOT NULL,
    system          INTEGER NOT NULL,
    event           INTEGER NOT NULL,
    revision        INTEGER NOT NULL,
    endpoint        INTEGER NOT NULL,
    trigger_id      INTEGER NOT NULL,
    trigger_version INTEGER NOT NULL,
    event_id        TEXT NOT NULL,
    chain           TEXT NOT NULL,
    depth           INTEGER NOT NULL,
    outcome         INTEGER NOT NULL,
    attempts        INTEGER NOT NULL,
    last_status     INTEGER NOT NULL,
    last_code       INTEGER NOT NULL,
    last_error      TEXT NOT NULL,
    created_at      INTEGER NOT NULL,
    due_at          INTEGER NOT NULL,
    finished_at     INTEGER NOT NULL,
    redelivery_of   INTEGER NOT NULL, -- 0 for an original
    request_of      INTEGER NOT NULL, -- the delivery whose request is sent
    redelivered     INTEGER NOT NULL, -- 1 once a delivery repeats this one
    replay          TEXT NOT NULL
);
CREATE INDEX deliveries_due ON deliveries (endpoint, due_at, id) WHERE outcome = 0;
CREATE INDEX deliveries_queue ON deliveries (endpoint, ticket, id) WHERE outcome = 0;
CREATE INDEX deliveries_needed ON deliveries (request_of) WHERE outcome = 0;
CREATE INDEX deliveries_block ON deliveries (endpoint, ticket, id) WHERE outcome = 2 AND redelivered = 0;
CREATE INDEX deliveries_failed ON deliveries (workspace) WHERE outcome = 2;
CREATE INDEX deliveries_workspace ON deliveries (workspace);
CREATE INDEX deliveries_endpoint ON deliveries (endpoint);
CREATE INDEX deliveries_ticket ON deliveries (ticket);
CREATE INDEX deliveries_change ON deliveries (change);
CREATE INDEX deliveries_replay ON deliveries (replay) WHERE replay <> '';

CREATE TABLE requests (
    delivery INTEGER PRIMARY KEY,
    content  BLOB NOT NULL
);

CREATE TABLE attempts (
    id          INTEGER PRIMARY KEY,
    workspace   INTEGER NOT NULL,
    delivery    INTEGER NOT NULL,
    change      INTEGER NOT NULL,
    ticket      INTEGER NOT NULL,
    system      INTEGER NOT NULL,
    event       INTEGER NOT NULL,
    trigger_id  INTEGER NOT NULL,
    endpoint    INTEGER NOT NULL,
    number      INTEGER NOT NULL,
    skew        INTEGER NOT NULL, -- microseconds from the id's time to the attempt's
    duration    INTEGER NOT NULL, -- microseconds
    outcome     INTEGER NOT NULL,
    http_status INTEGER NOT NULL,
    error_code  INTEGER NOT NULL,
    error       TEXT NOT NULL
);
CREATE INDEX attempts_workspace ON attempts (workspace);
CREATE INDEX attempts_delivery ON attempts (delivery);
CREATE INDEX attempts_change ON attempts (change);
CREATE INDEX attempts_ticket ON attempts (ticket);
CREATE INDEX attempts_endpoint ON attempts (endpoint);
CREATE INDEX attempts_trigger ON attempts (trigger_id);
CREATE INDEX attempts_event ON attempts (event);
CREATE INDEX attempts_failed ON attempts (workspace) WHERE outcome = 2;
CREATE INDEX attempts_code ON attempts (error_code) WHERE outcome = 2;
CREATE INDEX attempts_status ON attempts (http_status) WHERE http_status >= 300;
CREATE VIRTUAL TABLE attempt_errors USING fts5 (
    folded, content = '', contentless_delete = 1, detail = none, tokenize = 'trigram case_sensitive 1'
);
INSERT INTO attempt_errors (attempt_errors, rank) VALUES ('deletemerge', 0);

CREATE TABLE details (
    attempt INTEGER PRIMARY KEY,
    content BLOB NOT NULL
);

-- Counts kept in the transactions that write what they count. step is 60 or
-- 3600 seconds, at the beginning of the step in seconds.
CREATE TABLE attempt_counts (
    step      INTEGER NOT NULL,
    workspace INTEGER NOT NULL,
    at        INTEGER NOT NULL,
    outcome   INTEGER NOT NULL,
    n         INTEGER NOT NULL,
    PRIMARY KEY (step, workspace, at, outcome)
) WITHOUT ROWID;
CREATE TABLE failure_counts (
    workspace  INTEGER NOT NULL,
    at         INTEGER NOT NULL,
    endpoint   INTEGER NOT NULL,
    error_code INTEGER NOT NULL,
    n          INTEGER NOT NULL,
    PRIMARY KEY (workspace, at, endpoint, error_code)
) WITHOUT ROWID;
CREATE TABLE delivery_counts (
    workspace INTEGER NOT NULL,
    at        INTEGER NOT NULL,
    endpoint  INTEGER NOT NULL,
    outcome   INTEGER NOT NULL,
    n         INTEGER NOT NULL,
    PRIMARY KEY (workspace, at, endpoint, outcome)
) WITHOUT ROWID;

CREATE TABLE documents (
    workspace TEXT NOT NULL,
    kind      TEXT NOT NULL,
    id        TEXT NOT NULL,
    key       TEXT,
    version   INTEGER NOT NULL,
    body      BLOB,
    author    TEXT NOT NULL,
    at        INTEGER NOT NULL,
    deleted   INTEGER NOT NULL,
    PRIMARY KEY (workspace, kind, id)
);
CREATE INDEX documents_kind ON documents (kind, id, workspace);
CREATE UNIQUE INDEX documents_key ON documents (kind, key) WHERE key IS NOT NULL AND deleted = 0;
CREATE TABLE document_versions (
    workspace TEXT NOT NULL,
    kind      TEXT NOT NULL,
    id        TEXT NOT NULL,
    version   INTEGER NOT NULL,
    key       TEXT,
    body      BLOB,
    author    TEXT NOT NULL,
    at        INTEGER NOT NULL,
    deleted   INTEGER NOT NULL,
    PRIMARY KEY (workspace, kind, id, version)
);

CREATE TABLE audit (
    id        INTEGER PRIMARY KEY,
    workspace TEXT NOT NULL,
    at        INTEGER NOT NULL,
    actor     TEXT NOT NULL,
    action    TEXT NOT NULL,
    target    TEXT NOT NULL,
    before    BLOB,
    after     BLOB
);
CREATE INDEX audit_workspace ON audit (workspace);
CREATE INDEX audit_target ON audit (target);
