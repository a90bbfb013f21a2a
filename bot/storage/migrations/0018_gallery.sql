-- Delivered pictures, to be found again: for whom, and by which words. server is 0 where no moderator may see them.
-- scope says for whom, where and which model, words what of the prompt is searched, both as bot/storage/gallery.py writes
-- them; once the prompt is erased, words is empty.
CREATE TABLE gallery (
    generation BIGINT NOT NULL PRIMARY KEY REFERENCES generation (id) ON DELETE CASCADE,
    member BIGINT NOT NULL,
    server BIGINT NOT NULL,
    scope TEXT NOT NULL,
    words TEXT NOT NULL
);

CREATE INDEX gallery_of_member ON gallery (member, generation);
CREATE INDEX gallery_of_server ON gallery (server, generation);
