-- Since ClickHouse 24.2: see 43-daily_rollup_definer.sql.
ALTER TABLE sessions_mv MODIFY SQL SECURITY DEFINER DEFINER = CURRENT_USER;
