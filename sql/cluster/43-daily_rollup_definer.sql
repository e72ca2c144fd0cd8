-- Since ClickHouse 24.2: see sql/43-daily_rollup_definer.sql.  The user has to be there on all
-- servers.
ALTER TABLE {database:Identifier}.daily_rollup_mv ON CLUSTER '{cluster}'
    MODIFY SQL SECURITY DEFINER DEFINER = CURRENT_USER;
