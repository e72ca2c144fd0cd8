-- The events of one shard; see sql/10-events.sql for the columns.  The path names no UUID, so that
-- a replica which comes later finds the others.  The second setting is an hour by default.  All names
-- in these files are whole ones: the other servers do not know which database we are in.
CREATE TABLE IF NOT EXISTS {database:Identifier}.events_local ON CLUSTER '{cluster}'
(
    project_id UUID,
    timestamp DateTime64(3, 'UTC') COMMENT 'when it happened, UTC' CODEC(Delta(8), ZSTD(1)),
    event_name LowCardinality(String),
    event_id String COMMENT 'empty when the sender gave none' CODEC(ZSTD(1)),
    anonymous_id String CODEC(ZSTD(1)),
    user_id Nullable(String) CODEC(ZSTD(1)),
    session_id String CODEC(ZSTD(1)),
    source LowCardinality(String),
    medium LowCardinality(String),
    campaign LowCardinality(Nullable(String)),
    source_confidence LowCardinality(String) COMMENT 'high, medium or low',
    source_rule_id LowCardinality(String) COMMENT 'the classifier rule that fired',
    url Nullable(String) CODEC(ZSTD(1)),
    path Nullable(String) CODEC(ZSTD(1)),
    referrer Nullable(String) CODEC(ZSTD(1)),
    country LowCardinality(String) COMMENT 'ISO 3166-1 alpha-2, empty when unknown',
    device_type LowCardinality(String),
    browser LowCardinality(String),
    os LowCardinality(String),
    ip_hash String COMMENT 'changes with every day; never the address' CODEC(ZSTD(1)),
    properties String COMMENT 'the text of a JSON object' CODEC(ZSTD(1))
)
ENGINE = ReplicatedMergeTree('/clickhouse/tables/{shard}/{database}/{table}', '{replica}')
PARTITION BY toYYYYMM(timestamp)
ORDER BY (project_id, timestamp, event_id)
SETTINGS replicated_deduplication_window = 10000, replicated_deduplication_window_seconds = 604800;
