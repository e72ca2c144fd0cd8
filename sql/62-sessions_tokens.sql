-- An altered view has other tokens, see 42-daily_rollup_tokens.sql.
RENAME TABLE sessions_mv TO sessions_mv_, sessions_mv_ TO sessions_mv;
