-- Finds the rows of one person without reading the table: for mm-forget, and for questions by id.
-- It costs about one part in a hundred of the table's size.  Parts that were there before have no
-- index, and are read as ever; ALTER TABLE events_local MATERIALIZE INDEX makes them one.
ALTER TABLE {database:Identifier}.events_local ON CLUSTER '{cluster}'
    ADD INDEX IF NOT EXISTS user_id_bloom user_id TYPE bloom_filter(0.01) GRANULARITY 1,
    ADD INDEX IF NOT EXISTS anonymous_id_bloom anonymous_id TYPE bloom_filter(0.01) GRANULARITY 1;
