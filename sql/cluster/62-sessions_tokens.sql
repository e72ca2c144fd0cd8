-- An altered view has other tokens, see 42-daily_rollup_tokens.sql.
RENAME TABLE {database:Identifier}.sessions_mv TO {database:Identifier}.sessions_mv_,
    {database:Identifier}.sessions_mv_ TO {database:Identifier}.sessions_mv ON CLUSTER '{cluster}';
