-- Pictures that came inside the image API's answer, until they are delivered; position as in sources.
CREATE TABLE picture (
    generation BIGINT NOT NULL REFERENCES generation (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    content BYTEA NOT NULL,
    PRIMARY KEY (generation, position)
);

-- Sources of a generation that another process delivers already, without these: they came to one that had lost it.
ALTER TABLE generation ADD COLUMN late_sources TEXT;
