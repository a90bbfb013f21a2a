-- Members who want everything about them erased: what has to stay until its day or month has ended goes later.
CREATE TABLE erasure (
    member BIGINT NOT NULL PRIMARY KEY,
    asked_at BIGINT NOT NULL
);

-- For a server's figures and exports, and for what is kept no longer.
CREATE INDEX generation_of_server ON generation (server, reserved_at);
CREATE INDEX generation_settled ON generation (settled_at);
CREATE INDEX generation_with_prompt ON generation (settled_at) WHERE prompt <> '';
CREATE INDEX meter_window ON meter (window_key);
