-- Servers whose moderators were told, or need not be told, that the bot has joined; gone once it has left.
CREATE TABLE greeted (
    server BIGINT NOT NULL PRIMARY KEY,
    greeted_at BIGINT NOT NULL
);
