CREATE MATERIALIZED VIEW IF NOT EXISTS {database:Identifier}.sessions_mv ON CLUSTER '{cluster}' TO {database:Identifier}.sessions_local AS
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
FROM {database:Identifier}.events_local
GROUP BY project_id, session_id, anonymous_id;
