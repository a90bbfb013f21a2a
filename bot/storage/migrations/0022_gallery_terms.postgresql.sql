-- Words, their beginnings of two to six letters with a * behind them, and whose the picture is in which span of ids:
-- 2 ** 51 of them, six days. GIN knows no order; so the spans are searched from the newest to the oldest.
CREATE FUNCTION gallery_terms(generation BIGINT, member BIGINT, server BIGINT, scope TEXT, words TEXT) RETURNS tsvector
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$ BEGIN
    RETURN CAST(format('#m%s#%s #v%s#%s', member, generation >> 51, server, generation >> 51) || scope || words
        || regexp_replace(words, ' (((((\S\S)\S?)\S?)\S?)\S?)\S*', ' \1* \2* \3* \4* \5*', 'g') AS tsvector); END $$;
TRUNCATE gallery;
DROP INDEX gallery_words;
CREATE INDEX gallery_words ON gallery USING gin (gallery_terms(generation, member, server, scope, words))
    WITH (fastupdate = off);
