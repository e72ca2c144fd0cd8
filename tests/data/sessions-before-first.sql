-- What sql/ made of sessions before 30-sessions_first.sql.
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
CREATE MATERIALIZED VIEW IF NOT EXISTS sessions_mv TO sessions AS
SELECT
    project_id,
    session_id,
    anonymous_id,
    min(timestamp) AS started_at,
    max(timestamp) AS ended_at,
    count() AS events,
    argMinState(
        CAST((url, path, referrer, source, medium, campaign, source_confidence, source_rule_id),
            'Tuple(url Nullable(String), path Nullable(String), referrer Nullable(String), source String, medium String, campaign Nullable(String), source_confidence String, source_rule_id String)'),
        (timestamp, event_id)) AS entry,
    argMaxState(user_id, (timestamp, event_id)) AS user_id
FROM events
GROUP BY project_id, session_id, anonymous_id;
CREATE VIEW IF NOT EXISTS sessions_v AS
SELECT
    project_id,
    session_id,
    anonymous_id,
    last_user_id AS user_id,
    first_time AS started_at,
    last_time AS ended_at,
    event_count AS events,
    tupleElement(first_entry, 'url') AS entry_url,
    tupleElement(first_entry, 'path') AS entry_path,
    tupleElement(first_entry, 'referrer') AS entry_referrer,
    tupleElement(first_entry, 'source') AS entry_source,
    tupleElement(first_entry, 'medium') AS entry_medium,
    tupleElement(first_entry, 'campaign') AS entry_campaign,
    tupleElement(first_entry, 'source_confidence') AS entry_source_confidence,
    tupleElement(first_entry, 'source_rule_id') AS entry_source_rule_id
FROM
(
    SELECT
        project_id,
        session_id,
        anonymous_id,
        argMaxMerge(user_id) AS last_user_id,
        min(started_at) AS first_time,
        max(ended_at) AS last_time,
        sum(events) AS event_count,
        argMinMerge(entry) AS first_entry
    FROM sessions
    GROUP BY project_id, session_id, anonymous_id
);

ALTER TABLE sessions_mv MODIFY SQL SECURITY DEFINER DEFINER = CURRENT_USER;
RENAME TABLE sessions_mv TO sessions_mv_, sessions_mv_ TO sessions_mv;
ALTER TABLE sessions MODIFY SETTING remove_empty_parts = 0;
