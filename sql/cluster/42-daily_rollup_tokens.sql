-- A view that was altered gives its blocks other deduplication tokens until the server starts
-- anew, and then the old ones again: a batch that comes again would be counted again.  Under a
-- name that it is given, it has those that go with the name.
RENAME TABLE {database:Identifier}.daily_rollup_mv TO {database:Identifier}.daily_rollup_mv_,
    {database:Identifier}.daily_rollup_mv_ TO {database:Identifier}.daily_rollup_mv ON CLUSTER '{cluster}';
