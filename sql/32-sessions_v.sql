-- One row a visit: what `sessions` holds, merged.
CREATE VIEW IF NOT EXISTS sessions_v AS
SELECT
    project_id,
    session_id,
    anonymous_id,
    last_user AS user_id,
    first_time AS started_at,
    last_time AS ended_at,
    event_count AS events,
    nullIf(entry[7], char(254)) AS entry_url,
    nullIf(entry[6], char(254)) AS entry_path,
    nullIf(entry[8], char(254)) AS entry_referrer,
    entry[1] AS entry_source,
    entry[2] AS entry_medium,
    nullIf(entry[3], char(254)) AS entry_campaign,
    entry[4] AS entry_source_confidence,
    entry[5] AS entry_source_rule_id
FROM
(
    SELECT
        project_id,
        session_id,
        anonymous_id,
        argMaxMerge(last_user_id) AS last_user,
        min(started_at) AS first_time,
        max(ended_at) AS last_time,
        sum(events) AS event_count,
        splitByChar(char(255), argMinMerge(first)) AS entry
    FROM sessions
    GROUP BY project_id, session_id, anonymous_id
);
