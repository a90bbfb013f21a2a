-- What a server's moderators decided: every version of it, the one with the highest revision is in force.
-- The document is JSON, written and read by bot/storage/policy_document.py.
CREATE TABLE policy (
    server BIGINT NOT NULL,
    revision BIGINT NOT NULL CHECK (revision > 0),
    document TEXT NOT NULL,
    changed_by BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (server, revision)
);

-- A member's latest generations: for the cooldown, for how many run at once, and for what is kept about them.
CREATE INDEX generation_of_member ON generation (member, server, reserved_at);
