-- What comes into ShipBob's centres: returns and receiving orders, and what each did to which shelf. Nothing personal is in
-- them.

CREATE TABLE inbound (
  organisation_id TEXT COLLATE "C" NOT NULL,
  connection_id TEXT COLLATE "C" NOT NULL,
  kind TEXT COLLATE "C" NOT NULL,
  remote_id BIGINT NOT NULL,
  tie TEXT COLLATE "C" NOT NULL,
  open BOOLEAN NOT NULL,
  created_at BIGINT NOT NULL,
  words TEXT COLLATE "C" NOT NULL,
  body TEXT COLLATE "C" NOT NULL,
  changed_at BIGINT NOT NULL,
  PRIMARY KEY (organisation_id, connection_id, kind, remote_id)
);
CREATE INDEX inbound_tie ON inbound (organisation_id, connection_id, tie);
CREATE INDEX inbound_open ON inbound (organisation_id, connection_id, kind, remote_id) WHERE open;

CREATE TABLE inbound_shelf (
  organisation_id TEXT COLLATE "C" NOT NULL,
  connection_id TEXT COLLATE "C" NOT NULL,
  sku TEXT COLLATE "C" NOT NULL,
  centre BIGINT NOT NULL,
  kind TEXT COLLATE "C" NOT NULL,
  remote_id BIGINT NOT NULL,
  pieces BIGINT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (organisation_id, connection_id, sku, centre, kind, remote_id)
);
CREATE INDEX inbound_shelf_of ON inbound_shelf (organisation_id, connection_id, kind, remote_id);
