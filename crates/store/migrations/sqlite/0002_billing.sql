-- What ShipBob charged. Amounts stand in the bodies as exact decimal text; nothing here is personal.

CREATE TABLE billing_transaction (
  organisation_id TEXT NOT NULL,
  connection_id TEXT NOT NULL,
  transaction_id TEXT NOT NULL,
  invoice_id INTEGER,
  tie TEXT NOT NULL,
  tie_key TEXT NOT NULL,
  charged_at INTEGER NOT NULL,
  body TEXT NOT NULL,
  seen_at INTEGER NOT NULL,
  changed_at INTEGER NOT NULL,
  PRIMARY KEY (organisation_id, connection_id, transaction_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX billing_transaction_invoice
  ON billing_transaction (organisation_id, connection_id, invoice_id, transaction_id);
CREATE INDEX billing_transaction_tie
  ON billing_transaction (organisation_id, connection_id, tie, tie_key);

CREATE TABLE billing_invoice (
  organisation_id TEXT NOT NULL,
  connection_id TEXT NOT NULL,
  invoice_id INTEGER NOT NULL,
  dated_at INTEGER NOT NULL,
  body TEXT NOT NULL,
  changed_at INTEGER NOT NULL,
  read_at INTEGER,
  dirty INTEGER NOT NULL CHECK (dirty IN (0, 1)),
  balanced INTEGER NOT NULL CHECK (balanced IN (0, 1)),
  balance TEXT NOT NULL,
  PRIMARY KEY (organisation_id, connection_id, invoice_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX billing_invoice_dated
  ON billing_invoice (organisation_id, connection_id, dated_at, invoice_id);
CREATE INDEX billing_invoice_dirty
  ON billing_invoice (organisation_id, connection_id, invoice_id) WHERE dirty;

CREATE TABLE billing_cost (
  organisation_id TEXT NOT NULL,
  connection_id TEXT NOT NULL,
  shipment_id INTEGER NOT NULL,
  subject TEXT NOT NULL,
  listed INTEGER NOT NULL CHECK (listed IN (0, 1)),
  closed TEXT NOT NULL,
  body TEXT NOT NULL,
  since INTEGER NOT NULL,
  PRIMARY KEY (organisation_id, connection_id, shipment_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX billing_cost_subject ON billing_cost (organisation_id, connection_id, subject);
CREATE INDEX billing_cost_listed
  ON billing_cost (organisation_id, connection_id, shipment_id) WHERE listed;
CREATE INDEX billing_cost_closed
  ON billing_cost (organisation_id, connection_id, shipment_id) WHERE closed <> '';
