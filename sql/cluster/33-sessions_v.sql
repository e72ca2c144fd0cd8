-- One row a visit: what `sessions` holds, merged.
CREATE VIEW IF NOT EXISTS {database:Identifier}.sessions_v ON CLUSTER '{cluster}' AS
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
    FROM {database:Identifier}.sessions
    GROUP BY project_id, session_id, anonymous_id
);
