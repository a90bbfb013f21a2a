-- What a chat model made of the prompt, which was painted in its place; empty where it was asked, and the prompt was
-- painted as it was written; NULL where it was not asked, and once the prompt is erased. What asking has cost, in credits.
ALTER TABLE generation ADD COLUMN revised_prompt TEXT;
ALTER TABLE generation ADD COLUMN revision_credits BIGINT;
