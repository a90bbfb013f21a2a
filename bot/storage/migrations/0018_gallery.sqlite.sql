-- The rows stay in the table; this has which word is in which row, and nothing else: https://sqlite.org/fts5.html
CREATE VIRTUAL TABLE gallery_words USING fts5 (
    scope, words, content = 'gallery', content_rowid = 'generation', detail = 'none', columnsize = 0,
    tokenize = "ascii tokenchars '#'"
);

CREATE TRIGGER gallery_inserted AFTER INSERT ON gallery BEGIN
    INSERT INTO gallery_words (rowid, scope, words) VALUES (new.generation, new.scope, new.words); END;
CREATE TRIGGER gallery_deleted AFTER DELETE ON gallery BEGIN
    INSERT INTO gallery_words (gallery_words, rowid, scope, words) VALUES ('delete', old.generation, old.scope, old.words); END;
CREATE TRIGGER gallery_updated AFTER UPDATE OF scope, words ON gallery BEGIN
    INSERT INTO gallery_words (gallery_words, rowid, scope, words) VALUES ('delete', old.generation, old.scope, old.words); INSERT INTO gallery_words (rowid, scope, words) VALUES (new.generation, new.scope, new.words); END;

-- In the same transaction, whichever version of the bot erases a prompt, deletes the pictures or erases a member.
CREATE TRIGGER gallery_prompt_erased AFTER UPDATE OF prompt ON generation WHEN new.prompt = '' AND old.prompt <> '' BEGIN
    UPDATE gallery SET words = '' WHERE generation = new.id; END;
CREATE TRIGGER gallery_pictures_deleted AFTER UPDATE OF deleted_at ON generation WHEN new.deleted_at IS NOT NULL BEGIN
    DELETE FROM gallery WHERE generation = new.id; END;
CREATE TRIGGER gallery_member_erased AFTER UPDATE OF member ON generation WHEN new.member = 0 BEGIN
    DELETE FROM gallery WHERE generation = new.id; END;
