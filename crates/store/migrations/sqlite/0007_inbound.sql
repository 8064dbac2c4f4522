-- What comes into ShipBob's centres: returns and receiving orders, and what each did to which shelf. Nothing personal is in
-- them.

CREATE TABLE inbound (
  organisation_id TEXT NOT NULL,
  connection_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  remote_id INTEGER NOT NULL,
  tie TEXT NOT NULL,
  open INTEGER NOT NULL CHECK (open IN (0, 1)),
  created_at INTEGER NOT NULL,
  words TEXT NOT NULL,
  body TEXT NOT NULL,
  changed_at INTEGER NOT NULL,
  PRIMARY KEY (organisation_id, connection_id, kind, remote_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX inbound_tie ON inbound (organisation_id, connection_id, tie);
CREATE INDEX inbound_open ON inbound (organisation_id, connection_id, kind, remote_id) WHERE open;

CREATE TABLE inbound_shelf (
  organisation_id TEXT NOT NULL,
  connection_id TEXT NOT NULL,
  sku TEXT NOT NULL,
  centre INTEGER NOT NULL,
  kind TEXT NOT NULL,
  remote_id INTEGER NOT NULL,
  pieces INTEGER NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (organisation_id, connection_id, sku, centre, kind, remote_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX inbound_shelf_of ON inbound_shelf (organisation_id, connection_id, kind, remote_id);
