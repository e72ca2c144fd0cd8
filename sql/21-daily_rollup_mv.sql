CREATE MATERIALIZED VIEW IF NOT EXISTS daily_rollup_mv TO daily_rollup AS
SELECT
    project_id,
    toDate(timestamp) AS day,
    event_name,
    source,
    medium,
    country,
    device_type,
    count() AS events,
    uniqState(anonymous_id) AS uniques
FROM events
WHERE toDate32(timestamp) BETWEEN '1970-01-01' AND '2149-06-06'
GROUP BY project_id, day, event_name, source, medium, country, device_type;
