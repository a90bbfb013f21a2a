-- What a member wants in every server where a command does not say otherwise: JSON, without what says the default. There
-- is no row for whoever wants nothing.
CREATE TABLE preference (
    member BIGINT NOT NULL PRIMARY KEY,
    document TEXT NOT NULL,
    changed_at BIGINT NOT NULL
);

CREATE INDEX preference_age ON preference (changed_at);
