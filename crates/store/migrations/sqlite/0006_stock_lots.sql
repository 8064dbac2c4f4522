CREATE TABLE stock_lot (
  organisation_id TEXT NOT NULL,
  connection_id TEXT NOT NULL,
  sku TEXT NOT NULL,
  centre INTEGER NOT NULL,
  lot TEXT NOT NULL,
  expires TEXT NOT NULL,
  run INTEGER NOT NULL,
  on_hand INTEGER NOT NULL,
  committed INTEGER NOT NULL,
  fulfillable INTEGER NOT NULL,
  PRIMARY KEY (organisation_id, connection_id, sku, centre, lot, expires)
) STRICT, WITHOUT ROWID;
CREATE INDEX stock_lot_run ON stock_lot (organisation_id, connection_id, run);
