-- What a member has yet to be told of a settled generation: the token stays until then.
ALTER TABLE generation ADD COLUMN untold TEXT;

DROP INDEX generation_unfinished;
CREATE INDEX generation_unfinished ON generation (lease_until) WHERE settled_at IS NULL OR untold IS NOT NULL;
