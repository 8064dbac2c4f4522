-- Times are microseconds since 1970 in UTC. Bodies are compressed and, where they carry personal
-- data, sealed under the person's key. Hot tables have no foreign keys: their rows are written in
-- batches by the owner of the connection, which has been checked already. Collation C makes the
-- order of text the same as on SQLite.

CREATE TABLE organisation (
  organisation_id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  name TEXT COLLATE "C" NOT NULL,
  created_at BIGINT NOT NULL
);

CREATE TABLE connection (
  organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisation (organisation_id),
  connection_id TEXT COLLATE "C" NOT NULL,
  name TEXT COLLATE "C" NOT NULL,
  company TEXT COLLATE "C" NOT NULL,
  channel_id BIGINT NOT NULL,
  cut_off BIGINT,
  paused BOOLEAN NOT NULL,
  settings_version BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (organisation_id, connection_id)
);

CREATE TABLE settings (
  organisation_id TEXT COLLATE "C" NOT NULL,
  connection_id TEXT COLLATE "C" NOT NULL,
  version BIGINT NOT NULL,
  document TEXT COLLATE "C" NOT NULL,
  at BIGINT NOT NULL,
  who TEXT COLLATE "C" NOT NULL,
  reason TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (organisation_id, connection_id, version),
  FOREIGN KEY (organisation_id, connection_id) REFERENCES connection (organisation_id, connection_id)
);

CREATE TABLE secret (
  organisation_id TEXT COLLATE "C" NOT NULL,
  connection_id TEXT COLLATE "C" NOT NULL,
  system TEXT COLLATE "C" NOT NULL CHECK (system IN ('dynamics', 'shipbob', 'webhook')),
  name TEXT COLLATE "C" NOT NULL,
  key_id TEXT COLLATE "C" NOT NULL,
  wrapped_dek BYTEA NOT NULL,
  sealed BYTEA NOT NULL,
  expires_at BIGINT,
  set_at BIGINT NOT NULL,
  set_by TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (organisation_id, connection_id, system, name),
  FOREIGN KEY (organisation_id, connection_id) REFERENCES connection (organisation_id, connection_id)
);

CREATE TABLE lease (
  organisation_id TEXT COLLATE "C" NOT NULL,
  cell TEXT COLLATE "C" NOT NULL,
  holder TEXT COLLATE "C",
  fence BIGINT NOT NULL,
  beat BIGINT NOT NULL,
  PRIMARY KEY (organisation_id, cell)
);

CREATE TABLE inbox (
  id BIGINT NOT NULL GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  organisation_id TEXT COLLATE "C" NOT NULL,
  connection_id TEXT COLLATE "C" NOT NULL,
  source TEXT COLLATE "C" NOT NULL,
  target_kind TEXT COLLATE "C" NOT NULL,
  target_key TEXT COLLATE "C" NOT NULL,
  dedupe_key TEXT COLLATE "C" NOT NULL,
  body BYTEA,
  received_at BIGINT NOT NULL,
  flagged BOOLEAN NOT NULL,
  done_at BIGINT
);
CREATE UNIQUE INDEX inbox_dedupe ON inbox (organisation_id, connection_id, dedupe_key);
CREATE INDEX inbox_waiting ON inbox (organisation_id, connection_id, id) WHERE done_at IS NULL;
CREATE INDEX inbox_done ON inbox (organisation_id, connection_id, done_at)
  WHERE done_at IS NOT NULL;

CREATE TABLE observation (
  organisation_id TEXT COLLATE "C" NOT NULL,
  connection_id TEXT COLLATE "C" NOT NULL,
  kind TEXT COLLATE "C" NOT NULL,
  key TEXT COLLATE "C" NOT NULL,
  person TEXT COLLATE "C",
  version TEXT COLLATE "C" NOT NULL,
  stamp BIGINT NOT NULL,
  read_began BIGINT NOT NULL,
  body BYTEA NOT NULL,
  PRIMARY KEY (organisation_id, connection_id, kind, key)
);

CREATE TABLE cursor (
  organisation_id TEXT COLLATE "C" NOT NULL,
  connection_id TEXT COLLATE "C" NOT NULL,
  name TEXT COLLATE "C" NOT NULL,
  value TEXT COLLATE "C" NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (organisation_id, connection_id, name)
);

