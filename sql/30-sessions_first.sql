-- What a visit began with, and its last user, in a form that costs an insert half as much, for tables
-- that had them otherwise (`entry`, `user_id`).  Rows that are there are read, and merged, through
-- these defaults, which take the old states apart; such a state does not say when its user was
-- seen, so that it counts as of the visit's end.
ALTER TABLE sessions
    ADD COLUMN IF NOT EXISTS first AggregateFunction(argMin, String, Int64) DEFAULT arrayReduce('argMinState',
        [concat(tupleElement(finalizeAggregation(entry), 'source'), char(255), tupleElement(finalizeAggregation(entry), 'medium'), char(255), ifNull(tupleElement(finalizeAggregation(entry), 'campaign'), char(254)), char(255), tupleElement(finalizeAggregation(entry), 'source_confidence'), char(255), tupleElement(finalizeAggregation(entry), 'source_rule_id'), char(255), ifNull(tupleElement(finalizeAggregation(entry), 'path'), char(254)), char(255), ifNull(tupleElement(finalizeAggregation(entry), 'url'), char(254)), char(255), ifNull(tupleElement(finalizeAggregation(entry), 'referrer'), char(254)))],
        [toUnixTimestamp64Milli(started_at) * 524288]) COMMENT 'the first event, see sessions_v' CODEC(ZSTD(1)),
    ADD COLUMN IF NOT EXISTS last_user_id AggregateFunction(argMax, Nullable(String), Int64) DEFAULT arrayReduce('argMaxState',
        [finalizeAggregation(user_id)],
        [toUnixTimestamp64Milli(ended_at) * 524288]) COMMENT 'the last one that is not NULL' CODEC(ZSTD(1));
