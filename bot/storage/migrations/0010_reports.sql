-- What members reported to a server's moderators: once for each member and picture, whoever has dealt with it.
CREATE TABLE report (
    message BIGINT NOT NULL,
    reporter BIGINT NOT NULL,
    server BIGINT NOT NULL,
    channel BIGINT NOT NULL,
    owner BIGINT,
    reason TEXT NOT NULL,
    reported_at BIGINT NOT NULL,
    handled_at BIGINT,
    PRIMARY KEY (message, reporter)
);

CREATE INDEX report_waiting ON report (server, reported_at) WHERE handled_at IS NULL;
CREATE INDEX report_reporter ON report (reporter);
CREATE INDEX report_owner ON report (owner);
CREATE INDEX report_age ON report (reported_at);
