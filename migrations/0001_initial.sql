-- The first schema of ours: tables and columns named as in the contract, each record's document in payload_json,
-- the other columns only index it. `seq` is the order of arrival and never changes.
PRAGMA application_id = 0x50444B31; -- "PDK1"

CREATE TABLE meta (
  key   TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE projects (
  seq          INTEGER PRIMARY KEY,
  id           TEXT NOT NULL UNIQUE,
  sortOrder    INTEGER NOT NULL,
  name         TEXT NOT NULL,
  status       TEXT,
  priority     TEXT,
  category     TEXT,
  progress     REAL,
  budget       REAL,
  actualCost   REAL,
  createdAt    TEXT NOT NULL,
  updatedAt    TEXT NOT NULL,
  payload_json TEXT NOT NULL
) STRICT;
CREATE INDEX projects_order ON projects (sortOrder, createdAt);

CREATE TABLE agent_runs (
  seq          INTEGER PRIMARY KEY,
  id           TEXT NOT NULL UNIQUE,
  projectId    TEXT,
  agentId      TEXT,
  sessionId    TEXT,
  title        TEXT,
  status       TEXT,
  createdAt    TEXT NOT NULL,
  updatedAt    TEXT NOT NULL,
  startedAt    TEXT,
  finishedAt   TEXT,
  payload_json TEXT NOT NULL
) STRICT;
CREATE INDEX runs_created ON agent_runs (createdAt);
CREATE INDEX runs_project ON agent_runs (projectId, createdAt);
CREATE INDEX runs_session ON agent_runs (sessionId) WHERE sessionId IS NOT NULL;
CREATE INDEX runs_status ON agent_runs (status, createdAt);

-- Lean on purpose: three time indexes carry every screen; more of them halve the rate of writing.
CREATE TABLE agent_events (
  seq          INTEGER PRIMARY KEY,
  id           TEXT NOT NULL UNIQUE,
  ts           TEXT NOT NULL,
  type         TEXT NOT NULL,
  level        TEXT NOT NULL,
  projectId    TEXT,
  runId        TEXT,
  agentId      TEXT,
  title        TEXT,
  payload_json TEXT NOT NULL
) STRICT;
CREATE INDEX events_ts ON agent_events (ts);
CREATE INDEX events_project ON agent_events (projectId, ts);
CREATE INDEX events_run ON agent_events (runId, ts);

CREATE TABLE agent_profiles (
  seq          INTEGER PRIMARY KEY,
  id           TEXT NOT NULL UNIQUE,
  name         TEXT NOT NULL,
  role         TEXT,
  enabled      INTEGER NOT NULL,
  createdAt    TEXT NOT NULL,
  updatedAt    TEXT NOT NULL,
  payload_json TEXT NOT NULL
) STRICT;

CREATE TABLE agent_capabilities (
  seq          INTEGER PRIMARY KEY,
  id           TEXT NOT NULL UNIQUE,
  name         TEXT NOT NULL,
  enabled      INTEGER NOT NULL,
  createdAt    TEXT NOT NULL,
  updatedAt    TEXT NOT NULL,
  payload_json TEXT NOT NULL
) STRICT;

CREATE TABLE token_usage_records (
  seq              INTEGER PRIMARY KEY,
  id               TEXT NOT NULL UNIQUE,
  ts               TEXT NOT NULL,
  projectId        TEXT,
  runId            TEXT,
  agentId          TEXT,
  workspace        TEXT,
  sessionId        TEXT,
  source           TEXT,
  model            TEXT,
  promptTokens     INTEGER NOT NULL,
  completionTokens INTEGER NOT NULL,
  totalTokens      INTEGER NOT NULL,
  cost             REAL NOT NULL,
  payload_json     TEXT NOT NULL
) STRICT;
CREATE INDEX usage_ts ON token_usage_records (ts);
CREATE INDEX usage_project ON token_usage_records (projectId, ts);
CREATE INDEX usage_run ON token_usage_records (runId) WHERE runId IS NOT NULL;

-- Roll-ups, kept in the transaction of the row they count. '' stands for a null or empty key.
CREATE TABLE usage_hourly (
  hour             TEXT NOT NULL, -- YYYY-MM-DDTHH, UTC
  projectId        TEXT NOT NULL,
  agentId          TEXT NOT NULL,
  workspace        TEXT NOT NULL,
  source           TEXT NOT NULL,
  model            TEXT NOT NULL,
  records          INTEGER NOT NULL,
  promptTokens     INTEGER NOT NULL,
  completionTokens INTEGER NOT NULL,
  totalTokens      INTEGER NOT NULL,
  cost             REAL NOT NULL,
  PRIMARY KEY (hour, projectId, agentId, workspace, source, model)
) STRICT, WITHOUT ROWID;

CREATE TABLE events_hourly (
  hour      TEXT NOT NULL, -- YYYY-MM-DDTHH, UTC
  projectId TEXT NOT NULL,
  level     TEXT NOT NULL,
  events    INTEGER NOT NULL,
  PRIMARY KEY (hour, projectId, level)
) STRICT, WITHOUT ROWID;

CREATE TABLE users (
  id            TEXT PRIMARY KEY,
  username      TEXT NOT NULL UNIQUE,
  password_hash TEXT NOT NULL,
  role          TEXT NOT NULL DEFAULT 'admin',
  created_at    TEXT NOT NULL,
  updated_at    TEXT NOT NULL,
  last_login_at TEXT
) STRICT;

-- Only an HMAC of the cookie's value is kept; sessions are in no backup and end at every restore.
CREATE TABLE sessions (
  digest       TEXT PRIMARY KEY,
  user_id      TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  created_at   TEXT NOT NULL,
  last_seen_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
