-- daily_rollup counts by Date, which ends in 2149 and begins in 1970: a day outside would be taken
-- for another one.  Such events, of senders with a broken clock, are in events alone.
ALTER TABLE {database:Identifier}.daily_rollup_mv ON CLUSTER '{cluster}' MODIFY QUERY
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
FROM {database:Identifier}.events_local
WHERE toDate32(timestamp) BETWEEN '1970-01-01' AND '2149-06-06'
GROUP BY project_id, day, event_name, source, medium, country, device_type;
