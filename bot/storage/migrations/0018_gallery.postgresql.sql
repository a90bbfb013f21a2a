-- Without a list of what was added last, which each search would have to read from its beginning to its end.
CREATE INDEX gallery_words ON gallery USING gin (CAST(scope || words AS tsvector)) WITH (fastupdate = off);

-- In the same transaction, whichever version of the bot erases a prompt, deletes the pictures or erases a member.
CREATE FUNCTION gallery_follows() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF NEW.deleted_at IS NOT NULL OR NEW.member = 0 THEN DELETE FROM gallery WHERE generation = NEW.id; ELSE UPDATE gallery SET words = '' WHERE generation = NEW.id; END IF; RETURN NULL; END $$;
CREATE TRIGGER gallery_follows AFTER UPDATE OF prompt, deleted_at, member ON generation FOR EACH ROW
    WHEN (NEW.deleted_at IS NOT NULL OR NEW.member = 0 OR (NEW.prompt = '' AND OLD.prompt <> ''))
    EXECUTE PROCEDURE gallery_follows();
