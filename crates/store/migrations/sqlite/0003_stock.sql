CREATE TABLE stock (
  organisation_id TEXT NOT NULL,
  connection_id TEXT NOT NULL,
  sku TEXT NOT NULL,
  centre INTEGER NOT NULL,
  inventory_id INTEGER,
  name TEXT NOT NULL,
  run INTEGER NOT NULL,
  on_hand INTEGER,
  committed INTEGER NOT NULL,
  fulfillable INTEGER NOT NULL,
  awaiting INTEGER NOT NULL,
  transfer INTEGER NOT NULL,
  fo_run INTEGER NOT NULL,
  physical TEXT,
  available TEXT,
  state TEXT NOT NULL,
  variance INTEGER NOT NULL,
  judged TEXT NOT NULL,
  judged_at INTEGER,
  PRIMARY KEY (organisation_id, connection_id, sku, centre)
) STRICT, WITHOUT ROWID;
CREATE INDEX stock_state ON stock (organisation_id, connection_id, state, sku, centre);

CREATE TABLE stock_item (
  organisation_id TEXT NOT NULL,
  connection_id TEXT NOT NULL,
  sku TEXT NOT NULL,
  item TEXT NOT NULL,
  product TEXT NOT NULL,
  unit TEXT NOT NULL,
  run INTEGER NOT NULL,
  PRIMARY KEY (organisation_id, connection_id, sku)
) STRICT, WITHOUT ROWID;

CREATE TABLE stock_event (
  organisation_id TEXT NOT NULL,
  connection_id TEXT NOT NULL,
  sku TEXT NOT NULL,
  centre INTEGER NOT NULL,
  id INTEGER NOT NULL,
  kind TEXT NOT NULL,
  at INTEGER NOT NULL,
  pieces INTEGER NOT NULL,
  order_id INTEGER,
  folded INTEGER NOT NULL CHECK (folded IN (0, 1)),
  PRIMARY KEY (organisation_id, connection_id, sku, centre, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX stock_event_age ON stock_event (organisation_id, connection_id, at);
