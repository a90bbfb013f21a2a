-- The member whose picture is painted once more, where another one asks for that; NULL once they have their data erased.
ALTER TABLE generation ADD COLUMN idea_by BIGINT;
CREATE INDEX generation_idea_by ON generation (idea_by) WHERE idea_by IS NOT NULL;
