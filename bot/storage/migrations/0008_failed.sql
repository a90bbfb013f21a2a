-- What came to nothing although it may have been paid for: counted for each member and each server, for the day.
CREATE INDEX generation_failed_of_member ON generation (member, reserved_at) WHERE refunded > 0 AND spent > 0;
CREATE INDEX generation_failed_of_server ON generation (server, reserved_at) WHERE refunded > 0 AND spent > 0;
