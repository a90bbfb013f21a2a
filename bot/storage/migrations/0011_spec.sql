-- What was asked for, as JSON written and read by bot/storage/generations.py; prompt says the same to copies of the
-- version before, and is all that there is of rows that they write. The languages of the member and of the server, for
-- whoever has to tell them how it ended.
ALTER TABLE generation ADD COLUMN spec TEXT;
ALTER TABLE generation ADD COLUMN locale TEXT;
ALTER TABLE generation ADD COLUMN server_locale TEXT;

DROP INDEX generation_with_prompt;
CREATE INDEX generation_with_prompt ON generation (settled_at) WHERE prompt <> '' OR spec IS NOT NULL;