CREATE TABLE link (
  organisation_id TEXT COLLATE "C" NOT NULL,
  connection_id TEXT COLLATE "C" NOT NULL,
  kind TEXT COLLATE "C" NOT NULL,
  local_key TEXT COLLATE "C" NOT NULL,
  remote_key TEXT COLLATE "C" NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (organisation_id, connection_id, kind, local_key)
);
CREATE INDEX link_remote ON link (organisation_id, connection_id, kind, remote_key);

CREATE TABLE subject (
  organisation_id TEXT COLLATE "C" NOT NULL,
  connection_id TEXT COLLATE "C" NOT NULL,
  key TEXT COLLATE "C" NOT NULL,
  lane BIGINT NOT NULL,
  dirty_at BIGINT,
  marks BIGINT NOT NULL,
  plan_at BIGINT,
  watch_at BIGINT,
  status TEXT COLLATE "C" NOT NULL,
  sentence TEXT COLLATE "C" NOT NULL,
  released_at BIGINT,
  accepted_at BIGINT,
  shipped_at BIGINT,
  written_at BIGINT,
  delivered_at BIGINT,
  cancelled_at BIGINT,
  held BOOLEAN NOT NULL,
  last_plan BIGINT,
  seen_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (organisation_id, connection_id, key)
);
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
  organisation_id TEXT COLLATE "C" NOT NULL,
  connection_id TEXT COLLATE "C" NOT NULL,
  number_normal TEXT COLLATE "C" NOT NULL,
  kind TEXT COLLATE "C" NOT NULL,
  subject TEXT COLLATE "C" NOT NULL,
  number TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (organisation_id, connection_id, number_normal, kind, subject)
);

CREATE TABLE person (
  organisation_id TEXT COLLATE "C" NOT NULL,
  connection_id TEXT COLLATE "C" NOT NULL,
  subject TEXT COLLATE "C" NOT NULL,
  key_id TEXT COLLATE "C" NOT NULL,
  wrapped_key BYTEA,
  destroyed_at BIGINT,
  PRIMARY KEY (organisation_id, connection_id, subject)
);

CREATE TABLE facts (
  organisation_id TEXT COLLATE "C" NOT NULL,
  connection_id TEXT COLLATE "C" NOT NULL,
  hash BYTEA NOT NULL,
  person TEXT COLLATE "C" NOT NULL,
  body BYTEA NOT NULL,
  PRIMARY KEY (organisation_id, connection_id, hash)
);

CREATE TABLE plan (
  id BIGINT NOT NULL GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  organisation_id TEXT COLLATE "C" NOT NULL,
  connection_id TEXT COLLATE "C" NOT NULL,
  subject TEXT COLLATE "C" NOT NULL,
  made_at BIGINT NOT NULL,
  settings_version BIGINT NOT NULL,
  facts_hash BYTEA NOT NULL,
  outcome BYTEA NOT NULL
);
CREATE INDEX plan_subject ON plan (organisation_id, connection_id, subject, id);
CREATE INDEX plan_made ON plan (organisation_id, connection_id, made_at);

CREATE TABLE delivery (
  id BIGINT NOT NULL GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  organisation_id TEXT COLLATE "C" NOT NULL,
  connection_id TEXT COLLATE "C" NOT NULL,
  subject TEXT COLLATE "C" NOT NULL,
  turn BIGINT NOT NULL,
  plan_id BIGINT NOT NULL,
  seq BIGINT NOT NULL,
  business_key TEXT COLLATE "C" NOT NULL,
  operation TEXT COLLATE "C" NOT NULL,
  lane BIGINT NOT NULL,
  body BYTEA NOT NULL,
  state TEXT COLLATE "C" NOT NULL CHECK (state IN ('ready', 'in_flight', 'in_doubt', 'done', 'held', 'refused',
    'withdrawn', 'superseded')),
  not_before BIGINT NOT NULL,
  attempts BIGINT NOT NULL,
  tries BIGINT NOT NULL,
  fence BIGINT,
  last_byte_by BIGINT,
  settle BIGINT NOT NULL,
  doubt_until BIGINT,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  outcome TEXT COLLATE "C"
);
CREATE UNIQUE INDEX delivery_key ON delivery (organisation_id, connection_id, business_key);
CREATE UNIQUE INDEX delivery_subject ON delivery (organisation_id, connection_id, subject, turn);
CREATE INDEX delivery_ready ON delivery (organisation_id, connection_id, lane, not_before, turn)
  WHERE state = 'ready';
