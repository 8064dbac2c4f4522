-- The document a version of the settings was written as, and where it came from.
ALTER TABLE settings ADD COLUMN text TEXT;
ALTER TABLE settings ADD COLUMN origin TEXT NOT NULL DEFAULT 'file';

-- A change of the settings plans every order anew that is not over, watched or not.
CREATE INDEX subject_open ON subject (organisation_id, connection_id, key)
  WHERE delivered_at IS NULL AND cancelled_at IS NULL;
