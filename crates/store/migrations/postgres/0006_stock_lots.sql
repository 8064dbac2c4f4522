CREATE TABLE stock_lot (
  organisation_id TEXT COLLATE "C" NOT NULL,
  connection_id TEXT COLLATE "C" NOT NULL,
  sku TEXT COLLATE "C" NOT NULL,
  centre BIGINT NOT NULL,
  lot TEXT COLLATE "C" NOT NULL,
  expires TEXT COLLATE "C" NOT NULL,
  run BIGINT NOT NULL,
  on_hand BIGINT NOT NULL,
  committed BIGINT NOT NULL,
  fulfillable BIGINT NOT NULL,
  PRIMARY KEY (organisation_id, connection_id, sku, centre, lot, expires)
);
CREATE INDEX stock_lot_run ON stock_lot (organisation_id, connection_id, run);
