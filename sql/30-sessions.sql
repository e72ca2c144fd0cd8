-- Visits, as aggregate states; read them through sessions_v.  `first` is what a visit began with, as
-- one text: a state of a tuple costs twice as much, and argMin over a bare Nullable would pass over
-- an entry that is NULL.  Its parts end with the byte 255 and NULL is the byte 254, which occur in no
-- UTF-8.  Events are ordered by milliseconds, and those of one by a hash of event_id.
CREATE TABLE IF NOT EXISTS sessions
(
    project_id UUID,
    session_id String CODEC(ZSTD(1)),
    anonymous_id String CODEC(ZSTD(1)),
    started_at SimpleAggregateFunction(min, DateTime64(3, 'UTC')),
    ended_at SimpleAggregateFunction(max, DateTime64(3, 'UTC')),
    events SimpleAggregateFunction(sum, UInt64),
    first AggregateFunction(argMin, String, Int64) COMMENT 'the first event, see sessions_v' CODEC(ZSTD(1)),
    last_user_id AggregateFunction(argMax, Nullable(String), Int64) COMMENT 'the last one that is not NULL' CODEC(ZSTD(1))
)
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(started_at)
ORDER BY (project_id, session_id, anonymous_id)
SETTINGS non_replicated_deduplication_window = 10000;
