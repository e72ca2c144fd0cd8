-- See sql/50-forgotten.sql.  All servers are replicas of this one.
CREATE TABLE IF NOT EXISTS {database:Identifier}.forgotten ON CLUSTER '{cluster}'
(
    project_id UUID,
    kind UInt8 COMMENT '0 the key, 1 user_id, 2 anonymous_id, 3 anonymous_id without a user_id',
    hash String COMMENT 'hexadecimal, see mm-forget(1)',
    since DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC')
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/all/{database}/{table}', '{shard}-{replica}')
ORDER BY (kind, project_id, hash)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;
