-- When whoever asked for a generation, or a moderator, took it back: nothing had been bought yet, and it was settled in
-- the same moment.
ALTER TABLE generation ADD COLUMN cancelled_at BIGINT;

-- How long the last pictures of a model took, from the request for them until they were shown.
CREATE INDEX generation_duration ON generation (model, settled_at, submitted_at) WHERE state = 'delivered' AND attempts = 1;
