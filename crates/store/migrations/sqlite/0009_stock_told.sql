-- What F&O was told last of what is available of one SKU in one warehouse (by the centre its figures stand with). An empty
-- quantity: it was told, and nobody knows whether it took it.
CREATE TABLE stock_told (
  organisation_id TEXT NOT NULL,
  connection_id TEXT NOT NULL,
  sku TEXT NOT NULL,
  centre INTEGER NOT NULL,
  quantity TEXT NOT NULL,
  PRIMARY KEY (organisation_id, connection_id, sku, centre)
) STRICT, WITHOUT ROWID;
