-- The document a version of the settings was written as, and where it came from.
ALTER TABLE settings ADD COLUMN text TEXT;
ALTER TABLE settings ADD COLUMN origin TEXT NOT NULL DEFAULT 'file';

-- Orders that are neither delivered nor cancelled: they follow a change of the settings.
CREATE INDEX subject_open ON subject (organisation_id, connection_id, seen_at, key)
  WHERE delivered_at IS NULL AND cancelled_at IS NULL;
