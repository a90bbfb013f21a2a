-- When the pictures were deleted, by whoever asked for them or by a moderator.
ALTER TABLE generation ADD COLUMN deleted_at BIGINT;
