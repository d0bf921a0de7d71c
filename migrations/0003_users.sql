-- Accounts can be switched off, and every person keeps preferences. Additive: older files gain both.
ALTER TABLE users ADD COLUMN disabled INTEGER NOT NULL DEFAULT 0;

-- A free JSON object each; `owner` is the id of a user, or 'window' for the desktop app.
CREATE TABLE preferences (
  owner      TEXT PRIMARY KEY,
  value_json TEXT NOT NULL,
  updated_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
