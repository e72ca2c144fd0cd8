-- See sql/20-daily_rollup.sql.
CREATE TABLE IF NOT EXISTS {database:Identifier}.daily_rollup_local ON CLUSTER '{cluster}'
(
    project_id UUID,
    day Date COMMENT 'UTC',
    event_name LowCardinality(String),
    source LowCardinality(String),
    medium LowCardinality(String),
    country LowCardinality(String),
    device_type LowCardinality(String),
    events SimpleAggregateFunction(sum, UInt64),
    uniques AggregateFunction(uniq, String) COMMENT 'of anonymous_id; read with uniqMerge'
)
ENGINE = ReplicatedAggregatingMergeTree('/clickhouse/tables/{shard}/{database}/{table}', '{replica}')
PARTITION BY toYYYYMM(day)
ORDER BY (project_id, day, event_name, source, medium, country, device_type)
SETTINGS replicated_deduplication_window = 10000, replicated_deduplication_window_seconds = 604800;
