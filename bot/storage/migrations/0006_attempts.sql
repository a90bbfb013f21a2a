-- Requests of a generation that were written down before they left for the image API; and, once it is settled, how many
-- images the operator may have paid for with all of them.
ALTER TABLE generation ADD COLUMN attempts INTEGER NOT NULL DEFAULT 0;
ALTER TABLE generation ADD COLUMN spent INTEGER NOT NULL DEFAULT 0;

UPDATE generation SET attempts = 1, spent = images WHERE state IN ('delivered', 'kept', 'unknown');
