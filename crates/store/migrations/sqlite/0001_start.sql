-- Times are microseconds since 1970 in UTC. Bodies are compressed and, where they carry personal
-- data, sealed under the person's key. Hot tables have no foreign keys: their rows are written in
-- batches by the owner of the connection, which has been checked already.

CREATE TABLE organisation (
  organisation_id TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE connection (
  organisation_id TEXT NOT NULL REFERENCES organisation (organisation_id),
  connection_id TEXT NOT NULL,
  name TEXT NOT NULL,
  company TEXT NOT NULL,
  channel_id INTEGER NOT NULL,
  cut_off INTEGER,
  paused INTEGER NOT NULL CHECK (paused IN (0, 1)),
  settings_version INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (organisation_id, connection_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE settings (
  organisation_id TEXT NOT NULL,
  connection_id TEXT NOT NULL,
  version INTEGER NOT NULL,
  document TEXT NOT NULL,
  at INTEGER NOT NULL,
  who TEXT NOT NULL,
  reason TEXT NOT NULL,
  PRIMARY KEY (organisation_id, connection_id, version),
  FOREIGN KEY (organisation_id, connection_id) REFERENCES connection (organisation_id, connection_id)
) STRICT;

CREATE TABLE secret (
  organisation_id TEXT NOT NULL,
  connection_id TEXT NOT NULL,
  system TEXT NOT NULL CHECK (system IN ('dynamics', 'shipbob', 'webhook')),
  name TEXT NOT NULL,
  key_id TEXT NOT NULL,
  wrapped_dek BLOB NOT NULL,
  sealed BLOB NOT NULL,
  expires_at INTEGER,
  set_at INTEGER NOT NULL,
  set_by TEXT NOT NULL,
  PRIMARY KEY (organisation_id, connection_id, system, name),
  FOREIGN KEY (organisation_id, connection_id) REFERENCES connection (organisation_id, connection_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE lease (
  organisation_id TEXT NOT NULL,
  cell TEXT NOT NULL,
  holder TEXT,
  fence INTEGER NOT NULL,
  beat INTEGER NOT NULL,
  PRIMARY KEY (organisation_id, cell)
) STRICT, WITHOUT ROWID;

CREATE TABLE inbox (
  id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  organisation_id TEXT NOT NULL,
  connection_id TEXT NOT NULL,
  source TEXT NOT NULL,
  target_kind TEXT NOT NULL,
  target_key TEXT NOT NULL,
  dedupe_key TEXT NOT NULL,
  body BLOB,
  received_at INTEGER NOT NULL,
  flagged INTEGER NOT NULL CHECK (flagged IN (0, 1)),
  done_at INTEGER
) STRICT;
CREATE UNIQUE INDEX inbox_dedupe ON inbox (organisation_id, connection_id, dedupe_key);
CREATE INDEX inbox_waiting ON inbox (organisation_id, connection_id, id) WHERE done_at IS NULL;
CREATE INDEX inbox_done ON inbox (organisation_id, connection_id, done_at)
  WHERE done_at IS NOT NULL;

CREATE TABLE observation (
  organisation_id TEXT NOT NULL,
  connection_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  key TEXT NOT NULL,
  person TEXT,
  version TEXT NOT NULL,
  stamp INTEGER NOT NULL,
  read_began INTEGER NOT NULL,
  body BLOB NOT NULL,
  PRIMARY KEY (organisation_id, connection_id, kind, key)
) STRICT;

CREATE TABLE cursor (
  organisation_id TEXT NOT NULL,
  connection_id TEXT NOT NULL,
  name TEXT NOT NULL,
  value TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (organisation_id, connection_id, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE link (
  organisation_id TEXT NOT NULL,
  connection_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  local_key TEXT NOT NULL,
  remote_key TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (organisation_id, connection_id, kind, local_key)
) STRICT, WITHOUT ROWID;
CREATE INDEX link_remote ON link (organisation_id, connection_id, kind, remote_key);

CREATE TABLE subject (
  organisation_id TEXT NOT NULL,
  connection_id TEXT NOT NULL,
  key TEXT NOT NULL,
  lane INTEGER NOT NULL,
  dirty_at INTEGER,
  marks INTEGER NOT NULL,
  plan_at INTEGER,
  watch_at INTEGER,
  status TEXT NOT NULL,
  sentence TEXT NOT NULL,
  released_at INTEGER,
  accepted_at INTEGER,
  shipped_at INTEGER,
  written_at INTEGER,
  delivered_at INTEGER,
  cancelled_at INTEGER,
  held INTEGER NOT NULL CHECK (held IN (0, 1)),
  last_plan INTEGER,
  seen_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (organisation_id, connection_id, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX subject_dirty ON subject (organisation_id, connection_id, lane, dirty_at, key)
  WHERE dirty_at IS NOT NULL;
CREATE INDEX subject_timer ON subject (organisation_id, connection_id, plan_at, key)
  WHERE plan_at IS NOT NULL;
CREATE INDEX subject_watch ON subject (organisation_id, connection_id, watch_at, key)
  WHERE watch_at IS NOT NULL;
CREATE INDEX subject_seen ON subject (organisation_id, connection_id, seen_at, key);
CREATE INDEX subject_updated ON subject (organisation_id, connection_id, updated_at);
CREATE INDEX subject_unaccepted ON subject (organisation_id, connection_id, released_at)
  WHERE released_at IS NOT NULL AND accepted_at IS NULL AND cancelled_at IS NULL;
CREATE INDEX subject_unwritten ON subject (organisation_id, connection_id, shipped_at)
  WHERE shipped_at IS NOT NULL AND written_at IS NULL;
CREATE INDEX subject_held ON subject (organisation_id, connection_id, seen_at, key) WHERE held;

CREATE TABLE number (
  organisation_id TEXT NOT NULL,
  connection_id TEXT NOT NULL,
  number_normal TEXT NOT NULL,
  kind TEXT NOT NULL,
  subject TEXT NOT NULL,
  number TEXT NOT NULL,
  PRIMARY KEY (organisation_id, connection_id, number_normal, kind, subject)
) STRICT, WITHOUT ROWID;

CREATE TABLE person (
  organisation_id TEXT NOT NULL,
  connection_id TEXT NOT NULL,
  subject TEXT NOT NULL,
  key_id TEXT NOT NULL,
  wrapped_key BLOB,
  destroyed_at INTEGER,
  PRIMARY KEY (organisation_id, connection_id, subject)
) STRICT, WITHOUT ROWID;

CREATE TABLE facts (
  organisation_id TEXT NOT NULL,
  connection_id TEXT NOT NULL,
  hash BLOB NOT NULL,
  person TEXT NOT NULL,
  body BLOB NOT NULL,
  PRIMARY KEY (organisation_id, connection_id, hash)
) STRICT;

CREATE TABLE plan (
  id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  organisation_id TEXT NOT NULL,
  connection_id TEXT NOT NULL,
  subject TEXT NOT NULL,
  made_at INTEGER NOT NULL,
  settings_version INTEGER NOT NULL,
  facts_hash BLOB NOT NULL,
  outcome BLOB NOT NULL
) STRICT;
CREATE INDEX plan_subject ON plan (organisation_id, connection_id, subject, id);
CREATE INDEX plan_made ON plan (organisation_id, connection_id, made_at);

CREATE TABLE delivery (
  id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  organisation_id TEXT NOT NULL,
  connection_id TEXT NOT NULL,
  subject TEXT NOT NULL,
  turn INTEGER NOT NULL,
  plan_id INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  business_key TEXT NOT NULL,
  operation TEXT NOT NULL,
  lane INTEGER NOT NULL,
  body BLOB NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('ready', 'in_flight', 'in_doubt', 'done', 'held', 'refused',
    'withdrawn', 'superseded')),
  not_before INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  tries INTEGER NOT NULL,
  fence INTEGER,
  last_byte_by INTEGER,
  settle INTEGER NOT NULL,
  doubt_until INTEGER,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  outcome TEXT
) STRICT;
CREATE UNIQUE INDEX delivery_key ON delivery (organisation_id, connection_id, business_key);
CREATE UNIQUE INDEX delivery_subject ON delivery (organisation_id, connection_id, subject, turn);
CREATE INDEX delivery_ready ON delivery (organisation_id, connection_id, lane, not_before, turn)
  WHERE state = 'ready';
CREATE INDEX delivery_in_flight ON delivery (organisation_id, connection_id, fence)
  WHERE state = 'in_flight';
CREATE INDEX delivery_in_doubt ON delivery (organisation_id, connection_id, not_before)
  WHERE state = 'in_doubt';

CREATE TABLE attempt (
  organisation_id TEXT NOT NULL,
  connection_id TEXT NOT NULL,
  delivery_id INTEGER NOT NULL,
  number INTEGER NOT NULL,
  fence INTEGER NOT NULL,
  started_at INTEGER NOT NULL,
  last_byte_by INTEGER NOT NULL,
  ended_at INTEGER,
  disposition TEXT,
  detail TEXT,
  status INTEGER,
  PRIMARY KEY (organisation_id, connection_id, delivery_id, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE hold (
  id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  organisation_id TEXT NOT NULL,
  connection_id TEXT NOT NULL,
  subject TEXT NOT NULL,
  flow TEXT NOT NULL,
  cause TEXT NOT NULL,
  field TEXT NOT NULL,
  reason TEXT NOT NULL,
  fix TEXT NOT NULL,
  value TEXT NOT NULL,
  opened_at INTEGER NOT NULL,
  closed_at INTEGER,
  closed_by TEXT
) STRICT;
CREATE UNIQUE INDEX hold_open
  ON hold (organisation_id, connection_id, subject, flow, cause, field, value) WHERE closed_at IS NULL;
CREATE INDEX hold_cause ON hold (organisation_id, connection_id, cause, opened_at)
  WHERE closed_at IS NULL;
CREATE INDEX hold_closed ON hold (organisation_id, connection_id, closed_at)
  WHERE closed_at IS NOT NULL;
CREATE INDEX hold_subject ON hold (organisation_id, connection_id, subject, id);

CREATE TABLE decision (
  id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  organisation_id TEXT NOT NULL,
  connection_id TEXT NOT NULL,
  subject TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('skip', 'retry', 'release', 'note')),
  why TEXT NOT NULL,
  who TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT;
CREATE INDEX decision_subject ON decision (organisation_id, connection_id, subject, id);

CREATE TABLE trail (
  organisation_id TEXT NOT NULL,
  connection_id TEXT NOT NULL,
  seq INTEGER NOT NULL,
  at INTEGER NOT NULL,
  who TEXT NOT NULL,
  what TEXT NOT NULL,
  subject TEXT,
  before TEXT,
  after TEXT,
  why TEXT,
  settings_version INTEGER NOT NULL,
  request_id TEXT,
  salt BLOB,
  commitment BLOB NOT NULL,
  prev BLOB NOT NULL,
  hash BLOB NOT NULL,
  PRIMARY KEY (organisation_id, connection_id, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX trail_subject ON trail (organisation_id, connection_id, subject, seq)
  WHERE subject IS NOT NULL;

CREATE TABLE webhook_subscription (
  id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  organisation_id TEXT NOT NULL,
  connection_id TEXT NOT NULL,
  path_token TEXT NOT NULL,
  remote_id TEXT,
  secret_current TEXT NOT NULL,
  secret_previous TEXT,
  created_at INTEGER NOT NULL,
  enabled INTEGER NOT NULL CHECK (enabled IN (0, 1)),
  last_seen_at INTEGER,
  FOREIGN KEY (organisation_id, connection_id) REFERENCES connection (organisation_id, connection_id)
) STRICT;
CREATE UNIQUE INDEX webhook_path ON webhook_subscription (path_token);
