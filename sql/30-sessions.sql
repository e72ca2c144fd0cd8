-- Visits, as aggregate states; read them through sessions_v.  `entry` is one tuple, since argMin
-- over a bare Nullable would pass over an entry that is NULL and take a later event's value.
-- Events of one millisecond are ordered by event_id.
CREATE TABLE IF NOT EXISTS sessions
(
    project_id UUID,
    session_id String CODEC(ZSTD(1)),
    anonymous_id String CODEC(ZSTD(1)),
    started_at SimpleAggregateFunction(min, DateTime64(3, 'UTC')),
    ended_at SimpleAggregateFunction(max, DateTime64(3, 'UTC')),
    events SimpleAggregateFunction(sum, UInt64),
    entry AggregateFunction(argMin, Tuple(url Nullable(String), path Nullable(String), referrer Nullable(String), source String, medium String, campaign Nullable(String), source_confidence String, source_rule_id String), Tuple(DateTime64(3, 'UTC'), String)) CODEC(ZSTD(1)),
    user_id AggregateFunction(argMax, Nullable(String), Tuple(DateTime64(3, 'UTC'), String)) COMMENT 'the last one that is not NULL' CODEC(ZSTD(1))
)
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(started_at)
ORDER BY (project_id, session_id, anonymous_id)
SETTINGS non_replicated_deduplication_window = 10000;
