-- Who was forgotten, by keyed hashes, so that mm-insert refuses what comes of them later: a replay,
-- a late event.  mm-forget fills it, and makes the key, which stands in a row of kind 0.  What was
-- written here has to outlive a loss of power.
CREATE TABLE IF NOT EXISTS forgotten
(
    project_id UUID,
    kind UInt8 COMMENT '0 the key, 1 user_id, 2 anonymous_id, 3 anonymous_id without a user_id',
    hash String COMMENT 'hexadecimal, see mm-forget(1)',
    since DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC')
)
ENGINE = ReplacingMergeTree
ORDER BY (kind, project_id, hash)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;
