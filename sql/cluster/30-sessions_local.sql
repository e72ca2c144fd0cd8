-- See sql/30-sessions.sql.
CREATE TABLE IF NOT EXISTS {database:Identifier}.sessions_local ON CLUSTER '{cluster}'
(
    project_id UUID,
    session_id String CODEC(ZSTD(1)),
    anonymous_id String CODEC(ZSTD(1)),
    started_at SimpleAggregateFunction(min, DateTime64(3, 'UTC')),
    ended_at SimpleAggregateFunction(max, DateTime64(3, 'UTC')),
    events SimpleAggregateFunction(sum, UInt64),
    first AggregateFunction(argMin, String, Int64) COMMENT 'the first event, see sessions_v' CODEC(ZSTD(1)),
    last_user_id AggregateFunction(argMax, Nullable(String), Int64) COMMENT 'the last one that is not NULL' CODEC(ZSTD(1))
)
ENGINE = ReplicatedAggregatingMergeTree('/clickhouse/tables/{shard}/{database}/{table}', '{replica}')
PARTITION BY toYYYYMM(started_at)
ORDER BY (project_id, session_id, anonymous_id)
SETTINGS replicated_deduplication_window = 10000, replicated_deduplication_window_seconds = 604800;
