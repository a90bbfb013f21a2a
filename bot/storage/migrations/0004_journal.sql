-- What another process needs to finish a generation: the interaction's token (erased once it is settled) and its
-- application, who works on it and until when without a sign of life, the public message, and where paid pictures are.
ALTER TABLE generation ADD COLUMN token TEXT;
ALTER TABLE generation ADD COLUMN application BIGINT;
ALTER TABLE generation ADD COLUMN owner TEXT;
ALTER TABLE generation ADD COLUMN lease_until BIGINT NOT NULL DEFAULT 0;
ALTER TABLE generation ADD COLUMN message BIGINT;
ALTER TABLE generation ADD COLUMN sources TEXT;

CREATE INDEX generation_unfinished ON generation (lease_until) WHERE settled_at IS NULL;
CREATE INDEX generation_with_sources ON generation (member, server) WHERE sources IS NOT NULL;
