-- What ShipBob charged. Amounts stand in the bodies as exact decimal text; nothing here is personal.

CREATE TABLE billing_transaction (
  organisation_id TEXT COLLATE "C" NOT NULL,
  connection_id TEXT COLLATE "C" NOT NULL,
  transaction_id TEXT COLLATE "C" NOT NULL,
  invoice_id BIGINT,
  tie TEXT COLLATE "C" NOT NULL,
  tie_key TEXT COLLATE "C" NOT NULL,
  charged_at BIGINT NOT NULL,
  body TEXT COLLATE "C" NOT NULL,
  seen_at BIGINT NOT NULL,
  changed_at BIGINT NOT NULL,
  PRIMARY KEY (organisation_id, connection_id, transaction_id)
);
CREATE INDEX billing_transaction_invoice
  ON billing_transaction (organisation_id, connection_id, invoice_id, transaction_id);
CREATE INDEX billing_transaction_tie
  ON billing_transaction (organisation_id, connection_id, tie, tie_key);

CREATE TABLE billing_invoice (
  organisation_id TEXT COLLATE "C" NOT NULL,
  connection_id TEXT COLLATE "C" NOT NULL,
  invoice_id BIGINT NOT NULL,
  dated_at BIGINT NOT NULL,
  body TEXT COLLATE "C" NOT NULL,
  changed_at BIGINT NOT NULL,
  read_at BIGINT,
  dirty BOOLEAN NOT NULL,
  balanced BOOLEAN NOT NULL,
  balance TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (organisation_id, connection_id, invoice_id)
);
CREATE INDEX billing_invoice_dated
  ON billing_invoice (organisation_id, connection_id, dated_at, invoice_id);
CREATE INDEX billing_invoice_dirty
  ON billing_invoice (organisation_id, connection_id, invoice_id) WHERE dirty;

CREATE TABLE billing_cost (
  organisation_id TEXT COLLATE "C" NOT NULL,
  connection_id TEXT COLLATE "C" NOT NULL,
  shipment_id BIGINT NOT NULL,
  subject TEXT COLLATE "C" NOT NULL,
  listed BOOLEAN NOT NULL,
  closed TEXT COLLATE "C" NOT NULL,
  body TEXT COLLATE "C" NOT NULL,
  since BIGINT NOT NULL,
  PRIMARY KEY (organisation_id, connection_id, shipment_id)
);
CREATE INDEX billing_cost_subject ON billing_cost (organisation_id, connection_id, subject);
CREATE INDEX billing_cost_listed
  ON billing_cost (organisation_id, connection_id, shipment_id) WHERE listed;
CREATE INDEX billing_cost_closed
  ON billing_cost (organisation_id, connection_id, shipment_id) WHERE closed <> '';
