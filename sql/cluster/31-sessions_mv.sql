CREATE MATERIALIZED VIEW IF NOT EXISTS {database:Identifier}.sessions_mv ON CLUSTER '{cluster}' TO {database:Identifier}.sessions_local AS
SELECT
    project_id,
    session_id,
    anonymous_id,
    min(timestamp) AS started_at,
    max(timestamp) AS ended_at,
    count() AS events,
    argMinState(
        concat(source, char(255), medium, char(255), ifNull(campaign, char(254)), char(255), source_confidence, char(255), source_rule_id, char(255), ifNull(path, char(254)), char(255), ifNull(url, char(254)), char(255), ifNull(referrer, char(254))),
        toUnixTimestamp64Milli(timestamp) * 524288 + bitAnd(cityHash64(event_id), 524287)) AS first,
    argMaxState(user_id, toUnixTimestamp64Milli(timestamp) * 524288 + bitAnd(cityHash64(event_id), 524287)) AS last_user_id
FROM {database:Identifier}.events_local
GROUP BY project_id, session_id, anonymous_id;
