-- See sql/30-sessions_first.sql.
ALTER TABLE {database:Identifier}.sessions_local ON CLUSTER '{cluster}'
    ADD COLUMN IF NOT EXISTS first AggregateFunction(argMin, String, Int64) DEFAULT arrayReduce('argMinState',
        [concat(tupleElement(finalizeAggregation(entry), 'source'), char(255), tupleElement(finalizeAggregation(entry), 'medium'), char(255), ifNull(tupleElement(finalizeAggregation(entry), 'campaign'), char(254)), char(255), tupleElement(finalizeAggregation(entry), 'source_confidence'), char(255), tupleElement(finalizeAggregation(entry), 'source_rule_id'), char(255), ifNull(tupleElement(finalizeAggregation(entry), 'path'), char(254)), char(255), ifNull(tupleElement(finalizeAggregation(entry), 'url'), char(254)), char(255), ifNull(tupleElement(finalizeAggregation(entry), 'referrer'), char(254)))],
        [toUnixTimestamp64Milli(started_at) * 524288]) COMMENT 'the first event, see sessions_v' CODEC(ZSTD(1)),
    ADD COLUMN IF NOT EXISTS last_user_id AggregateFunction(argMax, Nullable(String), Int64) DEFAULT arrayReduce('argMaxState',
        [finalizeAggregation(user_id)],
        [toUnixTimestamp64Milli(ended_at) * 524288]) COMMENT 'the last one that is not NULL' CODEC(ZSTD(1));
