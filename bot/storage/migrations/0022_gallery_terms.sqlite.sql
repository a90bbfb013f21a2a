-- Beginnings of words are indexed as words are: or a search would first put together all rows of all words that begin so.
DROP TABLE gallery_words;
DROP TRIGGER gallery_deleted;
DELETE FROM gallery;
CREATE VIRTUAL TABLE gallery_words USING fts5 (
    scope, words, content = 'gallery', content_rowid = 'generation', detail = 'none', columnsize = 0,
    prefix = '2 3 4 5 6', tokenize = "ascii tokenchars '#'"
);
CREATE TRIGGER gallery_deleted AFTER DELETE ON gallery BEGIN
    INSERT INTO gallery_words (gallery_words, rowid, scope, words) VALUES ('delete', old.generation, old.scope, old.words); END;
