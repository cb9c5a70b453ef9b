-- Times are microseconds since 1970; the API prints milliseconds.
-- AUTOINCREMENT: the id of a deleted contact is never given out again.
CREATE TABLE contacts (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    first_name   TEXT,
    last_name    TEXT,
    company      TEXT,
    title        TEXT,
    email        TEXT,
    emails_extra TEXT NOT NULL, -- JSON array of strings
    phones       TEXT NOT NULL, -- JSON array of {label, number}
    address      TEXT NOT NULL, -- JSON object or null
    website      TEXT,
    twitter      TEXT,
    kind         TEXT NOT NULL CHECK (kind IN ('person', 'supplier')),
    archived     INTEGER NOT NULL,
    created_at   INTEGER NOT NULL,
    updated_at   INTEGER NOT NULL,
    visible_at   INTEGER NOT NULL,
    revision     INTEGER NOT NULL DEFAULT 0
);

-- What a lookup compares with: trimmed and lower case, main and further addresses.
CREATE TABLE contact_emails (
    contact_id INTEGER NOT NULL,
    address    TEXT NOT NULL,
    PRIMARY KEY (contact_id, address)
) WITHOUT ROWID;

CREATE TABLE contact_phones (
    contact_id INTEGER NOT NULL,
    digits     TEXT NOT NULL,
    last9      TEXT NOT NULL,
    PRIMARY KEY (contact_id, digits)
) WITHOUT ROWID;

CREATE TABLE users (
    id     INTEGER PRIMARY KEY,
    name   TEXT NOT NULL,
    email  TEXT,
    active INTEGER NOT NULL,
    role   TEXT NOT NULL CHECK (role IN ('agent', 'admin', 'bot'))
);

CREATE TABLE tickets (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    contact_id      INTEGER,
    subject         TEXT NOT NULL,
    body            TEXT, -- HTML
    priority        INTEGER NOT NULL CHECK (priority BETWEEN 1 AND 4),
    status          TEXT NOT NULL CHECK (status IN ('new', 'open', 'waiting', 'done', 'cancelled')),
    requester_phone TEXT,
    created_at      INTEGER NOT NULL,
    updated_at      INTEGER NOT NULL
);

-- The answers to repeat for a key that comes again.
CREATE TABLE idempotency_keys (
    key     TEXT PRIMARY KEY,
    request TEXT NOT NULL,
    answer  TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE notes (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    contact_id INTEGER NOT NULL,
    author_id  INTEGER,
    html       TEXT NOT NULL,
    created_at INTEGER NOT NULL
);

CREATE TABLE calls (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    contact_id INTEGER NOT NULL,
    author_id  INTEGER,
    direction  TEXT NOT NULL CHECK (direction IN ('inbound', 'outbound')),
    seconds    INTEGER NOT NULL,
    started_at INTEGER NOT NULL,
    summary    TEXT
);
