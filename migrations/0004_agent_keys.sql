-- Keys of agents (SECURITY.md K2). Only the SHA-256 of a key is kept. Revoked ones stay, so that their ids are known.
CREATE TABLE agent_keys (
  id           TEXT PRIMARY KEY,
  digest       TEXT NOT NULL,
  name         TEXT NOT NULL,
  agent_id     TEXT NOT NULL,
  project_ids  TEXT, -- a JSON list; null: all projects
  rights       TEXT NOT NULL, -- words, spaces between them
  created_at   TEXT NOT NULL,
  expires_at   TEXT,
  last_used_at TEXT,
  revoked_at   TEXT
) STRICT;
