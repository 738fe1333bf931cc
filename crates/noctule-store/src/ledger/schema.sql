-- The ledger's tables. Times are microseconds since 1970, UTC. Columns are added, never renamed.
CREATE TABLE IF NOT EXISTS settings (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

-- One row per capture (a file, or a text member of an archive). `state` goes from acknowledged (evidence and this
-- row are durable) to materialized (all its messages are in the tables).
CREATE TABLE IF NOT EXISTS captures (
    capture_no   INTEGER PRIMARY KEY,
    capture_id   TEXT NOT NULL UNIQUE,
    path         TEXT NOT NULL,
    bytes        INTEGER NOT NULL,
    stored_bytes INTEGER NOT NULL,
    reference    TEXT,
    format       TEXT NOT NULL,
    encoding     TEXT NOT NULL,
    zone         TEXT NOT NULL,
    mapping      TEXT,
    captured_at  INTEGER NOT NULL,
    program      TEXT NOT NULL,
    simulated    TEXT,
    row_hash     TEXT NOT NULL,
    state        TEXT NOT NULL CHECK (state IN ('acknowledged', 'materialized')),
    messages     INTEGER NOT NULL DEFAULT 0,
    duplicates   INTEGER NOT NULL DEFAULT 0,
    skipped      INTEGER NOT NULL DEFAULT 0
) STRICT;

-- Archives: what was inside, and what became of it. Media members are named here and kept nowhere.
CREATE INDEX IF NOT EXISTS captures_by_path ON captures (path, bytes);

CREATE TABLE IF NOT EXISTS members (
    container_id TEXT NOT NULL,
    path         TEXT NOT NULL,
    bytes        INTEGER NOT NULL,
    capture_id   TEXT,
    PRIMARY KEY (container_id, path)
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS containers (
    container_id TEXT PRIMARY KEY,
    path         TEXT NOT NULL,
    bytes        INTEGER NOT NULL,
    format       TEXT NOT NULL,
    captured_at  INTEGER NOT NULL
) STRICT;

-- What was left out. `capture_no` is null for files that no collector recognized; `path` names them.
CREATE TABLE IF NOT EXISTS skips (
    skip_no    INTEGER PRIMARY KEY,
    capture_no INTEGER,
    path       TEXT NOT NULL,
    place      TEXT NOT NULL,
    reason     TEXT NOT NULL,
    detail     TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS skips_by_capture ON skips (capture_no, path);

CREATE TABLE IF NOT EXISTS sources (
    source_id TEXT PRIMARY KEY,
    key       TEXT NOT NULL,
    name      TEXT NOT NULL,
    medium    TEXT NOT NULL,
    url       TEXT
) STRICT;

CREATE TABLE IF NOT EXISTS source_events (
    source_id  TEXT NOT NULL,
    at         INTEGER,
    kind       TEXT NOT NULL,
    value      TEXT NOT NULL,
    capture_no INTEGER NOT NULL,
    UNIQUE (source_id, at, kind, value)
) STRICT;

-- Table batches: a batch exists when its row is here, never because its files are.
CREATE TABLE IF NOT EXISTS batches (
    batch_no INTEGER PRIMARY KEY,
    messages INTEGER NOT NULL
) STRICT;

CREATE TABLE IF NOT EXISTS table_files (
    table_name TEXT NOT NULL,
    version    INTEGER NOT NULL,
    path       TEXT NOT NULL,
    bytes      INTEGER NOT NULL,
    rows       INTEGER NOT NULL,
    blake3     TEXT NOT NULL,
    batch_no   INTEGER NOT NULL,
    row_hash   TEXT NOT NULL,
    PRIMARY KEY (table_name, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS audit (
    entry_no INTEGER PRIMARY KEY,
    at       INTEGER NOT NULL,
    act      TEXT NOT NULL,
    subject  TEXT NOT NULL,
    previous TEXT NOT NULL,
    hash     TEXT NOT NULL
) STRICT;
