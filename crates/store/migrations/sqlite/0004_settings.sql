-- The document a version of the settings was written as, and where it came from.
ALTER TABLE settings ADD COLUMN text TEXT;
ALTER TABLE settings ADD COLUMN origin TEXT NOT NULL DEFAULT 'file';
