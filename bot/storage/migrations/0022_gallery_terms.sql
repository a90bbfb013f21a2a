-- What is in the gallery is indexed anew in the background, by other terms.
DELETE FROM note WHERE name = 'gallery.indexed';
