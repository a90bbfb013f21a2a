-- Times are UTC epoch milliseconds; ids are Discord's snowflakes.

-- How many images are used on a meter, in one of its windows.
CREATE TABLE meter (
    name TEXT NOT NULL,
    window_key TEXT NOT NULL,
    used BIGINT NOT NULL CHECK (used >= 0),
    PRIMARY KEY (name, window_key)
);

-- One /imagine; settled_at is set once it is final.
CREATE TABLE generation (
    id BIGINT NOT NULL PRIMARY KEY,
    member BIGINT NOT NULL,
    server BIGINT NOT NULL,
    channel BIGINT NOT NULL,
    prompt TEXT NOT NULL,
    images INTEGER NOT NULL CHECK (images > 0),
    refunded INTEGER NOT NULL DEFAULT 0 CHECK (refunded BETWEEN 0 AND images),
    state TEXT NOT NULL,
    model TEXT,
    credits BIGINT,
    reserved_at BIGINT NOT NULL,
    acknowledged_at BIGINT,
    submitted_at BIGINT,
    paid_at BIGINT,
    settled_at BIGINT
);

-- What a generation took from which meter, in the order of locking; a cap of NULL is unlimited.
CREATE TABLE charge (
    generation BIGINT NOT NULL REFERENCES generation (id),
    position INTEGER NOT NULL,
    meter TEXT NOT NULL,
    window_key TEXT NOT NULL,
    images INTEGER NOT NULL,
    cap BIGINT,
    PRIMARY KEY (generation, meter, window_key)
);

-- What the bot has to remember about itself.
CREATE TABLE note (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);
