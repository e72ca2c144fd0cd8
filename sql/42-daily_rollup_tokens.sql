-- A view that was altered gives its blocks other deduplication tokens until the server starts
-- anew, and then the old ones again: a batch that comes again would be counted again.  Under a
-- name that it is given, it has those that go with the name.
RENAME TABLE daily_rollup_mv TO daily_rollup_mv_, daily_rollup_mv_ TO daily_rollup_mv;
