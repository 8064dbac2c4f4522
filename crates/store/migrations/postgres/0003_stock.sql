CREATE TABLE stock (
  organisation_id TEXT COLLATE "C" NOT NULL,
  connection_id TEXT COLLATE "C" NOT NULL,
  sku TEXT COLLATE "C" NOT NULL,
  centre BIGINT NOT NULL,
  inventory_id BIGINT,
  name TEXT COLLATE "C" NOT NULL,
  run BIGINT NOT NULL,
  on_hand BIGINT,
  committed BIGINT NOT NULL,
  fulfillable BIGINT NOT NULL,
  awaiting BIGINT NOT NULL,
  transfer BIGINT NOT NULL,
  fo_run BIGINT NOT NULL,
  physical TEXT COLLATE "C",
  available TEXT COLLATE "C",
  state TEXT COLLATE "C" NOT NULL,
  variance BIGINT NOT NULL,
  judged TEXT COLLATE "C" NOT NULL,
  judged_at BIGINT,
  PRIMARY KEY (organisation_id, connection_id, sku, centre)
);
CREATE INDEX stock_state ON stock (organisation_id, connection_id, state, sku, centre);

CREATE TABLE stock_item (
  organisation_id TEXT COLLATE "C" NOT NULL,
  connection_id TEXT COLLATE "C" NOT NULL,
  sku TEXT COLLATE "C" NOT NULL,
  item TEXT COLLATE "C" NOT NULL,
  product TEXT COLLATE "C" NOT NULL,
  unit TEXT COLLATE "C" NOT NULL,
  run BIGINT NOT NULL,
  PRIMARY KEY (organisation_id, connection_id, sku)
);

CREATE TABLE stock_event (
  organisation_id TEXT COLLATE "C" NOT NULL,
  connection_id TEXT COLLATE "C" NOT NULL,
  sku TEXT COLLATE "C" NOT NULL,
  centre BIGINT NOT NULL,
  id BIGINT NOT NULL,
  kind TEXT COLLATE "C" NOT NULL,
  at BIGINT NOT NULL,
  pieces BIGINT NOT NULL,
  order_id BIGINT,
  folded BOOLEAN NOT NULL,
  PRIMARY KEY (organisation_id, connection_id, sku, centre, id)
);
CREATE INDEX stock_event_age ON stock_event (organisation_id, connection_id, at);