CREATE INDEX delivery_in_flight ON delivery (organisation_id, connection_id, fence)
  WHERE state = 'in_flight';
CREATE INDEX delivery_in_doubt ON delivery (organisation_id, connection_id, not_before)
  WHERE state = 'in_doubt';

CREATE TABLE attempt (
  organisation_id TEXT COLLATE "C" NOT NULL,
  connection_id TEXT COLLATE "C" NOT NULL,
  delivery_id BIGINT NOT NULL,
  number BIGINT NOT NULL,
  fence BIGINT NOT NULL,
  started_at BIGINT NOT NULL,
  last_byte_by BIGINT NOT NULL,
  ended_at BIGINT,
  disposition TEXT COLLATE "C",
  detail TEXT COLLATE "C",
  status BIGINT,
  PRIMARY KEY (organisation_id, connection_id, delivery_id, number)
);

CREATE TABLE hold (
  id BIGINT NOT NULL GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  organisation_id TEXT COLLATE "C" NOT NULL,
  connection_id TEXT COLLATE "C" NOT NULL,
  subject TEXT COLLATE "C" NOT NULL,
  flow TEXT COLLATE "C" NOT NULL,
  cause TEXT COLLATE "C" NOT NULL,
  field TEXT COLLATE "C" NOT NULL,
  reason TEXT COLLATE "C" NOT NULL,
  fix TEXT COLLATE "C" NOT NULL,
  value TEXT COLLATE "C" NOT NULL,
  opened_at BIGINT NOT NULL,
  closed_at BIGINT,
  closed_by TEXT COLLATE "C"
);
CREATE UNIQUE INDEX hold_open
  ON hold (organisation_id, connection_id, subject, flow, cause, field, value) WHERE closed_at IS NULL;
CREATE INDEX hold_cause ON hold (organisation_id, connection_id, cause, opened_at)
  WHERE closed_at IS NULL;
CREATE INDEX hold_closed ON hold (organisation_id, connection_id, closed_at)
  WHERE closed_at IS NOT NULL;
CREATE INDEX hold_subject ON hold (organisation_id, connection_id, subject, id);

CREATE TABLE decision (
  id BIGINT NOT NULL GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  organisation_id TEXT COLLATE "C" NOT NULL,
  connection_id TEXT COLLATE "C" NOT NULL,
  subject TEXT COLLATE "C" NOT NULL,
  kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('skip', 'retry', 'release', 'note')),
  why TEXT COLLATE "C" NOT NULL,
  who TEXT COLLATE "C" NOT NULL,
  at BIGINT NOT NULL
);
CREATE INDEX decision_subject ON decision (organisation_id, connection_id, subject, id);

CREATE TABLE trail (
  organisation_id TEXT COLLATE "C" NOT NULL,
  connection_id TEXT COLLATE "C" NOT NULL,
  seq BIGINT NOT NULL,
  at BIGINT NOT NULL,
  who TEXT COLLATE "C" NOT NULL,
  what TEXT COLLATE "C" NOT NULL,
  subject TEXT COLLATE "C",
  before TEXT COLLATE "C",
  after TEXT COLLATE "C",
  why TEXT COLLATE "C",
  settings_version BIGINT NOT NULL,
  request_id TEXT COLLATE "C",
  salt BYTEA,
  commitment BYTEA NOT NULL,
  prev BYTEA NOT NULL,
  hash BYTEA NOT NULL,
  PRIMARY KEY (organisation_id, connection_id, seq)
);
CREATE INDEX trail_subject ON trail (organisation_id, connection_id, subject, seq)
  WHERE subject IS NOT NULL;

CREATE TABLE webhook_subscription (
  id BIGINT NOT NULL GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  organisation_id TEXT COLLATE "C" NOT NULL,
  connection_id TEXT COLLATE "C" NOT NULL,
  path_token TEXT COLLATE "C" NOT NULL,
  remote_id TEXT COLLATE "C",
  secret_current TEXT COLLATE "C" NOT NULL,
  secret_previous TEXT COLLATE "C",
  created_at BIGINT NOT NULL,
  enabled BOOLEAN NOT NULL,
  last_seen_at BIGINT,
  FOREIGN KEY (organisation_id, connection_id) REFERENCES connection (organisation_id, connection_id)
);
CREATE UNIQUE INDEX webhook_path ON webhook_subscription (path_token);
