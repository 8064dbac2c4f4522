CREATE TABLE stock_told (
  organisation_id TEXT COLLATE "C" NOT NULL,
  connection_id TEXT COLLATE "C" NOT NULL,
  sku TEXT COLLATE "C" NOT NULL,
  centre BIGINT NOT NULL,
  quantity TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (organisation_id, connection_id, sku, centre)
);
