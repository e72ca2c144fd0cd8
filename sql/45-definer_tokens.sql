-- Since ClickHouse 24.2: an altered view has other tokens, see 42-daily_rollup_tokens.sql.
RENAME TABLE daily_rollup_mv TO daily_rollup_mv_, daily_rollup_mv_ TO daily_rollup_mv,
    sessions_mv TO sessions_mv_, sessions_mv_ TO sessions_mv;
