-- What the common questions read instead of the events: one row a day and combination.
CREATE TABLE IF NOT EXISTS daily_rollup
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
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(day)
ORDER BY (project_id, day, event_name, source, medium, country, device_type)
SETTINGS non_replicated_deduplication_window = 10000;
